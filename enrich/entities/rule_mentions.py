"""Mentions by rules: finds names in a text of a language for which no model was trained.

In: a text and its language. Out: its mentions. Names are runs of capitalised words that do not begin a sentence, of two
words or more where every noun is capitalised. None are found in scripts without capitals. Pure.
"""

import re
from collections.abc import Iterator

from enrich import gazetteer
from enrich.entities.mention import Mention

PARTICLE_WORDS = "al ben bin da de del della den der di do dos du el ibn la le van von zu"
PARTICLES = frozenset(PARTICLE_WORDS.split())
NOUNS_ARE_CAPITALISED = frozenset(("de", "lb"))
# "l'" and "d'" come first, for they are no part of a name
TOKEN = re.compile(r"\b[^\W\d_]{1,2}['’](?=\w)|\w[\w'’-]*|[^\w\s]|\n")
INSIDE_SENTENCE = frozenset(",-–'’")


def mentions_by_rules(text: str, language: str) -> list[Mention]:
    """The names of a text."""
    least = 2 if language in NOUNS_ARE_CAPITALISED else 1
    return [_guess_mention(text, run, language) for run in _capitalised_runs(text) if len(run) >= least]


def _guess_mention(text: str, run: list[re.Match[str]], language: str) -> Mention:
    start, end = run[0].start(), run[-1].end()
    known = gazetteer.phrase_kinds(language)
    kinds = known.get(gazetteer.normalise_phrase(text[start:end]), ())
    if {"country", "city", "part"} & {*kinds}:
        return Mention(start, end, "LOC")
    first = known.get(run[0][0].lower(), ())
    return Mention(
        start, end, "PER" if len(run) > 1 and "given" in first else "ORG" if "organisation" in kinds else "OTHER"
    )


def _capitalised_runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Capitalised words that follow each other within a sentence, particles between them ("Ursula von der Leyen")."""
    run: list[re.Match[str]] = []
    begins = True
    for token in TOKEN.finditer(f"{text}\n"):
        word = token[0]
        if (word[0].isupper() and not begins) or (run and word in PARTICLES):
            run.append(token)
        else:
            yield from _without_particles(run)
            run = []
        begins = not (word[0].isalnum() or word in INSIDE_SENTENCE)


def _without_particles(run: list[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    while run and run[-1][0] in PARTICLES:
        run = run[:-1]
    if run:
        yield run
