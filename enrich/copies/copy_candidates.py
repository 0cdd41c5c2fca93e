"""Shingle hashes of an article and the days of a window -> the articles that share some, and how many.

What a site repeats on its pages (a menu, a call to subscribe) is left out: a hash that stands in several articles of
one source under different titles says nothing about the articles of that source.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from enrich.copies.containment import LEAST_SHARED_SMALL, Sizes
from enrich.copies.daily_articles import Article, Day, source_code
from enrich.copies.shingle_index import Wanted
from enrich.copies.shingles import LEAD_SAMPLING, SAMPLING, Hashes

COMMON = 200  # articles of one day: a shingle of more is what sites repeat, not what is copied
REPEATED = 3  # titles of one source from which a shingle is what the source repeats
MIXER = np.int64(0x1E3779B97F4A7C15)  # odd: two numbers in one, by hashing

Indices = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Shared(NamedTuple):
    """Hashes in common with an article; those left out of our own because our site repeats them; those of its site."""

    sizes: Sizes
    repeated: Sizes
    repeated_there: Sizes


class _Hits(NamedTuple):
    """One entry for each hash that occurs in an article: the hash's row, the article's day and place, its codes."""

    rows: Indices
    days: Indices
    places: Indices
    sources: Indices
    titles: Indices


def shared_hashes(hashes: Hashes, source: str, days: Sequence[Day]) -> Iterator[tuple[Article, Shared]]:
    """The articles that share at least LEAST_SHARED_SMALL of these hashes, not counting what sites repeat."""
    hits = _hits(hashes, days)
    if not len(hits.rows):
        return
    classes = (np.ones(len(hashes), bool), hashes % np.uint64(LEAD_SAMPLING) == 0, hashes % np.uint64(SAMPLING) == 0)
    ours, theirs = _repeated(hits, source_code(source), len(hashes))
    repeated = _counts(classes, ours)
    keys, owner = np.unique(hits.days << 32 | hits.places, return_inverse=True)
    counted = ~(theirs | ours[hits.rows])
    shares = [np.bincount(owner, counted & each[hits.rows], len(keys)) for each in classes]
    others = [np.bincount(owner, theirs & each[hits.rows], len(keys)) for each in classes]
    for n in np.flatnonzero(shares[0] >= LEAST_SHARED_SMALL).tolist():
        article = days[int(keys[n]) >> 32].article(int(keys[n]) & 0xFFFFFFFF)
        if article is not None:
            there = Sizes(*(int(each[n]) for each in others))
            yield article, Shared(Sizes(*(int(each[n]) for each in shares)), repeated, there)


def _hits(hashes: Hashes, days: Sequence[Day]) -> _Hits:
    parts, wanted = [], Wanted(hashes)
    for number, day in enumerate(days):
        rows, places = day.postings.find(wanted)
        if not len(rows):
            continue
        rare = np.bincount(rows, minlength=len(hashes))[rows] <= COMMON
        rows, places = rows[rare], places[rare]
        sources = np.frombuffer(day.source_codes, np.uint32)[places].astype(np.int64)
        titles = np.frombuffer(day.title_codes, np.uint32)[places].astype(np.int64)
        parts.append((rows, np.full(len(rows), number), places, sources, titles))
    joined = [np.concatenate(each).astype(np.int64) for each in zip(*parts, strict=True)]
    return _Hits(*joined) if joined else _Hits(*[np.empty(0, np.int64)] * 5)


def _repeated(hits: _Hits, source: int, count: int) -> tuple[Flags, Flags]:
    """Which of the hashes our source repeats; which of the hits are what the article's source repeats."""
    telling = np.flatnonzero((hits.titles > 0) & (hits.sources > 0))
    if len(telling) < REPEATED:
        return np.zeros(count, bool), np.zeros(len(hits.rows), bool)
    at_source = hits.rows << 32 | hits.sources
    # each title of a source counts once
    _, once = np.unique(at_source[telling] * MIXER + hits.titles[telling], return_index=True)
    values, counts = np.unique(at_source[telling[once]], return_counts=True)
    repeated = values[counts >= REPEATED]
    ours = np.zeros(count, bool)
    if source:
        ours[(repeated >> 32)[(repeated & 0xFFFFFFFF) == source]] = True
    return ours, np.isin(at_source, repeated)


def _counts(classes: Sequence[Flags], chosen: Flags) -> Sizes:
    return Sizes(*(int(np.count_nonzero(each & chosen)) for each in classes))
