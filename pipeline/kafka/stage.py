"""A stage as the Kafka loop sees it: one function from messages to what became of them.

In: messages of the stage's source topic, in order. Out: one `Handled` or `Poison` for each.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pipeline.failures import Failure, Poison
from pipeline.kafka.publisher import Outgoing
from pipeline.messages import Message, Topic

M = TypeVar("M", bound=Message)


class TooManyBugs(Failure):
    """The worker stopped: so many messages in a row met an unexpected error that the program must be at fault."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What a stage made of one message. `remember` is acknowledged before anything of `publish` is sent."""

    publish: tuple[Outgoing, ...] = ()
    remember: tuple[Outgoing, ...] = ()


Result = Handled | Poison


def _nothing_to_remember(_partitions: frozenset[int]) -> None:
    """Most stages have no state."""


@dataclass(frozen=True)
class Stage(Generic[M]):
    """Name, source and work of a stage.

    `handle` takes messages in order and returns one result for each; it may raise Unavailable for all of them.
    `assigned` is called with all partitions that we own before the first message of a new assignment is handled: a
    stage with state rebuilds it there. It may raise Unavailable.
    """

    name: str
    source: Topic
    message: type[M]
    handle: Callable[[Sequence[M]], Sequence[Result]]
    assigned: Callable[[frozenset[int]], None] = _nothing_to_remember
