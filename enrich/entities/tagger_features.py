"""Recognised words of a text -> for each word that can be part of a name, what speaks for its being one. Pure.

Runs: words that can be names (a capital, or what the model recognised), and small words that join them ("of", "de").
A feature is a readable string; how much each says is learnt (training/train_tagger.py), not written here.
"""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from enrich.entities.ner_decoder import Leaning, Span
from enrich.entities.recogniser import Recognised
from enrich.gazetteer import LONGEST, Words

ENDS = frozenset('.!?:\n"“”‘(;•–—|')
QUOTES = frozenset("\"“”'‘’`")
MOST_JOINS = 2
NO_KIND = "-"
KINDS = ("organisation", "place", "other", "saying", "titles", "before_place")  # the first that has a word is its kind


class Run(NamedTuple):
    """Words from `start` to before `end` that are decided together."""

    start: int
    end: int
    features: list[list[str]]  # of each word


class Sight(NamedTuple):
    """What is seen of a text."""

    words: Sequence[str]
    lower: Sequence[str]
    labels: Sequence[str]  # the model's: "B-PERSON", "I-PERSON", "O"
    shapes: Sequence[str]
    phrases: Sequence[str]  # what the list of names has: "B-city", "I-city+given", ""
    leanings: Sequence[Leaning]
    kinds: Sequence[str]  # what each word says of those beside it


def runs(text: Recognised, known: dict[str, tuple[str, ...]], around: Words) -> Iterator[Run]:
    """The runs of a text."""
    words, _, spans, leanings, _ = text
    lower = [word.lower() for word in words]
    shapes = [_shape(word) for word in words]
    may = [shape[0] in "Xx" and shape != "x" for shape in shapes]
    labels = _labels(len(words), spans)
    may = [maybe or label != "O" for maybe, label in zip(may, labels, strict=True)]
    sight = Sight(words, lower, labels, shapes, _phrases(lower, may, known), leanings, _kinds(lower, around))
    for start, end in _bounds(may, lower, around.joins):
        yield Run(
            start,
            end,
            [[*_of_word(sight, at), *_of_place(sight, at, (start, end))] for at in range(start, end)],
        )


def _bounds(may: Sequence[bool], lower: Sequence[str], joins: frozenset[str]) -> Iterator[tuple[int, int]]:
    at, count = 0, len(may)
    while at < count:
        if not may[at]:
            at += 1
            continue
        end, ahead = at + 1, at + 1
        while ahead < count and ahead - end <= MOST_JOINS and (may[ahead] or lower[ahead] in joins):
            ahead += 1
            if may[ahead - 1]:
                end = ahead
        yield at, end
        at = end


def _labels(count: int, spans: Sequence[Span]) -> list[str]:
    labels = ["O"] * count
    for start, end, label in spans:
        labels[start:end] = [f"B-{label}", *[f"I-{label}"] * (end - start - 1)]
    return labels


@lru_cache(20_000)
def _shape(word: str) -> str:
    """ "Xx", "XX", "X.", "xX", "X" for names, "x" for other words, "9" for numbers, else the character itself."""
    if word.islower():
        return "x"
    first = word[0]
    if not any(c.isalpha() for c in word):
        return "9" if any(c.isdigit() for c in word) else f"-{first}"
    if word.isupper():
        return f"X{'.' if '.' in word else 'X' * min(len(word) - 1, 4)}{'9' if any(c.isdigit() for c in word) else ''}"
    if first.isupper():
        return "Xx" if word[1:].islower() else "XxX"
    return "xX" if any(c.isupper() for c in word) else "x9"


def _phrases(lower: Sequence[str], may: Sequence[bool], known: dict[str, tuple[str, ...]]) -> list[str]:
    found = [""] * len(lower)
    at = 0
    while at < len(lower):
        length, kinds = _longest(lower, at, known) if may[at] else (0, ())
        if kinds:
            name = "+".join(kinds)
            found[at : at + length] = [f"B{min(length, 3)}-{name}", *[f"I-{name}"] * (length - 1)]
        at += max(length, 1)
    return found


def _longest(lower: Sequence[str], at: int, known: dict[str, tuple[str, ...]]) -> tuple[int, tuple[str, ...]]:
    for length in range(min(LONGEST, len(lower) - at), 0, -1):
        kinds = known.get(" ".join(lower[at : at + length]))
        if kinds:
            return length, kinds
    return 0, ()


# --- features ---


def _of_word(sight: Sight, at: int) -> Iterator[str]:
    word, label, shape, phrase = sight.lower[at], sight.labels[at], sight.shapes[at], sight.phrases[at]
    before = sight.labels[at - 1] if at else "O"
    after = sight.labels[at + 1] if at + 1 < len(sight.labels) else "O"
    yield "any"
    yield f"word {word}"
    yield f"ends {word[-3:]}"
    yield f"shape {shape}"
    yield f"model {label}"
    yield f"model {label} shape {shape}"
    yield f"model before {before}"
    yield f"model after {after}"
    yield f"model {before} {label} {after}"
    if sight.leanings:
        first, second, margin = sight.leanings[at]
        yield f"leaning {first} {second} {int(min(margin, 6))}"
        yield f"leaning {first} {second}"
    yield f"list {phrase}"
    yield f"list {phrase} model {label}"
    yield f"list {phrase} shape {shape}"


def _of_place(sight: Sight, at: int, run: tuple[int, int]) -> Iterator[str]:
    start, end = run
    before = sight.lower[at - 1] if at else "^"
    after = sight.lower[at + 1] if at + 1 < len(sight.lower) else "$"
    outer = sight.lower[start - 1] if start else "^"
    following = sight.lower[end] if end < len(sight.lower) else "$"
    kinds, last = sight.kinds, len(sight.kinds) - 1
    outer_kind = kinds[start - 1] if start else NO_KIND
    begins = at == 0 or sight.words[at - 1] in ENDS
    label = sight.labels[at]
    yield f"before {before}"
    yield f"after {after}"
    yield f"before {kinds[at - 1] if at else NO_KIND} {sight.shapes[at - 1] if at else '^'}"
    yield f"after {kinds[at + 1] if at < last else NO_KIND} {sight.shapes[at + 1] if at < last else '$'}"
    yield f"around {outer_kind} {kinds[end] if end <= last else NO_KIND}"
    yield f"outer {outer}"
    yield f"following {following}"
    yield f"begins {begins} {sight.shapes[at]}"
    yield f"begins {begins} model {label}"
    yield f"last {kinds[end - 1]} {end - 1 == at} model {label}"
    yield f"last word {sight.lower[end - 1]}"
    yield f"itself {kinds[at]}"
    yield f"long {min(end - start, 5)} {min(at - start, 3)}"
    yield f"long {min(end - start, 5)} {sight.phrases[at]}"
    yield f"list before {sight.phrases[at - 1] if at else ''}"
    yield f"list after {sight.phrases[at + 1] if at + 1 < len(sight.lower) else ''}"
    for kind in sorted({*kinds[start:end]} - {NO_KIND}):
        yield f"holds {kind} model {label}"


def _kinds(lower: Sequence[str], around: Words) -> list[str]:
    known = _known_kinds(around)
    return [known.get(word.rstrip("."), NO_KIND) for word in lower]


@cache
def _known_kinds(around: Words) -> dict[str, str]:
    return {word: name for name in reversed(KINDS) for word in getattr(around, name)}
