"""The dates of an entry: which of its elements tells when it was published.

In: the readings of its date elements, by their names. Out: EntryDates, which every parser puts into its entries.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ingest.dates.time_reading import NO_DATE, Precision, TimeReading

NamedReading = tuple[str, TimeReading]


@dataclass(frozen=True, slots=True)
class EntryDates:
    """The dates of an Entry, under the names of its fields."""

    published: datetime | None = None
    updated: datetime | None = None
    published_precision: Precision = "second"
    published_zone_known: bool = True
    sources: dict[str, tuple[str, float]] = field(default_factory=dict)


def entry_dates(published: Iterable[NamedReading], updated: NamedReading, updated_stands_in: bool = True) -> EntryDates:
    """The dates of an entry: the first of `published` that is a time; that of the change where none is and it may."""
    candidates = [*published, *([updated] if updated_stands_in else [])]
    name, chosen = next((each for each in candidates if each[1].time), _first_written(candidates))
    sources = {"published": _source(name, chosen), "updated": _source(*updated)}
    return EntryDates(
        published=chosen.time,
        updated=updated[1].time,
        published_precision=chosen.precision,
        published_zone_known=chosen.time is None or chosen.offset is not None,
        sources={field: source for field, source in sources.items() if source[0]},
    )


def _first_written(candidates: list[NamedReading]) -> NamedReading:
    return next((each for each in candidates if each[1] is not NO_DATE), ("", NO_DATE))


def _source(name: str, reading: TimeReading) -> tuple[str, float]:
    """The element and how sure its time is; one that is no time with the reason, and one that is not there as ""."""
    if reading is NO_DATE or not name:
        return "", 0.0
    return (name, reading.confidence) if reading.time else (f"{name}: {reading.reason}", 0.0)
