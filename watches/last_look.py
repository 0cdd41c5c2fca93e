"""Last looks: when the articles were last held against the watches, and the pipeline against the rules of alerts.

In: the topic of progress, on which each look is noted when it has ended. Out: for both, when that was and what nobody
could say then. Where nobody looks, that nothing is told does not mean that nothing is there.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from pipeline import settings
from pipeline.failures import Unavailable
from pipeline.kafka import broker
from pipeline.messages import WATCH_PROGRESS
from pipeline.watch_messages import WatchProgress

ARTICLES, PIPELINE = "looked", "alerts"  # what is looked at, as its WatchProgress is named
MISSED_LOOKS = 3  # so many in a row are more than one that took long
# a look at a server that hangs ends with the time limits of its questions (elasticsearch.timeout_seconds: 30)
LEAST_SECONDS = 120.0


class NobodyLooks(Unavailable):
    """Nobody looks, so nobody can say that nothing is there to be told. `words`: since when, and what to do."""

    def __init__(self, words: str) -> None:
        super().__init__("newsloom watch", words)
        self.args = (words,)


class LastLook(msgspec.Struct, frozen=True, kw_only=True):
    """The newest look: when it ended (None: never), and the rules by which it could say nothing (WatchProgress)."""

    at: datetime | None = None
    unknown: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()

    def is_late(self, now: datetime, interval_seconds: float) -> bool:
        """Whether it was so long ago that nobody looks any more. `interval_seconds`: from one look to the next."""
        most = max(LEAST_SECONDS, MISSED_LOOKS * interval_seconds)
        return self.at is None or now - self.at > timedelta(seconds=most)


def read_last_looks(options: settings.Kafka) -> dict[str, LastLook]:
    """The last look at each, under the names above; nothing of what was never looked at.

    The time is that at which the note of it was written. Raises Unavailable, WrongSetting.
    """
    found: dict[str, LastLook] = {}
    for record in broker.read_topic(options, WATCH_PROGRESS):
        noted = broker.decode_or_none(record.value, WatchProgress)
        if noted is not None and noted.name in (ARTICLES, PIPELINE):
            at = datetime.fromtimestamp(record.timestamp_ms / 1000, UTC)
            found[noted.name] = LastLook(at=at, unknown=noted.unknown, unjudged=noted.unjudged)
    return found


def late_words(what: str, looks: Mapping[str, LastLook], now: datetime, interval_seconds: float) -> str:
    """That nobody looks, since when, and what to do; "" where the last look at `what` is not late. Pure."""
    look = looks.get(what, LastLook())
    if not look.is_late(now, interval_seconds):
        return ""
    what_to_do = "start `newsloom watch` (`newsloom run` does it), or see its log"
    if look.at is None:
        return f"nobody has looked yet: {what_to_do}"
    return f"nobody looks: the last look was {ago(look.at, now)}; {what_to_do}"


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago that was, such as "20 s ago"; "never" for None. Pure."""
    if at is None:
        return "never"
    seconds = max(0.0, (now - at).total_seconds())
    if seconds < 120:
        return f"{seconds:.0f} s ago"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min ago"
    return f"{seconds / 3600:.0f} h ago" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days ago"
