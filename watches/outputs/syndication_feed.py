"""Syndication feed: articles as an Atom feed (RFC 4287) and a JSON Feed (version 1.1). Pure.

In: a feed and its items, the newest first. Out: the two texts, the same for the same items. The hits of a watch and the
articles of a search are written by it.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import msgspec

ATOM = "http://www.w3.org/2005/Atom"
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class FeedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An article in a feed. `kind` and `id` together are its id for ever."""

    kind: str
    id: str
    url: str
    title: str
    published: datetime
    updated: datetime
    author: str
    summary: str = ""
    language: str = ""


class SyndicationFeed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed. `own_url`: where it is fetched; `page_url`: the same for people."""

    id: str
    title: str
    entries: tuple[FeedItem, ...]
    own_url: str = ""
    page_url: str = ""

    @property
    def updated(self) -> datetime:
        """When the last of its items changed; the beginning of Unix time without any."""
        return max((each.updated for each in self.entries), default=NEVER)


def write_atom(feed: SyndicationFeed) -> str:
    """The feed in Atom."""
    root = ET.Element("feed", xmlns=ATOM)
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated.isoformat())
    if feed.own_url:
        ET.SubElement(root, "link", rel="self", type="application/atom+xml", href=_xml(feed.own_url))
    if feed.page_url:
        ET.SubElement(root, "link", rel="alternate", type="text/html", href=_xml(feed.page_url))
    for each in feed.entries:
        _add_entry(root, each)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode")


def write_json(feed: SyndicationFeed) -> str:
    """The feed in JSON Feed."""
    told: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": feed.title}
    told |= {"home_page_url": feed.page_url} if feed.page_url else {}
    told |= {"feed_url": feed.own_url} if feed.own_url else {}
    told["items"] = list(map(_json_item, feed.entries))
    return json.dumps(told, ensure_ascii=False, indent=1)


def _add_entry(root: ET.Element, item: FeedItem) -> None:
    entry = ET.SubElement(root, "entry")
    _add(entry, "id", f"urn:newsloom:{item.kind}:{item.id}")
    _add(entry, "title", item.title)
    ET.SubElement(entry, "link", href=_xml(item.url))
    _add(entry, "published", item.published.isoformat())
    _add(entry, "updated", item.updated.isoformat())
    _add(ET.SubElement(entry, "author"), "name", item.author)
    if item.summary:
        _add(entry, "summary", item.summary)


def _json_item(item: FeedItem) -> dict[str, Any]:
    told = {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "content_text": item.summary or item.title,
        "date_published": item.published.isoformat(),
        "date_modified": item.updated.isoformat(),
        "authors": [{"name": item.author}],
    }
    return told | ({"language": item.language} if item.language else {})


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _xml(text)


def _xml(text: str) -> str:
    """The text without what can't stand in XML."""
    return NOT_XML.sub("\ufffd", text)
