"""Feed files: the newest hits of each watch as an Atom feed (RFC 4287) and a JSON Feed (version 1.1).

In: hits. Out: the two texts, the same for the same hits; and NAME.atom and NAME.json in a folder, each replaced in one
step, so that a reader never sees half of one.
"""

import json
import re
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from pipeline.watch_messages import WatchHit
from watches.watch_list import NAME

ATOM = "http://www.w3.org/2005/Atom"
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


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
    feed = ET.Element("feed", xmlns=ATOM)
    _add(feed, "id", f"urn:newsloom:watch:{watch}")
    _add(feed, "title", f"{watch} (Newsloom)")
    _add(feed, "updated", max((hit.found_at.isoformat() for hit in hits), default="1970-01-01T00:00:00+00:00"))
    for hit in hits:
        entry = ET.SubElement(feed, "entry")
        _add(entry, "id", f"urn:newsloom:hit:{hit.id}")
        _add(entry, "title", _title(hit))
        ET.SubElement(entry, "link", href=_xml(hit.url))
        _add(entry, "published", hit.date.isoformat())
        _add(entry, "updated", hit.found_at.isoformat())
        _add(ET.SubElement(entry, "author"), "name", hit.source_name or hit.source)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(feed, encoding="unicode")


def json_feed(watch: str, hits: Sequence[WatchHit]) -> str:
    """The hits, the newest first, as a JSON Feed."""
    items = [
        {
            "id": hit.id,
            "url": hit.url,
            "title": _title(hit),
            "content_text": _title(hit),
            "date_published": hit.date.isoformat(),
            "date_modified": hit.found_at.isoformat(),
            "authors": [{"name": hit.source_name or hit.source}],
            "language": hit.language,
        }
        for hit in hits
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": f"{watch} (Newsloom)", "items": items}
    return json.dumps(feed, ensure_ascii=False, indent=1)


def _title(hit: WatchHit) -> str:
    return f"{hit.title} (changed: {', '.join(hit.changed)})" if hit.changed else hit.title


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _xml(text)


def _xml(text: str) -> str:
    """The text without what can't stand in XML."""
    return NOT_XML.sub("\ufffd", text)


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8", errors="replace")
    part.replace(path)
