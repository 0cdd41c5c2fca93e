"""Process time: who is late, and who only waited for a processor."""

import os
import time

from hypothesis import given
from hypothesis import strategies as st

from ingest.sandbox.process_time import MOST_PATIENCE, ProcessTime, judge_lateness, read_process_time

DETAIL = "given up after 20 s"


def test_a_task_that_computes_until_its_deadline_is_given_up() -> None:
    assert judge_lateness(19.9, ProcessTime(19.5, 0), 20) is None
    assert judge_lateness(20, ProcessTime(19.5, 0), 20) == ("poison", ("unreadable_page", DETAIL))


def test_a_process_that_was_stopped_says_nothing_of_its_task() -> None:
    assert judge_lateness(20.2, ProcessTime(0.5, 0.1), 20) == ("died", DETAIL)


def test_the_time_in_the_queue_for_a_processor_does_not_count() -> None:
    assert judge_lateness(60, ProcessTime(3, 56), 20) is None
    assert judge_lateness(77, ProcessTime(20, 57), 20) == ("poison", ("unreadable_page", DETAIL))


def test_patience_ends() -> None:
    assert judge_lateness(20 * MOST_PATIENCE, ProcessTime(1, 20 * MOST_PATIENCE - 1), 20) == ("died", DETAIL)


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.floats(0, 1e4), st.floats(0.1, 100))
def test_nothing_is_given_up_before_its_deadline_nor_kept_for_ever(
    elapsed: float, computing: float, queueing: float, deadline: float
) -> None:
    verdict = judge_lateness(elapsed, ProcessTime(computing, queueing), deadline)
    assert verdict is None or elapsed >= deadline - 1e-6
    assert verdict is not None or elapsed < MOST_PATIENCE * deadline


def test_the_times_of_a_process_grow_as_it_computes() -> None:
    before = read_process_time(os.getpid())
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    after = read_process_time(os.getpid())
    assert after.computing - before.computing >= 0.03  # the system counts in hundredths
    assert after.queueing >= before.queueing


def test_a_process_that_is_gone_has_no_times() -> None:
    assert read_process_time(None) == ProcessTime(0, 0)
