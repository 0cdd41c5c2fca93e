"""The dates of a feed's entries: as they are written, not as feedparser reads them."""

from datetime import UTC, datetime

import pytest

from ingest.feeds.parse import ParsedFeed, parse_feed


def rss(inside: str) -> ParsedFeed:
    body = f"<rss version='2.0'><channel><title>News</title>{inside}</channel></rss>"
    return parse_feed(body.encode(), "https://news.example/feeds/all.xml", {})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("date", "read"),
    [
        ("2024/03/05", datetime(2024, 3, 5, tzinfo=UTC)),  # feedparser: November
        ("2024-03-05T10:00:00+0530", datetime(2024, 3, 5, 4, 30, tzinfo=UTC)),  # feedparser: without the minutes
        ("Tue, 05 Mar 2024 10:00:00 CET", datetime(2024, 3, 5, 9, tzinfo=UTC)),  # feedparser: UTC
        ("Tue, 05 Mar 2024 2:07 PM GMT", datetime(2024, 3, 5, 14, 7, tzinfo=UTC)),  # feedparser: at night
        ("1709632800", datetime(2024, 3, 5, 10, tzinfo=UTC)),  # feedparser: 2017
    ],
)
def test_dates_that_feedparser_reads_wrong(date: str, read: datetime) -> None:
    [entry] = rss(f"<item><title>T</title><pubDate>{date}</pubDate></item>").entries
    assert (entry.published, entry.sources) == (read, {"published": ("published", entry.sources["published"][1])})


def test_an_entry_says_where_its_time_is_from_how_sure_and_why_it_has_none() -> None:
    items = (
        "<item><guid>a</guid><pubDate>3/5/2024</pubDate></item>",
        "<item><guid>b</guid><pubDate>Tue, 05 Mar 2024 10:00:00 +0100</pubDate></item>",
        "<item><guid>c</guid><dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>2024-03-05</dc:date></item>",
        "<item><guid>d</guid></item>",
    )
    unknown, stated, day, nothing = rss("".join(items)).entries
    assert unknown.sources == {"published": ("published: the order of day and month in 3/5/2024 is not known", 0.0)}
    assert stated.sources == {"published": ("published", 1.0)}
    assert day.sources == {"published": ("updated", 0.9), "updated": ("updated", 0.9)}
    assert (day.published_precision, nothing.sources) == ("day", {})


def test_the_dates_of_a_feed_settle_each_other() -> None:
    dates = ("3/5/2024 10:00", "25/3/2024 10:00")
    items = "".join(f"<item><guid>{each}</guid><pubDate>{each}</pubDate></item>" for each in dates)
    first, _ = rss(f"<lastBuildDate>Mon, 6 May 2024 10:00:00 +0200</lastBuildDate>{items}").entries
    assert first.published == datetime(2024, 5, 3, 8, tzinfo=UTC)
    assert first.published_zone_known
