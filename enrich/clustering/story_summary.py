"""Story summary: collects what the message about a story says (headline, size, sources, entities, times).

In: the fingerprints of a story's articles, one after the other. Out: its Story message.
"""

from datetime import UTC, datetime
from itertools import chain

from pipeline.messages import Fingerprint, Story

MAX_SOURCES = 100  # in a story's message
MAX_ENTITIES = 20  # in a story's message
MAX_COUNTED_ENTITIES = 200  # of a story
MAX_WAITING = 8  # articles whose entities wait to be counted: most stories have one article and are never asked for


class StorySummary:
    """What the message about a story says, kept up to date. The headline is the title of the story's first article.

    `time` is when that article was published, in seconds.
    """

    def __init__(self, headline: str, time: float) -> None:
        self.headline = headline
        self._size = 0
        self._sources: dict[str, None] = {}
        self._entities: dict[str, int] = {}
        self._waiting: list[tuple[str, ...]] = []  # entity keys of articles that are not yet counted
        self._first = self._last = time

    def add_article(self, fingerprint: Fingerprint, time: float) -> None:
        """Adds an article that was published at `time` (seconds). The entities of copies are not counted again."""
        self._size += 1
        self._first, self._last = min(self._first, time), max(self._last, time)
        if len(self._sources) < MAX_SOURCES:
            self._sources[fingerprint.source] = None
        if fingerprint.duplicate_of is None:
            self._waiting.append(fingerprint.entities)
            if len(self._waiting) > MAX_WAITING:
                self._count_waiting()

    def _count_waiting(self) -> None:
        for name in chain.from_iterable(self._waiting):
            self._count_entity(name, 1)
        self._waiting.clear()

    def _count_entity(self, name: str, articles: int) -> None:
        if name in self._entities or len(self._entities) < MAX_COUNTED_ENTITIES:
            self._entities[name] = self._entities.get(name, 0) + articles

    def absorb(self, other: "StorySummary") -> None:
        """Adds the articles of another story. The headline becomes that of the earlier one of the two."""
        self._count_waiting()
        other._count_waiting()
        if other._first < self._first:
            self.headline = other.headline
        self._size += other._size
        self._first, self._last = min(self._first, other._first), max(self._last, other._last)
        self._sources = dict.fromkeys([*self._sources, *other._sources][:MAX_SOURCES])
        for name, count in other._entities.items():
            self._count_entity(name, count)

    def to_message(self, story: str, language: str) -> Story:
        """The Story message under the id `story`, with the entities that most articles have first."""
        self._count_waiting()
        named = sorted(self._entities, key=lambda name: -self._entities[name])[:MAX_ENTITIES]
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
