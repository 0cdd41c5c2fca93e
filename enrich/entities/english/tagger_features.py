"""Tagger features: finds the runs of words that can be names, and the features of each word that the tagger weighs.

In: a text that spaCy has read. Out: its candidate runs. A run consists of words that can be part of a name
(capitalised, or recognised by the model) and of small words that join them ("of", "de").

A feature is a readable string, such as "before mr" or "list B1-city". The strings are keys of the weights in
tagger.json, so to change one is to train anew (training/train_tagger.py). Pure.
"""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from enrich.entities.english.recogniser import RecognisedText
from enrich.entities.ner_decoder import EntitySpan, LabelRanking
from enrich.gazetteer import LONGEST_PHRASE, ContextWords, PhraseKinds

SENTENCE_ENDS = frozenset('.!?:\n"“”‘(;•–—|')
MOST_JOINING_WORDS = 2  # between two words of a run
NO_KIND = "-"
# fields of ContextWords; the first that has a word is its kind
CONTEXT_KINDS = ("organisation", "place", "other", "saying", "titles", "before_place")


class CandidateRun(NamedTuple):
    """Words from `start` to before `end` that are tagged together."""

    start: int
    end: int
    features: list[list[str]]  # of each of its words


class TextObservations(NamedTuple):
    """What the features are made of, for each word of a text."""

    words: Sequence[str]
    lower: Sequence[str]
    labels: Sequence[str]  # the model's: "B-PERSON", "I-PERSON", "O"
    shapes: Sequence[str]
    phrases: Sequence[str]  # what the gazetteer has: "B1-city", "I-city+given", ""
    label_rankings: Sequence[LabelRanking]
    kinds: Sequence[str]  # what the word says of those beside it: one of CONTEXT_KINDS


def candidate_runs(
    text: RecognisedText, phrase_kinds: PhraseKinds, context_words: ContextWords
) -> Iterator[CandidateRun]:
    """The candidate runs of a text with their features, in reading order.

    `phrase_kinds` and `context_words` are those of the gazetteer.
    """
    words, _, spans, label_rankings, _ = text
    lower = [word.lower() for word in words]
    shapes = [_shape(word) for word in words]
    may_be_name = [shape[0] in "Xx" and shape != "x" for shape in shapes]
    labels = _model_labels(len(words), spans)
    may_be_name = [capital or label != "O" for capital, label in zip(may_be_name, labels, strict=True)]
    phrases, kinds = _phrase_tags(lower, may_be_name, phrase_kinds), _context_kinds(lower, context_words)
    seen = TextObservations(words, lower, labels, shapes, phrases, label_rankings, kinds)
    for start, end in _run_bounds(may_be_name, lower, context_words.joins):
        places = range(start, end)
        features = [[*_word_features(seen, at), *_context_features(seen, at, (start, end))] for at in places]
        yield CandidateRun(start, end, features)


def _run_bounds(may_be_name: Sequence[bool], lower: Sequence[str], joins: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Start and end of each run of words that may be names, joining words between them included."""
    at, count = 0, len(may_be_name)
    while at < count:
        if not may_be_name[at]:
            at += 1
            continue
        end, ahead = at + 1, at + 1
        while ahead < count and ahead - end <= MOST_JOINING_WORDS and (may_be_name[ahead] or lower[ahead] in joins):
            ahead += 1
            if may_be_name[ahead - 1]:
                end = ahead
        yield at, end
        at = end


def _model_labels(count: int, spans: Sequence[EntitySpan]) -> list[str]:
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


def _phrase_tags(lower: Sequence[str], may_be_name: Sequence[bool], phrase_kinds: PhraseKinds) -> list[str]:
    found = [""] * len(lower)
    at = 0
    while at < len(lower):
        length, kinds = _longest_phrase(lower, at, phrase_kinds) if may_be_name[at] else (0, ())
        if kinds:
            name = "+".join(kinds)
            found[at : at + length] = [f"B{min(length, 3)}-{name}", *[f"I-{name}"] * (length - 1)]
        at += max(length, 1)
    return found


def _longest_phrase(lower: Sequence[str], at: int, phrase_kinds: PhraseKinds) -> tuple[int, tuple[str, ...]]:
    for length in range(min(LONGEST_PHRASE, len(lower) - at), 0, -1):
        kinds = phrase_kinds.get(" ".join(lower[at : at + length]))
        if kinds:
            return length, kinds
    return 0, ()


# --- features ---


def _word_features(seen: TextObservations, at: int) -> Iterator[str]:
    word, label, shape, phrase = seen.lower[at], seen.labels[at], seen.shapes[at], seen.phrases[at]
    before = seen.labels[at - 1] if at else "O"
    after = seen.labels[at + 1] if at + 1 < len(seen.labels) else "O"
    yield "any"
    yield f"word {word}"
    yield f"ends {word[-3:]}"
    yield f"shape {shape}"
    yield f"model {label}"
    yield f"model {label} shape {shape}"
    yield f"model before {before}"
    yield f"model after {after}"
    yield f"model {before} {label} {after}"
    if seen.label_rankings:
        first, second, margin = seen.label_rankings[at]
        yield f"leaning {first} {second} {int(min(margin, 6))}"
        yield f"leaning {first} {second}"
    yield f"list {phrase}"
    yield f"list {phrase} model {label}"
    yield f"list {phrase} shape {shape}"


def _context_features(seen: TextObservations, at: int, run: tuple[int, int]) -> Iterator[str]:
    start, end = run
    before = seen.lower[at - 1] if at else "^"
    after = seen.lower[at + 1] if at + 1 < len(seen.lower) else "$"
    outer = seen.lower[start - 1] if start else "^"
    following = seen.lower[end] if end < len(seen.lower) else "$"
    kinds, last = seen.kinds, len(seen.kinds) - 1
    outer_kind = kinds[start - 1] if start else NO_KIND
    begins = at == 0 or seen.words[at - 1] in SENTENCE_ENDS
    label = seen.labels[at]
    yield f"before {before}"
    yield f"after {after}"
    yield f"before {kinds[at - 1] if at else NO_KIND} {seen.shapes[at - 1] if at else '^'}"
    yield f"after {kinds[at + 1] if at < last else NO_KIND} {seen.shapes[at + 1] if at < last else '$'}"
    yield f"around {outer_kind} {kinds[end] if end <= last else NO_KIND}"
    yield f"outer {outer}"
    yield f"following {following}"
    yield f"begins {begins} {seen.shapes[at]}"
    yield f"begins {begins} model {label}"
    yield f"last {kinds[end - 1]} {end - 1 == at} model {label}"
    yield f"last word {seen.lower[end - 1]}"
    yield f"itself {kinds[at]}"
    yield f"long {min(end - start, 5)} {min(at - start, 3)}"
    yield f"long {min(end - start, 5)} {seen.phrases[at]}"
    yield f"list before {seen.phrases[at - 1] if at else ''}"
    yield f"list after {seen.phrases[at + 1] if at + 1 < len(seen.lower) else ''}"
    for kind in sorted({*kinds[start:end]} - {NO_KIND}):
        yield f"holds {kind} model {label}"


def _context_kinds(lower: Sequence[str], context_words: ContextWords) -> list[str]:
    phrase_kinds = _kind_by_word(context_words)
    return [phrase_kinds.get(word.rstrip("."), NO_KIND) for word in lower]


@cache
def _kind_by_word(context_words: ContextWords) -> dict[str, str]:
    return {word: name for name in reversed(CONTEXT_KINDS) for word in getattr(context_words, name)}
