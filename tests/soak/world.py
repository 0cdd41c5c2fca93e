"""What an injection of a fault can reach: servers, workers, the web, the topics; and what it tells of what it did."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from embedded.stack import Stack
from pipeline.failures import Unavailable
from pipeline.kafka.publisher import EncodedMessage, Publisher
from pipeline.settings import Settings
from tests.soak.crew import Crew
from tests.soak.faults.schedule import PlannedFault
from tests.soak.faulty_door import FaultyDoor
from tests.soak.loopback_web import LoopbackWeb
from tests.soak.newspapers import Newspapers
from tests.soak.verdict import Expectation, Fate

PATIENCE_SECONDS = 300.0  # longer than anything is away


@dataclass
class World:
    """Everything of one run. `options` lead straight to the servers; the workers reach Elasticsearch by the door."""

    options: Settings
    stack: Stack
    crew: Crew
    web: LoopbackWeb
    door: FaultyDoor
    papers: Newspapers
    say: Callable[[str], None]
    expected: dict[str, Expectation] = field(default_factory=dict)  # by marker, or by the subject of a dead letter
    readers_were_frozen: bool = False  # pages that they had in hand may be given up
    servers_down: set[str] = field(default_factory=set)  # "kafka", "elasticsearch": a fault keeps them so

    def expect(self, key: str, fate: Fate, why: str = "") -> None:
        """Notes what must have become in the end of an article (its marker) or of a message (its key)."""
        self.expected[key] = Expectation(key, fate, why)

    def publish(self, messages: Sequence[EncodedMessage]) -> None:
        """Puts messages on topics; while Kafka is away it tries again. Raises Unavailable when that is in vain."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            publisher = Publisher(self.options.kafka)
            try:
                publisher.publish(messages)
                return
            except Unavailable:
                if time.monotonic() > deadline:
                    raise
            finally:
                publisher.close()


Injection = Callable[[World, PlannedFault, threading.Event], None]


def chance_of(fault: PlannedFault) -> random.Random:
    """The generator for what a fault draws: the same for the same seed."""
    return random.Random(fault.salt)
