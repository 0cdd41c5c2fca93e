"""Batch pacing: when a worker waits before its next batch."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.kafka.batch_pacing import BatchPacing


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_nothing_waits_at_the_start_and_after_a_lone_message() -> None:
    pacing = BatchPacing(0.75, 64, Clock())
    assert pacing.wait_seconds() == 0
    pacing.took(1)
    assert pacing.wait_seconds() == 0
    pacing.took(0)
    assert pacing.wait_seconds() == 0


def test_in_a_steady_flow_a_batch_follows_the_last_after_the_pace() -> None:
    clock = Clock()
    pacing = BatchPacing(0.75, 64, clock)
    pacing.took(2)
    assert pacing.wait_seconds() == 0.75
    clock.now += 0.5  # the time that handling took counts
    assert pacing.wait_seconds() == 0.25
    clock.now += 0.5
    assert pacing.wait_seconds() == 0


def test_a_backlog_is_taken_without_waiting() -> None:
    pacing = BatchPacing(0.75, 64, Clock())
    pacing.took(30)
    pacing.took(64)
    assert pacing.wait_seconds() == 0


@given(st.floats(0, 10), st.integers(1, 100), st.lists(st.integers(0, 100)))
def test_no_wait_is_longer_than_the_pace(seconds: float, most: int, batches: list[int]) -> None:
    pacing = BatchPacing(seconds, most, Clock())
    for each in batches:
        pacing.took(each)
    assert 0 <= pacing.wait_seconds() <= seconds + 1e-9
