"""Backoff: how long to wait before trying again."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.failures import Backoff


@given(attempt=st.integers(1, 10_000), jitter=st.floats(0, 1, exclude_max=True))
def test_a_wait_is_never_nothing_and_never_above_the_most(attempt: int, jitter: float) -> None:
    backoff = Backoff(first=0.5, most=30)
    assert 0.25 <= backoff.delay(attempt, jitter) <= 30


def test_waits_double_up_to_the_most() -> None:
    backoff = Backoff(first=1, most=10)
    assert [backoff.delay(attempt, 1.0) for attempt in range(1, 7)] == [1, 2, 4, 8, 10, 10]
