"""ninjs parser, IPTC's "News in JSON", versions 1.x, 2.x and 3.x: JSON -> ParsedFeed.

In: a document as received: one object, an array, objects one after the other (JSON lines), or an array within the
object of some API. Out: an entry for each object with a text; the others are counted (`left_out`), and broken ones
named in `error`. Objects that are associated with another and have a text of their own are items like it. None where
the document is no ninjs. Never raises.

The versions differ in the spelling of names (body_text, contenttype, contentType) and in whether there may be several
headlines, descriptions and bodies: names are read without case. Schemas: https://iptc.org/std/ninjs/.
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest import markup
from ingest.feeds.agency.delivery import BROKEN, delivered_feed
from ingest.feeds.agency.item_fields import ItemFields, LeftOut
from ingest.feeds.agency.item_text import BodyText, choose_body, read_body
from ingest.feeds.entry import ParsedFeed

# a parsed object takes a hundred times its bytes: a document of nothing but brackets must not exhaust the memory
MOST_OBJECTS = 2_000_000
MOST_RESTARTS = 1_000  # in a broken document: each may read on to its end
DEEPEST = 4  # associations of associations
NAME = re.compile(rb'"uri"\s*:')
JSON_FEED = re.compile(rb"jsonfeed\.org/version/")
OBJECT_START = re.compile(r"[\n,\[][ \t\r]{0,40}\{")
# where APIs put the items that they answer with
WRAPPERS = ("items", "_items", "newsitems", "results", "data")
DECODER = json.JSONDecoder(strict=False)
SUMMARY_ROLES = ("summary", "abstract", "lead", "main", "text", "")
MAIN_ROLES = ("main", "")
# of these people, organisations and the like only the name is read
NAMED = ("subjects", "subject", "people", "person", "organisations", "organisation", "places", "place")
WIDEST_IMAGE = 2_048  # pixels

Item = Mapping[str, Any]


def is_ninjs(body: bytes) -> bool:
    """Whether a JSON document may be ninjs: something in it has a `uri`, and it does not say that it is a JSON Feed."""
    return NAME.search(body) is not None and JSON_FEED.search(body) is None


def parse_ninjs(body: bytes, url: str) -> ParsedFeed | None:
    """Parses ninjs; None for JSON in which no object is a news item."""
    text = body.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace").strip()
    if text.count("{") + text.count("[") > MOST_OBJECTS:
        return ParsedFeed(error=f"JSON of more than {MOST_OBJECTS} objects")
    objects, broken = _objects(text)
    if not any(isinstance(each, dict) and "uri" in _folded(each) for each in objects):
        return None
    items = [item for each in objects for item in _read_with_associated(each)]
    left = [LeftOut(BROKEN, f"item {number} is broken: {why}") for number, why in broken]
    return delivered_feed(_version(objects), [*items, *left], url, None)


# --- the objects of a document ---


def _objects(text: str) -> tuple[list[Any], list[tuple[int, str]]]:
    """The objects of a document, and of those that are broken the number (from 1) and the defect."""
    try:
        return _unwrapped(DECODER.decode(text)), []
    except (ValueError, RecursionError):
        return _scan(text)


def _unwrapped(document: Any) -> list[Any]:
    """The items in a document: itself, its elements, or what the answer of an API has in one of WRAPPERS."""
    if isinstance(document, dict) and "uri" not in _folded(document):
        inner = next((document[name] for name in WRAPPERS if isinstance(document.get(name), list | dict)), None)
        if inner is not None:
            return _unwrapped(inner)
    objects = document if isinstance(document, list) else [document]
    return [each["item"] if isinstance(each, dict) and isinstance(each.get("item"), dict) else each for each in objects]


def _scan(text: str) -> tuple[list[Any], list[tuple[int, str]]]:
    """Reads objects that stand one after the other, and those of a broken array: each alone, up to the next."""
    objects: list[Any] = []
    broken: list[tuple[int, str]] = []
    restarts = iter(range(MOST_RESTARTS))
    place = _next_object(text, 0)
    while place < len(text):
        try:
            found, end = DECODER.raw_decode(text, place)
            if not broken or "uri" in _folded(found):  # behind a defect it may be a part of what is broken
                objects.append(found)
        except (ValueError, RecursionError) as defect:
            broken.append((len(objects) + len(broken) + 1, f"{type(defect).__name__}: {str(defect)[:100]}"))
            end = _next_item(text, place + 1, restarts)
        place = _next_object(text, end)
    if next(restarts, None) is None:
        broken.append((len(objects) + len(broken) + 1, "too much is broken: what follows was not read"))
    return objects, broken


def _next_object(text: str, start: int) -> int:
    found = text.find("{", start)
    return len(text) if found < 0 else found


def _next_item(text: str, start: int, restarts: Iterator[int]) -> int:
    """Where, behind a broken item, the next one begins: an object with a `uri` that can be read."""
    for match in OBJECT_START.finditer(text, start):
        if next(restarts, None) is None:
            break
        try:
            found, _ = DECODER.raw_decode(text, match.end() - 1)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and "uri" in _folded(found):
            return match.end() - 1
    return len(text)


# --- one object ---


def _read_with_associated(found: Any, depth: int = 0) -> Iterator[ItemFields | LeftOut]:
    """The item, and those associated with it that have a text of their own."""
    if not isinstance(found, dict):
        yield LeftOut(BROKEN, f"an item is no object but {json.dumps(found)[:40]}")
        return
    item = _folded(found)
    yield _read_item(item)
    for each in _associated(item) if depth < DEEPEST else ():
        told = _folded(each)
        if told.get("uri") and _text_of_kind(told):
            yield from _read_with_associated(each, depth + 1)


def _text_of_kind(item: Item) -> bool:
    return markup.clean_string(item.get("type")) in ("text", "composite") and bool(_bodies(item)[0])


def _read_item(item: Item) -> ItemFields:
    bodies, not_read = _bodies(item)
    body = choose_body(bodies)
    return ItemFields(
        identity=markup.clean_string(item.get("uri")),
        kind=_kind(item),
        version=_scalar(item.get("version")),
        status=_scalar(item.get("pubstatus")),
        embargoed=_scalar(item.get("embargoed")) or _scalar(item.get("embargoeduntil")) or None,
        title=_headline(item) or body.title,
        summary=_summary(item) or body.summary,
        text=body.text,
        bylines=_bylines(item) or body.bylines,
        language=markup.clean_string(item.get("language")),
        tags=_tags(item),
        image=_image(item),
        created={name: _scalar(item.get(name)) for name in ("firstcreated", "contentcreated")},
        changed=("versioncreated", _scalar(item.get("versioncreated"))),
        note=markup.plain_line(item.get("ednote")),
        not_read=not_read,
    )


def _kind(item: Item) -> str:
    kind = markup.clean_string(item.get("type")).lower()
    return kind or ("event" if "eventdetails" in item else "")


def _folded(found: dict[str, Any]) -> dict[str, Any]:
    """The object with the names of ninjs 1 and 2, which know no capitals."""
    return {name.lower(): value for name, value in found.items()}


def _scalar(found: Any) -> str:
    """A string or number; "" for anything else."""
    number = isinstance(found, int | float) and not isinstance(found, bool)
    return str(found) if number else markup.clean_string(found)


def _dicts(found: Any) -> list[dict[str, Any]]:
    """The objects of an array, or of an object's values (associations of ninjs 1); one object is an array of it."""
    if isinstance(found, dict):
        values = list(found.values())
        found = values if values and all(isinstance(each, dict) for each in values) else [found]
    return [_folded(each) for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _associated(item: Item) -> list[dict[str, Any]]:
    return _dicts(item.get("associations"))


def _variants(item: Item, one: str, several: str) -> list[tuple[str, str, str]]:
    """Role, media type and value of an item's headlines, descriptions or bodies, as each version writes them."""
    listed = [
        (_scalar(each.get("role")).lower(), _scalar(each.get("contenttype")), markup.clean_string(each.get("value")))
        for each in _dicts(item.get(several))
    ]
    single = [
        (name.removeprefix(one).lstrip("_"), _type_in(name), markup.clean_string(value))
        for name, value in item.items()
        if name == one or name.startswith(f"{one}_")
    ]
    return [each for each in (*listed, *single) if each[2]]


def _type_in(name: str) -> str:
    """The media type that the name of a ninjs 1 property tells (body_xhtml, body_nitf); "" where it tells none."""
    return "text/html" if "html" in name else "application/nitf+xml" if "nitf" in name else ""


def _bodies(item: Item) -> tuple[list[BodyText], tuple[str, ...]]:
    """The bodies that are understood, the main one first, and the media types of the others."""
    variants = sorted(_variants(item, "body", "bodies"), key=lambda each: each[0] not in MAIN_ROLES)
    read = [(kind, read_body(value, kind)) for _, kind, value in variants]
    return [body for _, body in read if body is not None], tuple(kind for kind, body in read if body is None)


def _headline(item: Item) -> str:
    found = _variants(item, "headline", "headlines")
    chosen = next((value for role, _, value in found if role in MAIN_ROLES), found[0][2] if found else "")
    return markup.plain_line(chosen or item.get("title"))


def _summary(item: Item) -> str:
    found = [each for each in _variants(item, "description", "descriptions") if each[0] in SUMMARY_ROLES]
    chosen = min(found, key=lambda each: SUMMARY_ROLES.index(each[0]), default=("", "", ""))
    return markup.plain_text(chosen[2])


def _bylines(item: Item) -> tuple[str, ...]:
    """Who made it, as it is written: `byline` in ninjs 1, `by` since."""
    found = (item.get(name) for name in ("by", "byline", "bylines"))
    values = [each for value in found for each in (value if isinstance(value, list) else [value])]
    names = (_scalar(each.get("value") or each.get("name")) if isinstance(each, dict) else each for each in values)
    return tuple(dict.fromkeys(line for each in names if (line := markup.plain_line(each))))


def _tags(item: Item) -> tuple[str, ...]:
    """The names of its subjects, people, organisations and places, and where it was written."""
    names = [each.get("name") for name in NAMED for each in _dicts(item.get(name))]
    return tuple(dict.fromkeys(tag for each in (*names, item.get("located")) if (tag := markup.plain_line(each))))


def _image(item: Item) -> str:
    """The address of the first associated picture: the widest rendition that is not for print."""
    pictures = [each for each in _associated(item) if each.get("type") == "picture"]
    renditions = [each for picture in pictures[:1] for each in _dicts(picture.get("renditions")) if each.get("href")]
    screen = [each for each in renditions if _width(each) <= WIDEST_IMAGE]
    return markup.clean_string(max(screen, key=_width, default={}).get("href"))


def _width(rendition: Item) -> int:
    width = rendition.get("width")
    return width if isinstance(width, int) else 0


def _version(objects: list[Any]) -> str:
    """ninjs1, ninjs2 or ninjs3: as it is stated (`standard`, in 1.x `$standard`), else by the spelling of its names."""
    items = [each for each in objects if isinstance(each, dict)]
    stated = (each.get("standard") or each.get("$standard") for each in items)
    told = next((_scalar(each.get("version"))[:1] for each in stated if isinstance(each, dict)), "")
    if told in ("1", "2", "3"):
        return f"ninjs{told}"
    names = {name for each in items for name in each}
    if names & {"versionCreated", "pubStatus", "firstCreated", "embargoedUntil", "copyrightNotice", "edNote"}:
        return "ninjs3"
    return "ninjs2" if names & {"bodies", "headlines", "descriptions", "people", "subjects"} else "ninjs1"
