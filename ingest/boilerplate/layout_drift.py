"""Layout drift: notices when the pages of a feed have changed, by running means of text length and empty pages. Pure.

In: the PageStatistics of a feed, and the figures of a new page. Out: the statistics after that page, and one sentence
when a drift begins: a sign that the publisher has a new layout, which the extractor may read badly
(docs/decisions/0014).
"""

from datetime import datetime
from math import sqrt

from msgspec.structs import replace

from pipeline.feed_state import PageStatistics

# weights of a new page in the usual and in the recent mean (exponential moving averages over about 50 and 5 pages)
SLOW, FAST = 0.02, 0.2
USUAL_PAGES = 30  # fewer pages have no usual mean yet, and cannot drift
LEAST_DEVIATION = 0.3  # of ln(characters), so that a longer article is no drift where all others are equally long
LENGTH_JUMP = 3.0  # in standard deviations of the recent mean length
SHARE_JUMP = 0.4  # of pages without text, or of the share of text that recurs on other pages


def update_after_empty_page(statistics: PageStatistics) -> PageStatistics:
    """The statistics after a page in which no text was found."""
    return update_means(replace(statistics, pages=statistics.pages + 1), None, 1.0, None)


def update_means(statistics: PageStatistics, length: float | None, empty: float, gone: float | None) -> PageStatistics:
    """The running means after one more page, which `statistics.pages` counts already.

    `length` is ln(1 + characters), `empty` 1 for a page without text and else 0, `gone` the share of its text that
    recurs on other pages. For a page without text, length and gone are None, and the recent means stand in for them.
    """
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


def describe_drift(statistics: PageStatistics) -> str:
    """What has changed about the feed's pages, as a sentence; "" when they are as usual."""
    if statistics.pages < USUAL_PAGES:
        return ""
    if statistics.recent_empty - statistics.empty > SHARE_JUMP:
        return f"{statistics.recent_empty:.0%} of the last pages have no text, {statistics.empty:.0%} before"
    if statistics.recent_gone - statistics.gone > SHARE_JUMP:
        return f"{statistics.recent_gone:.0%} of the last pages returns on others, {statistics.gone:.0%} before"
    usual = max(sqrt(statistics.spread), LEAST_DEVIATION) * sqrt(FAST / (2 - FAST))  # of a mean of so many pages
    if abs(statistics.recent_length - statistics.length) > LENGTH_JUMP * usual:
        longer = "longer" if statistics.recent_length > statistics.length else "shorter"
        return f"the texts of the last pages are much {longer} than before"
    return ""


def track_drift(before: PageStatistics, after: PageStatistics, now: datetime) -> tuple[PageStatistics, str]:
    """The statistics with the time since which they drift, and the sentence when a drift begins now, else ""."""
    drift = describe_drift(after)
    if not drift:
        return replace(after, drifting_since=None), ""
    since = before.drifting_since
    return replace(after, drifting_since=since or now), "" if since else drift
