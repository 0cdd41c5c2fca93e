"""Watches and hits for the tests."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from pipeline.watch_messages import Watch, WatchHit

SEPTEMBER = datetime(2026, 9, 1, tzinfo=UTC)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def watch(name: str, query: str, /, **fields: Any) -> Watch:
    """A watch since September; what is not given is plain."""
    return msgspec.structs.replace(Watch(name=name, query=query, since=SEPTEMBER), **fields)


def hit(id_: str, /, **fields: Any) -> WatchHit:
    """A hit of the watch "harbour"; what is not given is plain."""
    plain = WatchHit(
        id=f"hit of {id_}",
        watch="harbour",
        article=id_,
        group=id_,
        revision=1,
        url=f"https://paper.example/{id_}",
        title=f"The harbour of {id_}",
        source="paper.example",
        source_name="The Paper",
        language="en",
        date=SEPTEMBER,
        found_at=NOON,
    )
    return msgspec.structs.replace(plain, **fields)
