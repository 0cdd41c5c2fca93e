"""Quality of times: how many dates are read right, not at all, or wrong: `python -m bench.dates [--peers]`.

In: dates in the forms that sites use, with the truth of each (bench/corpus/written_dates). Out: tables by form, by
language and by source with n, right, none and wrong, as they were read before (docs/decisions/0023) and as they are
read now; 1 when more than MOST_WRONG is wrong. Where a date can't be known (IST, 3/5/2026 alone), none is right.
`--peers`: dateutil and dateparser too.
"""

import argparse
import calendar
import html
import json
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import dateparser
import dateutil.parser
from feedparser.datetimes import _parse_date as read_by_feedparser

from bench.corpus.written_dates import Site, sites
from ingest.feeds.parse import ParsedFeed, parse_feed
from ingest.page.page_dates import find_dates
from ingest.page.structured_data import StructuredData

MOST_WRONG = 0.01
# --- the readers ---

Reader = Callable[[Site], Mapping[str, datetime | None]]


def read_feed(site: Site) -> Mapping[str, datetime | None]:
    """As the dates of an RSS feed."""
    items = "".join(
        f"<item><title>{at}</title><guid isPermaLink='false'>{at}</guid><pubDate>{html.escape(date)}</pubDate></item>"
        for at, date in enumerate(site.dates)
    )
    language = f"<language>{site.language}</language>" if site.language else ""
    body = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{language}{items}</channel></rss>'
    return _by_date(site, parse_feed(body.encode(), _url(site), {}))


def read_json_feed(site: Site) -> Mapping[str, datetime | None]:
    """As the dates of a JSON Feed."""
    items = [{"id": str(at), "date_published": date} for at, date in enumerate(site.dates)]
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "language": site.language, "items": items})
    return _by_date(site, parse_feed(body.encode(), _url(site), {}))


def _by_date(site: Site, feed: ParsedFeed) -> Mapping[str, datetime | None]:
    """What was read of each date: entries have an order of their own, and their identities are places in the list."""
    published = {entry.identity: entry.published for entry in feed.entries}
    return {date: published[str(at)] for at, date in enumerate(site.dates)}


def read_page(site: Site) -> Mapping[str, datetime | None]:
    """As the date of a page each, in its JSON-LD; its other dates are not there to settle it."""
    return {
        each: find_dates(
            StructuredData(json_ld_articles=[{"datePublished": each}], html_language=site.language), _url(site)
        ).published.time
        for each in site.dates
    }


def _url(site: Site) -> str:
    return f"https://news.{site.country}/feed"


def _each(read: Callable[[str], datetime | None]) -> Reader:
    return lambda site: {each: read(each) for each in site.dates}


def read_by_feedparser_before(date: str) -> datetime | None:
    """What feedparser reads, which was taken unchecked."""
    try:
        found = read_by_feedparser(date)
        return datetime.fromtimestamp(calendar.timegm(found), UTC) if found else None
    except (ValueError, TypeError, OverflowError):
        return None


def read_by_standard_library(date: str) -> datetime | None:
    """What JSON feeds, sitemaps and pages were read with, but for a few spellings of ISO 8601."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(date.strip())
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def read_by_dateutil(date: str) -> datetime | None:
    """python-dateutil."""
    try:
        found: datetime = dateutil.parser.parse(date)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def read_by_dateparser(date: str) -> datetime | None:
    """dateparser."""
    found: datetime | None = dateparser.parse(date)
    return None if found is None else found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


# source -> as it was read before, as it is read now
SOURCES: dict[str, tuple[Reader, Reader]] = {
    "feed": (_each(read_by_feedparser_before), read_feed),
    "JSON Feed": (_each(read_by_standard_library), read_json_feed),
    "page": (_each(read_by_standard_library), read_page),
}
PEERS: dict[str, Reader] = {"dateutil": _each(read_by_dateutil), "dateparser": _each(read_by_dateparser)}


# --- the figures ---


def judge(found: Mapping[str, datetime | None], site: Site) -> Counter[str]:
    """How many are right, none and wrong."""
    return Counter(
        "right" if found[date] == truth else "none" if found[date] is None else "wrong"
        for date, truth in site.dates.items()
    )


def print_table(title: str, rows: Mapping[str, tuple[Counter[str], ...]], names: Iterable[str]) -> None:
    """A table with a line for each key, and for each reader right, none and wrong."""
    print(f"\n{title:<34}{'n':>6}" + "".join(f" | {name:^20}" for name in names))
    for key, counts in rows.items():
        columns = "".join(f" | {each['right']:>6}{each['none']:>7}{each['wrong']:>7}" for each in counts)
        print(f"{key:<34}{counts[0].total():>6}{columns}")


def measure(source: str, peers: Iterable[str]) -> Iterator[tuple[Site, tuple[Counter[str], ...]]]:
    """Each site with the counts of each reader."""
    readers = [*SOURCES[source], *(PEERS[name] for name in peers)]
    for site in sites():
        yield site, tuple(judge(read(site), site) for read in readers)


def _sums(
    measured: Iterable[tuple[str, tuple[Counter[str], ...]]],
) -> dict[str, tuple[Counter[str], ...]]:
    rows: dict[str, tuple[Counter[str], ...]] = {}
    for key, counts in measured:
        before = rows.get(key)
        rows[key] = counts if before is None else tuple(a + b for a, b in zip(before, counts, strict=True))
    return rows


def main() -> int:
    """Prints the tables."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description="How many dates are read right, not at all, or wrong.")
    parser.add_argument("--peers", action="store_true", help="dateutil and dateparser too (minutes)")
    peers = list(PEERS) if parser.parse_args().peers else []
    names = ("before", "now", *peers)
    print("each: right, none, wrong")
    feed = list(measure("feed", peers))
    print_table("form, in feeds", _sums((site.form, counts) for site, counts in feed), names)
    print_table("language, in feeds", _sums((site.language or "-", counts) for site, counts in feed), names)
    others = [(source, counts) for source in list(SOURCES)[1:] for _, counts in measure(source, ())]
    sources = _sums([*(("feed", counts[:2]) for _, counts in feed), *others])
    print_table("source", sources, names[:2])
    now = [counts[1] for counts in sources.values()]
    return int(any(each["wrong"] > MOST_WRONG * each.total() for each in now))


if __name__ == "__main__":
    sys.exit(main())
