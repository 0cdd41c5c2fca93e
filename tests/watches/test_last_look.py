"""When nobody looks any more, as the last look and the time say it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kafka.publisher import OutgoingMessage
from pipeline.messages import WATCH_PROGRESS
from pipeline.settings import Settings
from pipeline.watch_messages import WatchProgress
from tests.watches.on_servers import publish
from watches.last_look import ARTICLES, PIPELINE, LastLook, ago, late_words, read_last_looks

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@given(seconds=st.floats(0, 10**7), interval=st.floats(0.1, 3600))
def test_a_look_is_late_after_three_that_were_missed(seconds: float, interval: float) -> None:
    looks = {PIPELINE: LastLook(at=NOON - timedelta(seconds=seconds))}
    late = late_words(PIPELINE, looks, NOON, interval)
    assert bool(late) == (timedelta(seconds=seconds) > timedelta(seconds=max(120.0, 3 * interval)))
    assert not late or ("nobody looks: the last look was" in late and "start `newsloom watch`" in late)


def test_what_was_never_looked_at_is_late() -> None:
    assert late_words(ARTICLES, {}, NOON, 30.0).startswith("nobody has looked yet: start `newsloom watch`")


def test_a_clock_that_was_set_back_makes_no_look_late() -> None:
    looks = {ARTICLES: LastLook(at=NOON + timedelta(hours=3))}
    assert late_words(ARTICLES, looks, NOON, 30.0) == ""
    assert ago(looks[ARTICLES].at, NOON) == "0 s ago"


@pytest.mark.parametrize(
    ("seconds", "said"), [(20, "20 s ago"), (150, "2 min ago"), (3 * 3600, "3 h ago"), (3 * 86400, "3 days ago")]
)
def test_how_long_ago_in_words(seconds: int, said: str) -> None:
    assert ago(NOON - timedelta(seconds=seconds), NOON) == said


@pytest.mark.stack
def test_the_newest_look_at_each_is_read_from_kafka(options: Settings) -> None:
    assert read_last_looks(options.kafka) == {}
    for progress in (
        WatchProgress(name="webhook harbour", offsets={"0": 1}),
        WatchProgress(name=ARTICLES, offsets={"0": 1}),
        WatchProgress(name=PIPELINE, offsets={}),
        WatchProgress(name=PIPELINE, offsets={}, unknown=("disk",)),
    ):
        publish(options, OutgoingMessage(WATCH_PROGRESS, progress))
    found = read_last_looks(options.kafka)
    assert found.keys() == {ARTICLES, PIPELINE}
    assert found[PIPELINE].unknown == ("disk",)
    assert not found[PIPELINE].is_late(datetime.now(UTC), 60.0)
