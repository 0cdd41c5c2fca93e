"""The states of our feeds in memory: compressed while nothing happens to a feed (docs/decisions/0013).

In: states as they change. Out: the same states by URL; and a summary of each, which answers what is asked of all feeds
again and again (what is due when, the gauges) without unpacking its state. A state that Kafka has is kept compressed,
and unpacked when its feed is visited; one that Kafka does not have yet is kept as it is.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
import zstandard

from ingest.frontier import known_entries
from ingest.frontier.revisits import waiting_revisits
from pipeline.messages import FeedState


class _Codec(threading.local):
    """A compressor for each thread: the library's objects must not be used by two at a time.

    The assignment's thread packs what it reads from Kafka while the event loop packs what it has saved. With one object
    for both a poller ended with a segmentation fault after 23 minutes of a soak.
    """

    def __init__(self) -> None:
        # the quickest level: a state of 20 entries is packed in 30 us and unpacked in as many
        self.compressor = zstandard.ZstdCompressor(level=1)
        self.decompressor = zstandard.ZstdDecompressor()


_CODEC = _Codec()
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(FeedState)


def pack_state(state: FeedState) -> bytes:
    """A state as it is kept in memory; nothing else reads this."""
    # a copy: the library's own object keeps the room that it took for the worst case, three times what it needs
    return bytes(memoryview(_CODEC.compressor.compress(_ENCODER.encode(state))))


def unpack_state(packed: bytes) -> FeedState:
    """The state again."""
    return _DECODER.decode(_CODEC.decompressor.decompress(packed))


class PackedStates(Mapping[str, FeedState]):
    """States by URL, each unpacked when it is looked at."""

    def __init__(self) -> None:
        self.bytes: dict[str, bytes] = {}

    def __getitem__(self, url: str) -> FeedState:
        return unpack_state(self.bytes[url])

    def __setitem__(self, url: str, state: FeedState) -> None:
        self.bytes[url] = pack_state(state)

    def __iter__(self) -> Iterator[str]:
        return iter(self.bytes)

    def __len__(self) -> int:
        return len(self.bytes)


@dataclass(frozen=True, slots=True)
class FeedSummary:
    """What the frontier and the gauges ask of every feed. `due`: when there is something to do; None: at once.

    `gone`: on the list, but not polled, for the site took it away (410). `silent`: answers, and should have had more;
    `day_expected` and `day_seen` as in FeedState. `revisits`: published pages that are to be asked for again.
    """

    active: bool
    failing: bool
    gone: bool
    silent: bool
    day_expected: float
    day_seen: float
    pending: int
    next_poll_at: datetime | None
    due: datetime | None
    revisits: int = 0

    @classmethod
    def of(cls, state: FeedState) -> "FeedSummary":
        """The summary of a state."""
        due, revisit = known_entries.next_due(state), waiting_revisits.first_due(state)
        gone = state.gone_at is not None
        failing = state.failures > 0
        return cls(
            active=state.active,
            failing=failing,
            gone=gone,
            silent=state.silent_since is not None and not failing,
            day_expected=state.day_expected,
            day_seen=state.day_seen,
            pending=len(state.pending),
            next_poll_at=state.next_poll_at,
            due=min(due, revisit) if due and revisit else due,
            revisits=len(state.revisits),
        )


class FeedStates:
    """What the poller knows of its feeds. One event loop."""

    def __init__(self) -> None:
        self.summaries: dict[str, FeedSummary] = {}
        self.revisits = 0  # of all feeds: kept as they change, for there are many feeds
        self._packed: dict[str, bytes] = {}
        self._changed: dict[str, FeedState] = {}  # and not acknowledged yet
        self._looked_at: dict[str, FeedState] = {}  # lately: unpacked copies

    def get(self, url: str) -> FeedState | None:
        """The state of a feed of ours, else None."""
        state = self._changed.get(url) or self._looked_at.get(url)
        if state is None and (packed := self._packed.get(url)) is not None:
            state = self._looked_at[url] = unpack_state(packed)
        return state

    def __getitem__(self, url: str) -> FeedState:
        state = self.get(url)
        if state is None:
            raise KeyError(url)
        return state

    def put(self, state: FeedState) -> None:
        """Puts in place a state that Kafka does not have yet."""
        self._looked_at.pop(state.url, None)
        self._packed.pop(state.url, None)
        self._changed[state.url] = state
        self._summarise(state)

    def _summarise(self, state: FeedState) -> None:
        before, summary = self.summaries.get(state.url), FeedSummary.of(state)
        self.revisits += summary.revisits - (before.revisits if before else 0)
        self.summaries[state.url] = summary

    def take(self, states: PackedStates) -> Iterator[FeedState]:
        """Takes in feeds that are ours from now on, as Kafka has them; yields each state."""
        for url, packed in states.bytes.items():
            state = unpack_state(packed)
            self._summarise(state)
            self._packed[url] = packed
            yield state

    def drop(self, urls: Iterable[str]) -> None:
        """Forgets feeds that are ours no longer."""
        for url in urls:
            self.revisits -= self.summaries[url].revisits if url in self.summaries else 0
            for each in (self.summaries, self._packed, self._changed, self._looked_at):
                each.pop(url, None)

    def is_acknowledged(self, url: str) -> bool:
        """Whether Kafka has the feed's present state (or the feed is not ours)."""
        return url not in self._changed

    def unacknowledged(self, urls: Iterable[str]) -> list[FeedState]:
        """The states of these feeds that Kafka does not have yet."""
        return [self._changed[url] for url in urls if url in self._changed]

    def acknowledged(self, state: FeedState) -> None:
        """Kafka has this state now; it is compressed if it is still the present one."""
        if self._changed.get(state.url) is state:
            self._packed[state.url] = pack_state(self._changed.pop(state.url))

    def drop_unpacked(self) -> None:
        """Forgets the copies that were unpacked to be looked at."""
        self._looked_at.clear()
