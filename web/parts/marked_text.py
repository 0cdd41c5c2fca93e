"""Marked text: a text cut where something in it is marked: words that were found, names. Pure.

In: a passage with marks of Elasticsearch, or a text with places of names. Out: segments, one after the other the whole
text. Nothing here is markup: the template puts an element around a segment and escapes what is in it.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from index.searching.query import HIGHLIGHT_MARKS

_MARKS = re.compile("|".join(map(re.escape, HIGHLIGHT_MARKS)))
_OPENS, _CLOSES = HIGHLIGHT_MARKS


class Segment(NamedTuple):
    """A piece of a text, and what it is marked with; "" for nothing."""

    text: str
    mark: str = ""


def found_words(passage: str) -> tuple[Segment, ...]:
    """The segments of a passage; those between marks are marked with "found"."""
    segments: list[Segment] = []
    rest = passage
    while _OPENS in rest:
        before, _, rest = rest.partition(_OPENS)
        marked, _, rest = rest.partition(_CLOSES)
        segments += [Segment(before), Segment(marked, "found")]
    return tuple(each for each in (*segments, Segment(rest)) if each.text)


def without_marks(passage: str) -> str:
    """The passage as the article has it."""
    return _MARKS.sub("", passage)


def named_places(text: str, start: int, places: Iterable[tuple[int, int, str]]) -> tuple[Segment, ...]:
    """The segments of a text that begins at `start` of what the places count in: (from, to, mark), in characters.

    Of places that overlap the first counts; those outside are left out.
    """
    segments: list[Segment] = []
    done = 0
    for first, last, mark in sorted(places):
        begin, end = first - start, last - start
        if done <= begin < end <= len(text):
            segments += [Segment(text[done:begin]), Segment(text[begin:end], mark)]
            done = end
    return tuple(each for each in (*segments, Segment(text[done:])) if each.text)


def paragraphs(text: str, start: int, places: Sequence[tuple[int, int, str]]) -> list[tuple[Segment, ...]]:
    """The paragraphs of a text (one a line), each cut as `named_places` does."""
    found = []
    for line in text.split("\n"):
        inside = [each for each in places if start <= each[0] and each[1] <= start + len(line)]
        if line.strip():
            found.append(named_places(line, start, inside))
        start += len(line) + 1
    return found
