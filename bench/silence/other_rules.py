"""The rules for silence that ours is held against. Pure.

A fixed week without an article, as here before decision 0029; Media Cloud's (web-search,
mcweb/backend/sources/alerts.py): the mean of the last seven whole days is below the mean of the last 28 less 1.5
standard deviations, or nothing came in 28; and a Poisson process with the hours and weekdays that we learn.
"""

import math
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ingest.frontier.feed_silence import SilenceRules
from pipeline.feed_state import PublishingRhythm

WEEK = timedelta(days=7)
MEDIA_CLOUD_DAYS, MEDIA_CLOUD_DEVIATIONS = 28, 1.5


@dataclass(frozen=True, slots=True)
class FeedAsKnown:
    """What a rule may look at: the feed's rhythm, its last article, and how many it published between two times."""

    rhythm: PublishingRhythm
    settings: SilenceRules
    last: datetime
    now: datetime
    count: Callable[[datetime, datetime], int]


Rule = Callable[[FeedAsKnown], bool]


def silent_for_a_week(feed: FeedAsKnown) -> bool:
    """A fixed week."""
    return feed.now - feed.last >= WEEK


def media_cloud(feed: FeedAsKnown) -> bool:
    """Media Cloud's rule, which it looks at once a day, over whole days."""
    midnight = feed.now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight - timedelta(days=back) for back in range(MEDIA_CLOUD_DAYS, -1, -1)]
    counts = [feed.count(since, until) for since, until in pairwise(days)]
    lower = statistics.fmean(counts) - MEDIA_CLOUD_DEVIATIONS * statistics.pstdev(counts)
    return not any(counts) or statistics.fmean(counts[-7:]) < lower


def poisson(feed: FeedAsKnown) -> bool:
    """A Poisson process of our rhythm, and no memory of gaps."""
    return math.exp(-feed.rhythm.missing) < 1 - feed.settings.certainty


RULES: Mapping[str, Rule] = {
    "a fixed week": silent_for_a_week,
    "Media Cloud's": media_cloud,
    "Poisson": poisson,
}
