"""When a consumer last heard from its broker: what its stage's health is told by.

In: what polls brought, and one cheap request now and then while they bring nothing. Out: nothing while the broker
answers; Unavailable when it does not. kafka-python's `poll` can't tell a silent broker from a dead one.
"""

import time
from collections.abc import Callable

from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError

from pipeline.failures import Unavailable
from pipeline.kafka import broker
from pipeline.kafka.clients.network import Consumer

# between two questions to a broker that has no news
QUIET_SECONDS = 10.0


class BrokerContact:
    """What one consumer has heard of its broker. To be used by the consumer's thread. `clock` gives monotonic
    seconds."""

    def __init__(self, topic: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._topic, self._clock = topic, clock
        self._silent = False
        self.heard_at = clock()

    def check(self, consumer: Consumer, found: object) -> None:
        """To be called after each poll, with what it brought. Raises Unavailable when the broker does not answer."""
        if not found:
            if not self._silent and self._clock() - self.heard_at < QUIET_SECONDS:
                return
            self._ask(consumer)
        self._silent, self.heard_at = False, self._clock()

    def doubt(self) -> None:
        """Something else was not answered: the next poll that brings nothing asks at once."""
        self._silent = True

    def _ask(self, consumer: Consumer) -> None:
        # a member of the group without a partition asks about the first, which every topic has
        partitions = list(consumer.assignment()) or [TopicPartition(self._topic, 0)]
        try:
            broker.call_kafka(lambda: consumer.require_answer(partitions))
        except Unavailable as error:
            self._silent = True
            if not isinstance(error.__cause__, KafkaTimeoutError):
                raise
            raise Unavailable("kafka", f"nothing heard for {self._clock() - self.heard_at:.0f} s") from error
