"""Feed files: the newest hits of each watch as an Atom feed (RFC 4287) and a JSON Feed (version 1.1).

In: hits. Out: the two texts, the same for the same hits; and NAME.atom and NAME.json in a folder, each replaced in one
step, so that a reader never sees half of one.
"""

from collections import deque
from collections.abc import Sequence
from pathlib import Path

from pipeline.watch_messages import WatchHit
from watches.outputs import syndication_feed
from watches.outputs.syndication_feed import FeedItem, SyndicationFeed
from watches.watch_list import NAME


class FeedFiles:
    """The newest hits of each watch, and the folder that they are written to."""

    def __init__(self, folder: Path, entries: int) -> None:
        self._folder, self._entries = folder, entries
        self._hits: dict[str, deque[WatchHit]] = {}
        self._changed: set[str] = set()

    def add(self, hit: WatchHit) -> None:
        """Adds a hit, the newest of its watch; one whose watch has no name for a file is left out."""
        if not NAME.fullmatch(hit.watch):
            return
        newest = self._hits.setdefault(hit.watch, deque(maxlen=self._entries))
        if all(each.id != hit.id for each in newest):
            newest.append(hit)
            self._changed.add(hit.watch)

    def write(self) -> None:
        """Writes the feeds that have changed since the last time. Raises OSError; then they are written next time."""
        if self._changed:
            self._folder.mkdir(parents=True, exist_ok=True)
        for watch in sorted(self._changed):
            hits = list(reversed(self._hits[watch]))
            _replace(self._folder / f"{watch}.atom", atom_feed(watch, hits))
            _replace(self._folder / f"{watch}.json", json_feed(watch, hits))
            self._changed.discard(watch)


def atom_feed(watch: str, hits: Sequence[WatchHit]) -> str:
    """The hits, the newest first, as an Atom feed."""
    return syndication_feed.write_atom(_feed(watch, hits))


def json_feed(watch: str, hits: Sequence[WatchHit]) -> str:
    """The hits, the newest first, as a JSON Feed."""
    return syndication_feed.write_json(_feed(watch, hits))


def _feed(watch: str, hits: Sequence[WatchHit]) -> SyndicationFeed:
    return SyndicationFeed(
        id=f"urn:newsloom:watch:{watch}", title=f"{watch} (Newsloom)", entries=tuple(map(_entry, hits))
    )


def _entry(hit: WatchHit) -> FeedItem:
    return FeedItem(
        kind="hit",
        id=hit.id,
        url=hit.url,
        title=_title(hit),
        published=hit.date,
        updated=hit.found_at,
        author=hit.source_name or hit.source,
        language=hit.language,
    )


def _title(hit: WatchHit) -> str:
    return f"{hit.title} (changed: {', '.join(hit.changed)})" if hit.changed else hit.title


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8", errors="replace")
    part.replace(path)
