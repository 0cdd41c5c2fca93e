"""Copy candidates: finds the stored articles that share shingles with a new one, and counts how many they share.

In: the sketch of an article (its shingle hashes), its source, and the stored articles of each day of the window.
Out: stored articles with the number of hashes that they share with it.

Boilerplate of a site (a menu, a call to subscribe) is not counted: a hash that occurs in REPEATED_TITLES or more
articles of one source under different titles says nothing about the articles of that source.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from enrich.copies.containment import MIN_SHARED_SMALL_SKETCH, SketchSizes
from enrich.copies.daily_articles import DailyArticles, StoredArticle, hash_source
from enrich.copies.shingle_index import HashQuery
from enrich.copies.shingles import LEAD_SAMPLING, SAMPLING, Hashes

MAX_ARTICLES_PER_SHINGLE = 200  # of one day: a shingle that more articles have is boilerplate of many sites, no copy
REPEATED_TITLES = 3  # different titles of one source under which a shingle must occur to be the source's boilerplate
MULTIPLIER = np.int64(0x1E3779B97F4A7C15)  # odd: hashes a pair of numbers into one

Indices = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class SharedHashes(NamedTuple):
    """What a new article and a stored one have in common: how many hashes they share without boilerplate, how many
    hashes of the new article are boilerplate of its source, and how many found ones are boilerplate of the stored
    article's source.
    """

    sizes: SketchSizes
    our_boilerplate: SketchSizes
    their_boilerplate: SketchSizes


class _Hits(NamedTuple):
    """Parallel arrays, one entry for each hash that occurs in a stored article: the index of the hash in the new
    article's sketch, the article's day and position, and the codes of its source and title.
    """

    rows: Indices
    days: Indices
    positions: Indices
    sources: Indices
    titles: Indices


def find_candidates(
    hashes: Hashes, source: str, days: Sequence[DailyArticles]
) -> Iterator[tuple[StoredArticle, SharedHashes]]:
    """The stored articles that share at least MIN_SHARED_SMALL_SKETCH of these hashes, boilerplate not counted.

    `source` is that of the article whose hashes these are; "" when it is not known.
    """
    hits = _find_hits(hashes, days)
    if not len(hits.rows):
        return
    classes = (np.ones(len(hashes), bool), hashes % np.uint64(LEAD_SAMPLING) == 0, hashes % np.uint64(SAMPLING) == 0)
    ours, theirs = _flag_boilerplate(hits, hash_source(source), len(hashes))
    our_boilerplate = _count_hashes(classes, ours)
    keys, owner = np.unique(hits.days << 32 | hits.positions, return_inverse=True)
    counted = ~(theirs | ours[hits.rows])
    shares = [np.bincount(owner, counted & each[hits.rows], len(keys)) for each in classes]
    boilerplate = [np.bincount(owner, theirs & each[hits.rows], len(keys)) for each in classes]
    for n in np.flatnonzero(shares[0] >= MIN_SHARED_SMALL_SKETCH).tolist():
        article = days[int(keys[n]) >> 32].get(int(keys[n]) & 0xFFFFFFFF)
        if article is not None:
            their_boilerplate = SketchSizes(*(int(each[n]) for each in boilerplate))
            sizes = SketchSizes(*(int(each[n]) for each in shares))
            yield article, SharedHashes(sizes, our_boilerplate, their_boilerplate)


def _find_hits(hashes: Hashes, days: Sequence[DailyArticles]) -> _Hits:
    parts, query = [], HashQuery(hashes)
    for number, day in enumerate(days):
        rows, positions = day.shingles.find(query)
        if not len(rows):
            continue
        rare = np.bincount(rows, minlength=len(hashes))[rows] <= MAX_ARTICLES_PER_SHINGLE
        rows, positions = rows[rare], positions[rare]
        sources = np.frombuffer(day.source_codes, np.uint32)[positions].astype(np.int64)
        titles = np.frombuffer(day.title_codes, np.uint32)[positions].astype(np.int64)
        parts.append((rows, np.full(len(rows), number), positions, sources, titles))
    joined = [np.concatenate(each).astype(np.int64) for each in zip(*parts, strict=True)]
    return _Hits(*joined) if joined else _Hits(*[np.empty(0, np.int64)] * 5)


def _flag_boilerplate(hits: _Hits, source: int, count: int) -> tuple[Flags, Flags]:
    """Which of the `count` hashes are boilerplate of our `source`, and which hits are that of the stored article's."""
    evidence = np.flatnonzero((hits.titles > 0) & (hits.sources > 0))
    if len(evidence) < REPEATED_TITLES:
        return np.zeros(count, bool), np.zeros(len(hits.rows), bool)
    at_source = hits.rows << 32 | hits.sources
    # each title of a source counts once
    _, once = np.unique(at_source[evidence] * MULTIPLIER + hits.titles[evidence], return_index=True)
    values, counts = np.unique(at_source[evidence[once]], return_counts=True)
    repeated = values[counts >= REPEATED_TITLES]
    ours = np.zeros(count, bool)
    if source:
        ours[(repeated >> 32)[(repeated & 0xFFFFFFFF) == source]] = True
    return ours, np.isin(at_source, repeated)


def _count_hashes(classes: Sequence[Flags], chosen: Flags) -> SketchSizes:
    return SketchSizes(*(int(np.count_nonzero(each & chosen)) for each in classes))
