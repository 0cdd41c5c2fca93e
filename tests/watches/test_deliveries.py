"""Which hits are due at which output, and what follows from how a delivery ended."""

from datetime import timedelta

import pytest

from pipeline.failures import Poison, Unavailable
from pipeline.settings import Settings
from tests.watches.samples import NOON, hit
from watches.deliveries import MOST_OF_A_BATCH, Batch, Outbox

AWAY = Unavailable("webhook", "nobody answers")


@pytest.fixture
def outbox(offline_options: Settings) -> Outbox:
    """With two hits for a webhook, one of them for a mailbox too."""
    made = Outbox(offline_options.watches, {})
    made.add(7, hit("a", outputs=("webhook", "mail")))
    made.add(9, hit("b", outputs=("webhook",)))
    made.add(10, hit("c"))
    return made


def due(outbox: Outbox, seconds: float = 0) -> dict[str, Batch]:
    return {batch.output: batch for batch in outbox.take_due(NOON + timedelta(seconds=seconds))}


def test_hits_of_one_output_are_delivered_together(outbox: Outbox) -> None:
    batches = due(outbox)
    assert [each.article for each in batches["webhook"].hits] == ["a", "b"]
    assert [each.article for each in batches["mail"].hits] == ["a"]
    assert (batches["webhook"].next_offset, batches["mail"].next_offset) == (10, 8)
    assert outbox.waiting() == {"webhook": 2, "mail": 1}


def test_what_is_under_way_is_not_taken_twice(outbox: Outbox) -> None:
    batches = due(outbox)
    outbox.add(11, hit("d", outputs=("webhook",)))
    assert due(outbox) == {}
    assert outbox.settle(batches["webhook"], None, NOON, 0.0) is None
    assert [each.article for each in due(outbox)["webhook"].hits] == ["d"]


def test_a_failure_waits_longer_each_time_and_holds_up_nobody_else(outbox: Outbox) -> None:
    batch = due(outbox)["webhook"]
    assert outbox.settle(batch, AWAY, NOON, 1.0) is None
    assert due(outbox, 9.9) == {}
    [again] = due(outbox, 10.0).values()
    assert again.hits == batch.hits
    outbox.settle(again, AWAY, NOON + timedelta(seconds=10), 1.0)
    assert due(outbox, 29.9) == {}
    assert due(outbox, 30).keys() == {"webhook"}


def test_after_two_days_of_failures_hits_are_given_up(outbox: Outbox) -> None:
    later = NOON + timedelta(hours=48)
    outbox.settle(due(outbox)["webhook"], AWAY, NOON, 0.0)
    [again] = outbox.take_due(later - timedelta(seconds=1))
    assert outbox.settle(again, AWAY, later - timedelta(seconds=1), 0.0) is None
    [last] = outbox.take_due(later + timedelta(hours=1))
    given_up = outbox.settle(last, AWAY, later + timedelta(hours=1), 0.0)
    assert given_up is not None
    assert given_up.reason == "undelivered_webhook"
    assert outbox.waiting()["webhook"] == 0


def test_a_refusal_is_final_at_once(outbox: Outbox) -> None:
    refusal = Poison("refused_webhook", "status 410")
    assert outbox.settle(due(outbox)["webhook"], refusal, NOON, 0.0) is refusal
    assert outbox.waiting() == {"webhook": 0, "mail": 1}


def test_after_a_restart_each_output_goes_on_where_it_was(offline_options: Settings) -> None:
    made = Outbox(offline_options.watches, {"webhook harbour": 8})
    made.add(7, hit("a", outputs=("webhook", "mail")))
    made.add(8, hit("b", outputs=("webhook",)))
    assert {name: [each.article for each in batch.hits] for name, batch in due(made).items()} == {
        "webhook": ["b"],
        "mail": ["a"],
    }


def test_a_batch_has_its_limit(offline_options: Settings) -> None:
    made = Outbox(offline_options.watches, {})
    for number in range(MOST_OF_A_BATCH + 1):
        made.add(number, hit(str(number), outputs=("mail",)))
    batch = due(made)["mail"]
    assert (len(batch.hits), batch.next_offset) == (MOST_OF_A_BATCH, MOST_OF_A_BATCH)
    made.settle(batch, None, NOON, 0.0)
    assert [each.article for each in due(made)["mail"].hits] == [str(MOST_OF_A_BATCH)]
