"""One item of an agency, as its format's parser read it, and the entry that it becomes. Pure.

In: ItemFields, with dates and codes as they are written. Out: an Entry with its Delivery, or LeftOut with the reason.
What an agency forbids weighs more than what can't be read: an item whose status or embargo is not understood is left
out, and named, rather than published.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.dates.site_dates import read_times, site_hints
from ingest.dates.time_reading import NO_DATE, TimeReading
from ingest.feeds.entry import Delivery, DeliveryStatus, Entry
from ingest.feeds.entry_dates import EntryDates, entry_dates
from ingest.markup import absolute_url, language_code

# itemClass of NewsML-G2 and type of ninjs that are articles; "" where an item does not say what it is
TEXT_KINDS = frozenset({"text", "composite", ""})
# "cancelled" is no value of either format, and what people write
STATUSES: Mapping[str, DeliveryStatus] = {
    "": "usable",
    "usable": "usable",
    "withheld": "withheld",
    "canceled": "canceled",
    "cancelled": "canceled",
}
VERSION = re.compile(r"\d{1,12}")
MOST_NAMED = 60  # characters of an identity in a message


@dataclass(frozen=True, slots=True)
class ItemFields:
    """What an item says. Texts are plain, dates as they are written; `created`: its dates, the best first.

    `embargoed` is None where there is none, and "" where there is one without an end. `not_read`: the types of bodies
    that were not understood.
    """

    identity: str
    kind: str = ""
    version: str = ""
    status: str = ""
    embargoed: str | None = None
    title: str = ""
    summary: str = ""
    text: str = ""
    bylines: tuple[str, ...] = ()
    language: str = ""
    tags: tuple[str, ...] = ()
    image: str = ""
    created: Mapping[str, str] = field(default_factory=dict)
    changed: tuple[str, str] = ("", "")  # name and value of the date of this version
    note: str = ""
    not_read: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the item is called in a message."""
        return self.identity[:MOST_NAMED] or self.title[:MOST_NAMED] or "one without a name"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item that becomes no entry. `problem` says what is wrong with it; "" where nothing is."""

    reason: str
    problem: str = ""


def build_entry(item: ItemFields, url: str) -> Entry | LeftOut:
    """The entry of an item in the document at `url`, or why it has none."""
    if not item.identity:
        return LeftOut("item without a name", f"{item.name}: has no uri or guid, so that its versions can't be told")
    status = STATUSES.get(item.status.lower())
    if status is None:
        told = f"{item.name}: its status {item.status[:MOST_NAMED]!r} is not known: left out to be safe"
        return LeftOut("item of unknown status", told)
    if status != "usable":
        return _entry(item, url, Delivery(version=_version(item), status=status, note=item.note))
    reason = _no_article(item)
    if reason:
        return LeftOut(reason)
    times = _read_times(item, url)
    ends = times.get(item.embargoed, NO_DATE).time if item.embargoed else None
    if item.embargoed is not None and ends is None:
        told = (
            f"its embargo has no end that can be read ({item.embargoed[:MOST_NAMED]!r}): left out until a version has"
        )
        return LeftOut("embargoed item", f"{item.name}: {told}")
    return _entry(item, url, Delivery(version=_version(item), embargoed=ends, note=item.note), times)


def _no_article(item: ItemFields) -> str:
    """Why an item is no article, "" for one."""
    if item.kind not in TEXT_KINDS:
        return item.kind[:MOST_NAMED]
    if item.text or (item.summary and item.kind):
        return ""
    return f"text in {item.not_read[0][:MOST_NAMED]}" if item.not_read else "item without a text"


def _version(item: ItemFields) -> int | None:
    return int(item.version) if VERSION.fullmatch(item.version) else None


def _read_times(item: ItemFields, url: str) -> Mapping[str, TimeReading]:
    written = (*item.created.values(), item.changed[1], item.embargoed or "")
    return read_times([each for each in written if each], site_hints(url, item.language))


def _entry(item: ItemFields, url: str, delivery: Delivery, times: Mapping[str, TimeReading] | None = None) -> Entry:
    dates = _dates(item, _read_times(item, url) if times is None else times, delivery)
    return Entry(
        identity=item.identity,
        url=absolute_url("", item.identity),
        title=item.title,
        summary=item.summary,
        content=_without_headline(item.text, item.title),
        authors=item.bylines,
        published=dates.published,
        published_precision=dates.published_precision,
        published_zone_known=dates.published_zone_known,
        updated=dates.updated,
        sources=dates.sources,
        tags=item.tags,
        image=absolute_url(url, item.image) or None,
        language=language_code(item.language),
        delivery=delivery,
    )


def _dates(item: ItemFields, times: Mapping[str, TimeReading], delivery: Delivery) -> EntryDates:
    """When the item was first made, and when this version was. One with an embargo is not published before its end."""
    created = [(name, times.get(written, NO_DATE)) for name, written in item.created.items()]
    changed = (item.changed[0], times.get(item.changed[1], NO_DATE))
    first = next((each.time for _, each in created if each.time), changed[1].time)
    ends = delivery.embargoed
    if ends is not None and (first is None or first < ends):
        created = [("embargoed", times.get(item.embargoed or "", NO_DATE))]
    return entry_dates(created, changed)


def _without_headline(text: str, title: str) -> str:
    """The text without the headline that many bodies repeat in their first line."""
    first, _, rest = text.partition("\n")
    return rest if rest and title and first.casefold() == title.casefold() else text
