"""Notices that the pages of a feed have changed their layout, by running means of text length and empty pages. Pure.

In: PageStatistics of a feed and a new page's figures. Out: the next statistics, and one sentence when a drift begins
(docs/decisions/0014).
"""

from datetime import datetime
from math import sqrt

from msgspec.structs import replace

from pipeline.feed_state import PageStatistics

SLOW, FAST = 0.02, 0.2  # weights of a new page in the usual and in the recent mean: about 50 and 5 pages


USUAL_PAGES = 30  # before these nothing is usual
FEWEST_SPREAD = 0.3  # of ln(characters): a site whose articles are all alike is not surprised by a longer one
SURPRISE = 3.0  # standard deviations of the mean length
SHARE_JUMP = 0.4  # of pages without text, or of the share that returns


def after_empty(statistics: PageStatistics) -> PageStatistics:
    """After a page in which no text could be found."""
    return averaged(replace(statistics, pages=statistics.pages + 1), None, 1.0, None)


def averaged(statistics: PageStatistics, length: float | None, empty: float, gone: float | None) -> PageStatistics:
    """The running means after one more page: ln(1 + its characters), 1 if it had no text, the share that returns."""
    first = statistics.pages == 1
    length = (statistics.recent_length or statistics.length) if length is None else length
    gone = statistics.recent_gone if gone is None else gone
    apart = length - statistics.length
    return replace(
        statistics,
        length=length if first or not statistics.length else statistics.length + SLOW * apart,
        spread=0.0 if first else (1 - SLOW) * (statistics.spread + SLOW * apart * apart),
        empty=_mean(statistics.empty, empty, SLOW),
        gone=_mean(statistics.gone, gone, SLOW),
        recent_length=length if first else _mean(statistics.recent_length, length, FAST),
        recent_empty=_mean(statistics.recent_empty, empty, FAST),
        recent_gone=_mean(statistics.recent_gone, gone, FAST),
    )


def _mean(before: float, new: float, weight: float) -> float:
    return before + weight * (new - before)


def drift(statistics: PageStatistics) -> str:
    """What has changed about the feed's pages, in words; "" when they are as they usually are."""
    if statistics.pages < USUAL_PAGES:
        return ""
    if statistics.recent_empty - statistics.empty > SHARE_JUMP:
        return f"{statistics.recent_empty:.0%} of the last pages have no text, {statistics.empty:.0%} before"
    if statistics.recent_gone - statistics.gone > SHARE_JUMP:
        return f"{statistics.recent_gone:.0%} of the last pages returns on others, {statistics.gone:.0%} before"
    usual = max(sqrt(statistics.spread), FEWEST_SPREAD) * sqrt(FAST / (2 - FAST))  # of a mean of so many pages
    if abs(statistics.recent_length - statistics.length) > SURPRISE * usual:
        longer = "longer" if statistics.recent_length > statistics.length else "shorter"
        return f"the texts of the last pages are much {longer} than before"
    return ""


def watched(before: PageStatistics, after: PageStatistics, now: datetime) -> tuple[PageStatistics, str]:
    """The statistics with the time since which they drift, and what is to be said now: a drift is said once."""
    found = drift(after)
    if not found:
        return replace(after, drifting_since=None), ""
    since = before.drifting_since
    return replace(after, drifting_since=since or now), "" if since else found
