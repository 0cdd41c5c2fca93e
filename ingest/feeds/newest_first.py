"""Order before a cut: what a feed lists, newest first, whichever way its file is sorted. Pure.

In: entries or sitemaps as a file lists them, and when each was published or changed, where it says so. Out: the same,
newest first, and at most so many of them: a cut costs the oldest.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")


def newest_first(listed: Sequence[T], time_of: Callable[[T], datetime | None]) -> list[T]:
    """What is listed, newest first; what has no time stays beside its neighbour. Without any times as it is listed."""
    times = [time_of(each) for each in listed]
    told = [time for time in times if time is not None]
    if not told:
        return list(listed)
    ascends = sum(earlier < later for earlier, later in pairwise(told))
    if ascends > sum(earlier > later for earlier, later in pairwise(told)):
        listed, times = listed[::-1], times[::-1]
    last = next(time for time in times if time is not None)
    dated: list[tuple[datetime, T]] = []
    for time, each in zip(times, listed, strict=True):
        last = time or last
        dated.append((last, each))
    return [each for _, each in sorted(dated, key=lambda pair: pair[0], reverse=True)]


def keep_newest(listed: Sequence[T], time_of: Callable[[T], datetime | None], most: int) -> list[T]:
    """The newest of what is listed, at most `most`.

    Where nothing has a time, half from each end of the list: sites add at one of the two, and what is cut in the middle
    stays cut.
    """
    ordered = newest_first(listed, time_of)
    if len(ordered) <= most:
        return ordered
    if any(time_of(each) is not None for each in ordered):
        return ordered[:most]
    return ordered[: most - most // 2] + ordered[len(ordered) - most // 2 :]
