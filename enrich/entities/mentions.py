"""Title, text and language -> the names in them, where they stand, and what each is taken for.

English, and every language whose pipeline is named in the settings, by a model (`recogniser`); English besides by what
was learnt on top of it (`tagger`). All others by a plain rule that says so: capitalised words that follow each other
and do not begin a sentence (in German, where every noun is capitalised, two words or more). Scripts without capitals,
and texts in no known language, yield none.

Time is bounded whatever the text: a number of words, of characters for each word, and no long runs of punctuation.
What is read has as many characters as what was written, so places in one are places in the other.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal, NamedTuple

from enrich import gazetteer
from enrich.entities import name_keys, tagger, tagger_features
from enrich.entities.recogniser import Recognised, name_of, recognise

ENGLISH = "en"
UNKNOWN = "unknown"
TITLE_CHARACTERS = 400
CHARACTERS_PER_WORD = 12
LONGEST_REST = 2  # words of a title that stand behind a name, of which they are no part
INTRODUCED = range(2, 4)  # words of a name
Kind = Literal["PER", "ORG", "LOC", "OTHER"]
By = Literal["model", "rules", "none"]
LABELS: dict[str, Kind] = {
    **dict.fromkeys(("PERSON", "PER"), "PER"),
    "ORG": "ORG",
    **dict.fromkeys(("GPE", "LOC", "FAC"), "LOC"),
    **dict.fromkeys(("NORP", "EVENT", "PRODUCT", "WORK_OF_ART", "LAW", "MISC"), "OTHER"),
}
PARTICLE_WORDS = "al ben bin da de del della den der di do dos du el ibn la le van von zu"
PARTICLES = frozenset(PARTICLE_WORDS.split())
NOUNS_ARE_CAPITALISED = frozenset(("de", "lb"))
NOT_SPACE = re.compile(r"\S+")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]")
LONG_RUN = re.compile(r"(?<=[^\w\s]{3})[^\w\s]+")
LONG_WORD = re.compile(r"\S{81,}")
TOKEN = re.compile(r"\b[^\W\d_]{1,2}['’](?=\w)|\w[\w'’-]*|[^\w\s]|\n")  # first "l'", "d'": they are no part of a name
INSIDE_SENTENCE = frozenset(",-–'’")


class Passage(NamedTuple):
    """What is read: title, text, language."""

    title: str
    text: str
    language: str


class Mention(NamedTuple):
    """A name where it stands: from `start` to before `end`, in characters of what is read."""

    start: int
    end: int
    kind: Kind


class Reading(NamedTuple):
    """What was read, its names in their order, and how they were found."""

    text: str
    mentions: list[Mention]
    by: By


def find(passages: Sequence[Passage], words: int, models: Mapping[str, str]) -> list[Reading]:
    """The names of each passage, from its title and its first `words` words; `models` are packages by language."""
    texts = [beginning(passage, words) for passage in passages]
    found: dict[int, list[Mention]] = {}
    for language, package in models.items():
        chosen = [at for at, passage in enumerate(passages) if passage.language == language]
        recognised = recognise([texts[at] for at in chosen], package)
        learnt = language == ENGLISH and name_of(package) == tagger.over()
        weights = tagger.weights() if learnt else None
        found |= {at: of_model(text, weights) for at, text in zip(chosen, recognised, strict=True)}
    return [
        Reading(text, found[at], "model") if at in found else _by_rules(text, passages[at].language)
        for at, text in enumerate(texts)
    ]


def beginning(passage: Passage, words: int) -> str:
    """The title, a line feed and the first words, harmless and each character in its place."""
    text = passage.text[: words * CHARACTERS_PER_WORD]
    ends = [word.end() for word in islice(NOT_SPACE.finditer(text), words)]
    raw = f"{passage.title[:TITLE_CHARACTERS]}\n{text[: ends[-1] if ends else 0]}"
    for pattern in (CONTROL, LONG_RUN, LONG_WORD):
        raw = pattern.sub(_blank, raw)
    return raw


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


# --- by a model ---


def of_model(text: Recognised, weights: tagger.Weights | None) -> list[Mention]:
    """The names of a recognised text."""
    if weights is None:
        spans = [(each.start, each.end, LABELS[each.label]) for each in text.spans if each.label in LABELS]
        return _mended(text, spans)
    runs = list(tagger_features.runs(text, gazetteer.phrases(ENGLISH), gazetteer.words()))
    tagged: list[tuple[int, int, Kind]] = [(a, b, LABELS[label]) for a, b, label in tagger.tag(runs, text, weights)]
    taken = {at for start, end, _ in tagged for at in range(start, end)}
    tagged += [(start, end, "PER") for start, end in introduced(text.words) if taken.isdisjoint(range(start, end))]
    taken |= {at for start, end, _ in tagged for at in range(start, end)}
    others = (each for each in text.spans if LABELS.get(each.label) == "OTHER")
    left = [(a, b, LABELS[label]) for a, b, label in others if taken.isdisjoint(range(a, b))]
    return _mended(text, sorted([*tagged, *left]))


def introduced(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Two or three capitalised words behind a title that is none itself: "spokesperson Öncü Keçeli" is a person."""
    titles = gazetteer.words().titles
    for at, word in enumerate(words):
        if word in titles:
            end = at + 1
            while end < len(words) and words[end][0].isupper() and words[end].isalpha():
                end += 1
            if end - at - 1 in INTRODUCED:
                yield at + 1, end


def plain(text: Recognised) -> Iterator[Mention]:
    """The model's own entities, article and possessive cut off: what ours is measured against."""
    for span in text.spans:
        start, end = _trimmed(text.words, span.start, span.end)
        if span.label in LABELS and end > start:
            last = end - 1
            yield Mention(text.starts[start], text.starts[last] + len(text.words[last]), LABELS[span.label])


def _mended(text: Recognised, spans: Iterable[tuple[int, int, Kind]]) -> list[Mention]:
    """The mentions of spans of words: without what is no part of a name, a country before a title on its own."""
    found = []
    lines = (line for span in spans for line in _lines(text.words, *span))
    for start, end, kind in (part for line in lines for part in _parted(text.words, *line)):
        first, last = _trimmed(text.words, start, end)
        phrase = " ".join(text.words[first:last]).lower()
        of_people = phrase in gazetteer.demonyms()
        if last > first and phrase not in gazetteer.words().alone:
            stop = text.starts[last - 1] + len(text.words[last - 1])
            found.append(Mention(text.starts[first], stop, "OTHER" if of_people else kind))
    return found


def _lines(words: Sequence[str], start: int, end: int, kind: Kind) -> Iterator[tuple[int, int, Kind]]:
    """No name goes on in the next line: what follows a title is the text."""
    for at in range(start, end):
        if "\n" in words[at]:
            yield start, at, kind
            start = at + 1
    if start < end:
        yield start, end, kind


def _parted(words: Sequence[str], start: int, end: int, kind: Kind) -> Iterator[tuple[int, int, Kind]]:
    """ "U.S. Secretary of State Antony Blinken" is a country and a person, whatever a model takes it for."""
    if _country_before_title(words, start, end):
        yield start, start + 1, "LOC"
        return
    lower = [word.lower() if word.count(".") > 1 else word.lower().rstrip(".") for word in words[start:end]]
    at, length = titles_in(lower, kind == "PER")
    if at + length == 0:
        yield start, end, kind
        return
    before = gazetteer.phrases(ENGLISH).get(" ".join(lower[:at]), ())
    if "country" in before:
        yield start, start + at, "LOC"
    elif at and "people" not in before and kind != "PER":
        yield start, start + at, kind
    if at + length < end - start:
        yield start + at + length, end, "PER"


def _country_before_title(words: Sequence[str], start: int, end: int) -> bool:
    """Whether it is a country and the beginning of a title: "US Defense" of "US Defense Secretary Lloyd Austin"."""
    lower = [word.lower() for word in words[start : end + LONGEST_REST]]
    if end - start < 2 or "country" not in gazetteer.phrases(ENGLISH).get(lower[0], ()):
        return False
    titles = gazetteer.words().titles
    return any(" ".join(lower[1:stop]) in titles for stop in range(end - start, len(lower) + 1))


def titles_in(lower: Sequence[str], person: bool) -> tuple[int, int]:
    """Where titles begin in the words of a name, and how many words they are; zero words where there are none.

    Of one word ("King") only before a person's name; of more ("Secretary of State") anywhere, and before what follows.
    """
    known, titles = gazetteer.phrases(ENGLISH), gazetteer.words().titles
    first = 0
    while (
        person
        and first < 2
        and first < len(lower) - 1
        and {"people", "country"} & {*known.get(" ".join(lower[: first + 1]), ())}
    ):
        first += 1
    end = first + len(lower[first:]) - len(name_keys.without_titles(list(lower[first:])))
    if person and end > first:
        return first, end - first
    for at in range(len(lower) - 1):
        for length in (3, 2):
            if " ".join(lower[at : at + length]) in titles and len(lower[at : at + length]) == length:
                rest = name_keys.without_titles(list(lower[at:])) if at + length < len(lower) else []
                return at, len(lower) - at - len(rest)
    return 0, 0


def _trimmed(words: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """The span without an article before it and a possessive behind it; nothing where no letter is left."""
    while end > start and (words[end - 1] in ("'s", "’s", "'", "’") or words[end - 1].isspace()):
        end -= 1
    while end - start > 1 and (words[start].lower() in ("the", "a", "an") or words[start].isspace()):
        start += 1
    return start, end if any(c.isalpha() for word in words[start:end] for c in word) else start


# --- by rules ---


def _by_rules(text: str, language: str) -> Reading:
    if language == UNKNOWN:
        return Reading(text, [], "none")
    least = 2 if language in NOUNS_ARE_CAPITALISED else 1
    found = [run for run in _runs(text) if len(run) >= least]
    return Reading(text, [_guessed(text, run, language) for run in found], "rules")


def _guessed(text: str, run: list[re.Match[str]], language: str) -> Mention:
    start, end = run[0].start(), run[-1].end()
    known = gazetteer.phrases(language)
    kinds = known.get(gazetteer.plain(text[start:end]), ())
    if {"country", "city", "part"} & {*kinds}:
        return Mention(start, end, "LOC")
    first = known.get(run[0][0].lower(), ())
    return Mention(
        start, end, "PER" if len(run) > 1 and "given" in first else "ORG" if "organisation" in kinds else "OTHER"
    )


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
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
