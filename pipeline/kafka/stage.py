"""What a stage is to the Kafka loop: a name, a source topic, and a function from messages to results.

In: messages of the stage's source topic, in order. Out: one `StageOutput` or `Poison` for each.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pipeline.failures import Failure, Poison
from pipeline.kafka.publisher import OutgoingMessage
from pipeline.messages import Message, Topic

M = TypeVar("M", bound=Message)


class TooManyBugs(Failure):
    """The worker stopped: so many messages in a row raised an unexpected error that the program must be at fault."""


@dataclass(frozen=True, slots=True)
class StageOutput:
    """What a stage made of one message: the messages to publish.

    `remember` is the stage's own memory of the message, which it reads back at its next start: it is acknowledged
    before anything of `publish` is sent.
    """

    publish: tuple[OutgoingMessage, ...] = ()
    remember: tuple[OutgoingMessage, ...] = ()


Result = StageOutput | Poison


def _nothing_to_remember(_partitions: frozenset[int]) -> None:
    """Does nothing: most stages have no state to rebuild."""


@dataclass(frozen=True)
class Stage(Generic[M]):
    """A stage: its name, the topic and message type that it reads, and the function that does its work.

    `handle` takes messages in order and returns one result for each; it may raise Unavailable for all of them.
    `assigned` is called with all partitions that we own, before the first message of a new assignment is handled: a
    stage with state rebuilds it there. It may raise Unavailable.
    """

    name: str
    source: Topic
    message: type[M]
    handle: Callable[[Sequence[M]], Sequence[Result]]
    assigned: Callable[[frozenset[int]], None] = _nothing_to_remember
    batch_seconds: float | None = None
