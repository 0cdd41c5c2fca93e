"""Never faster than the minimum, never slower than the maximum, Retry-After kept."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.schedule import Plan, after_error, after_success, retry_after

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
PLAN = Plan(interval=900, most=86400, first=60)
JITTER = st.floats(0, 1, exclude_max=True)


@given(JITTER)
def test_a_good_poll_is_followed_by_the_next_after_one_interval(jitter: float) -> None:
    wait = (after_success(PLAN, NOW, jitter) - NOW).total_seconds()
    assert 900 <= wait <= 990


@given(st.integers(1, 10_000), JITTER, st.none() | st.floats(-1e6, 1e9))
def test_waits_after_errors_stay_between_the_first_and_the_longest(
    failures: int, jitter: float, asked: float | None
) -> None:
    wanted = None if asked is None else NOW + timedelta(seconds=asked)
    wait = (after_error(PLAN, failures, NOW, jitter, wanted) - NOW).total_seconds()
    assert 60 <= wait <= 86400
    if asked is not None:
        assert wait >= min(asked, 86400) - 1e-3


def test_waits_double() -> None:
    waits = [(after_error(PLAN, failures, NOW, 0, None) - NOW).total_seconds() for failures in (1, 2, 3, 11, 12, 50)]
    assert waits == [60, 120, 240, 61440, 86400, 86400]


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("120", NOW + timedelta(seconds=120)),
        (" 1.5 ", NOW + timedelta(seconds=1.5)),
        ("Mon, 04 May 2026 13:00:00 GMT", NOW + timedelta(hours=1)),
        ("Mon, 04 May 2026 13:00:00 -0000", NOW + timedelta(hours=1)),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("9" * 400, None),
        ("٣", None),
    ],
)
def test_retry_after(header: str | None, wanted: datetime | None) -> None:
    assert retry_after(header, NOW) == wanted


@given(st.text())
def test_any_header_is_read_or_not(header: str) -> None:
    found = retry_after(header, NOW)
    assert found is None or found.tzinfo is not None
