"""Which dead letters go back to their topic: none that would put an old state of something over its newest."""

from datetime import UTC, datetime

import pytest

from pipeline.failures import Poison
from pipeline.kafka import dead_letter
from pipeline.kafka.broker import Record
from pipeline.messages import DEAD, TOPICS, DeadLetter, Topic

NOW = datetime(2026, 11, 30, tzinfo=UTC)
STATES = [topic for topic in TOPICS if topic.cleanup == "compact"]
MESSAGES = [topic for topic in TOPICS if topic.cleanup == "delete" and topic is not DEAD]


def letter_from(topic: Topic, stage: str = "index-feeds") -> DeadLetter:
    record = Record(f"a.prefix.{topic.name}", 0, 7, b"key", b"{}", 0)
    return dead_letter.from_record(record, stage, Poison("rejected_document", "a field"), NOW, 1_000_000)


@pytest.mark.parametrize("topic", STATES, ids=lambda topic: topic.name)
def test_an_old_state_is_not_put_over_a_newer_one(topic: Topic) -> None:
    """A feed's letter of yesterday, sent again, was the feed's state: what it had shown since was published anew."""
    with pytest.raises(Poison, match=r"not_replayable.*newer state.*newsloom rewind index-feeds"):
        dead_letter.original_message(letter_from(topic))


def test_a_stage_that_cannot_be_rewound_is_not_named() -> None:
    with pytest.raises(Poison, match="its next state") as refused:
        dead_letter.original_message(letter_from(STATES[0], "watch"))
    assert "rewind" not in str(refused.value)


@pytest.mark.parametrize("topic", MESSAGES, ids=lambda topic: topic.name)
def test_any_other_message_goes_back(topic: Topic) -> None:
    message = dead_letter.original_message(letter_from(topic))
    assert (message.topic, message.key, message.value) == (f"a.prefix.{topic.name}", b"key", b"{}")
