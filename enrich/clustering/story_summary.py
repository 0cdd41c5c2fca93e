"""Articles of a story, one after the other -> what the story's message says of them."""

from datetime import UTC, datetime
from itertools import chain

from pipeline.messages import Fingerprint, Story

TOLD_SOURCES = 100  # that a story's message names
TOLD_NAMES = 20
COUNTED_NAMES = 200
MOST_WAITING = 8  # articles whose names wait to be counted: most stories have one, and nothing is asked of them


class Tally:
    """What a story's message says, kept current. The headline is the title of the story's first article."""

    def __init__(self, headline: str, time: float) -> None:
        self.headline = headline
        self._size = 0
        self._sources: dict[str, None] = {}
        self._names: dict[str, int] = {}
        self._waiting: list[tuple[str, ...]] = []  # names that are not yet counted
        self._first = self._last = time

    def count(self, fingerprint: Fingerprint, time: float) -> None:
        """One more article, published at `time` (seconds). A copy says nothing new about who it is all about."""
        self._size += 1
        self._first, self._last = min(self._first, time), max(self._last, time)
        if len(self._sources) < TOLD_SOURCES:
            self._sources[fingerprint.source] = None
        if fingerprint.duplicate_of is None:
            self._waiting.append(fingerprint.entities)
            if len(self._waiting) > MOST_WAITING:
                self._catch_up()

    def _catch_up(self) -> None:
        for name in chain.from_iterable(self._waiting):
            self._count(name, 1)
        self._waiting.clear()

    def _count(self, name: str, articles: int) -> None:
        if name in self._names or len(self._names) < COUNTED_NAMES:
            self._names[name] = self._names.get(name, 0) + articles

    def absorb(self, other: "Tally") -> None:
        """Adds another story's articles. The headline is that of the earlier story."""
        self._catch_up()
        other._catch_up()
        if other._first < self._first:
            self.headline = other.headline
        self._size += other._size
        self._first, self._last = min(self._first, other._first), max(self._last, other._last)
        self._sources = dict.fromkeys([*self._sources, *other._sources][:TOLD_SOURCES])
        for name, count in other._names.items():
            self._count(name, count)

    def message(self, story: str, language: str) -> Story:
        """The story's message; the names that most of its articles have come first."""
        self._catch_up()
        named = sorted(self._names, key=lambda name: -self._names[name])[:TOLD_NAMES]
        return Story(
            id=story,
            language=language,
            headline=self.headline,
            size=self._size,
            sources=tuple(self._sources),
            first_seen_at=datetime.fromtimestamp(self._first, UTC),
            last_seen_at=datetime.fromtimestamp(self._last, UTC),
            entities=tuple(named),
        )
