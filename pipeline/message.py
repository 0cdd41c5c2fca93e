"""Message: the base of everything that travels over Kafka (pipeline/messages.py)."""

from typing import ClassVar

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of everything that travels over Kafka."""

    SCHEMA: ClassVar[int] = 1

    schema: int = msgspec.field(default_factory=lambda: 1)  # a factory, so that omit_defaults still writes it
