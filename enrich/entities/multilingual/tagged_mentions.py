"""Tagged mentions: finds the names of a text by the multilingual tagger, as they stand in lists of names.

In: a text and its language, one of LANGUAGES. Out: its mentions, without titles, and none that goes on from one line
into the next. Countries that the tagger has missed are added. Pure but for reading the tagger's weights once.
"""

from collections.abc import Iterator, Sequence

from enrich.entities import name_keys
from enrich.entities.mention import Mention, MentionKind
from enrich.entities.multilingual.convolution_tagger import load_tagger
from enrich.entities.multilingual.country_names import find_countries
from enrich.entities.multilingual.text_words import TextWords, split_text
from enrich.entities.multilingual.title_words import cut_titles
from enrich.entities.ner_decoder import EntitySpan

# those that the tagger was trained on, and those that it was measured on: docs/decisions/0016 has the figures
LANGUAGE_CODES = "de es fr it pt pl ru uk tr id hi ur bn zh ja hr bs sr sk en"
LANGUAGES = frozenset(LANGUAGE_CODES.split())
LEAST_COUNTRIES = 2  # of a span that is no place but a list: "Turquie et de l'Allemagne"
KIND_OF_LABEL: dict[str, MentionKind] = {"PER": "PER", "ORG": "ORG", "LOC": "LOC"}


def find_mentions(text: str, language: str) -> list[Mention]:
    """The names of a text, in reading order."""
    words = split_text(text)
    spans = _with_countries(load_tagger().find_names(words, language), words, language)
    parts = (span._replace(start=a, end=b) for span in spans for a, b in _lines(words.words, span))
    return [found for part in parts if (found := _mention(text, words, part, language))]


def _with_countries(spans: Sequence[EntitySpan], words: TextWords, language: str) -> list[EntitySpan]:
    """The spans and the countries that they missed; a place that holds two countries is those two."""
    countries = [EntitySpan(start, end, "LOC") for start, end in find_countries(words.words, language)]
    inside = [[each for each in countries if span.start <= each.start and each.end <= span.end] for span in spans]
    kept = [span for span, own in zip(spans, inside, strict=True) if span.label != "LOC" or len(own) < LEAST_COUNTRIES]
    taken = {at for span in kept for at in range(span.start, span.end)}
    return sorted([*kept, *(each for each in countries if taken.isdisjoint(range(each.start, each.end)))])


def _mention(text: str, words: TextWords, span: EntitySpan, language: str) -> Mention | None:
    """The mention of a span; None where no letter is left of it."""
    at, stop, label = span
    if label == "PER":
        at, stop = cut_titles(words.words, at, stop, language)
    at, stop = _trim(words.words, at, stop)
    if at == stop:
        return None
    start, end = words.starts[at], words.starts[stop - 1] + len(words.words[stop - 1])
    return Mention(start, end, _kind(text[start:end], label, language))


def _kind(name: str, label: str, language: str) -> MentionKind:
    """The kind that the tagger says; a country is a place whatever it says."""
    is_country = name_keys.name_key(name, language) in name_keys.country_codes_by_key()
    return "LOC" if is_country else KIND_OF_LABEL[label]


def _lines(words: Sequence[str], span: EntitySpan) -> Iterator[tuple[int, int]]:
    """The parts of a span that line feeds part."""
    start = span.start
    for at in range(span.start, span.end):
        if words[at] == "\n":
            yield start, at
            start = at + 1
    yield start, span.end


def _trim(words: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """The span without marks at its edges; empty where no letter is left. "Jr." keeps its full stop's place."""
    while end > start and not any(c.isalnum() for c in words[end - 1]):
        end -= 1
    while start < end and not any(c.isalnum() for c in words[start]):
        start += 1
    return start, end if any(c.isalpha() for word in words[start:end] for c in word) else start
