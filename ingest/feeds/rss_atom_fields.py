"""Fields of RSS and Atom that feedparser reads otherwise than their formats mean them: links, authors, captions. Pure.

In: a document before feedparser reads it, and the fields that it has read. Out: which alternate link is the entry's,
an author's name, and a document whose captions of pictures are not taken for the text of an entry.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ingest.markup import clean_string, language_code, plain_line, plain_text

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "html", "xhtml", ""})
# Media RSS by its namespace (https://www.rssboard.org/media-rss), and by its usual prefix where a feed forgot that
MEDIA_PREFIX = re.compile(rb"xmlns:([\w.\-]+)\s*=\s*[\"']https?://search\.yahoo\.com/mrss/?[\"']", re.IGNORECASE)
USUAL_PREFIX = b"media"
VIDEO_TYPES = ("video/", "application/x-shockwave-flash", "application/x-mpegurl", "application/vnd.apple.mpegurl")
# with the brackets around it: of x@y.media (Name), <x@y.media> Name, Name (x@y.media), mailto:x@y.media
EMAIL = re.compile(r"[(<]?\s*(?:mailto:)?[^\s()<>@,]+@[^\s()<>@,]+\.[^\s()<>@,]+\s*[)>]?", re.IGNORECASE)
# feedparser ends an address after four letters of its last label: the others stay in the name
FEEDPARSER_LABEL = 4


def set_captions_apart(body: bytes) -> bytes:
    """The document with media:description, which feedparser takes for the entry's own text, as media:caption."""
    prefixes = {USUAL_PREFIX, *MEDIA_PREFIX.findall(body)}
    if not any(each + b":description" in body for each in prefixes):
        return body
    names = b"|".join(re.escape(each) for each in sorted(prefixes))
    return re.sub(rb"(</?(?:" + names + rb")):description(?=[\s>/])", rb"\1:caption", body)


def video_caption(raw: Mapping[str, Any]) -> str:
    """What the entry's media:description says, where the entry is a video: a picture's describes the picture."""
    media = raw.get("media_content")
    kinds = [
        (clean_string(each.get("medium")).lower(), clean_string(each.get("type")).lower())
        for each in (media if isinstance(media, list) else [])
        if isinstance(each, Mapping)
    ]
    is_video = any(medium == "video" or kind.startswith(VIDEO_TYPES) for medium, kind in kinds)
    return plain_text(clean_string(raw.get("media_caption"))) if is_video else ""


def choose_alternate(links: Iterable[Mapping[str, Any]], language: str) -> str:
    """The address of the page among an entry's links: the first in the feed's own language; "" if there is none.

    Without one in that language the first that names no language, else the first of all (RFC 4287, 4.2.7). `language`
    is the tag of the entry or its feed, "" where neither has one.
    """
    pages = [
        each
        for each in links
        if clean_string(each.get("href"))
        and clean_string(each.get("rel")) in ("", "alternate")
        and clean_string(each.get("type")).partition(";")[0].strip().lower() in HTML_TYPES
    ]
    chosen = min(pages, key=lambda each: _distance(clean_string(each.get("hreflang")), language), default={})
    return clean_string(chosen.get("href"))


def _distance(tag: str, wanted: str) -> int:
    """0 for the same language tag, 1 for another of the language, 2 for none, 3 for another language."""
    if not tag or tag.lower() == "x-default":
        return 2
    if wanted and tag.lower().replace("_", "-") == wanted.lower().replace("_", "-"):
        return 0
    return 1 if wanted and language_code(tag) == language_code(wanted) else 3


def author_names(whole: Any, people: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The names of an entry's authors. `whole`: the text of the last author element; `people`: what was read of all."""
    if len(people) > 1:
        names = [author_name(_mended(clean_string(each.get("name")), each.get("email"))) for each in people]
    else:
        written = [clean_string(each.get("name")) for each in people if each.get("name") and not each.get("email")]
        names = [author_name(written[0] if written else clean_string(whole))]
    return tuple(dict.fromkeys(name for name in names if name))


def author_name(written: str) -> str:
    """The name in an author's line, without the e-mail address that RSS wants there; "" where it has no name."""
    line = plain_line(written) if "@" not in written or "<" not in written else written
    without = EMAIL.sub(" ", line).strip() if "@" in line else line
    if without != line and without.startswith("(") and without.endswith(")"):
        without = without[1:-1]
    return " ".join(without.split())


def _mended(name: str, email: Any) -> str:
    """A name without the rest of an address that feedparser cut too early: "a (Name" of x@y.media (Name)."""
    label = clean_string(email).rpartition(".")[2]
    before, bracket, after = name.partition(" (")
    if not bracket or len(label) < FEEDPARSER_LABEL or ")" in after:
        return name
    return max(before, after, key=len)
