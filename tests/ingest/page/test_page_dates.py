"""When a page says that its article was published, and what is only guessed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import html

from ingest.page.page_dates import find_dates, read_guess
from ingest.page.structured_data import StructuredData, read_structured_data

URL = "https://courier.example/2026/11/sea-wall"
MICRODATA = '<time itemprop="{}" datetime="{}">a while ago</time>'
CARD = '<div class="card"><time datetime="2026-11-18">yesterday</time></div>'


def stated(json_ld: Any = None, meta: str = "", element: str = "", **others: str) -> StructuredData:
    return StructuredData(
        json_ld_articles=[{"datePublished": json_ld}],
        meta_tags={name: text for name, text in (("article:published_time", meta), *others.items()) if text},
        time_elements=[element],
    )


def test_a_time_of_day_goes_before_a_day() -> None:
    day = find_dates(stated("2024-11-05"))
    assert (day.published.time, day.published.precision) == (datetime(2024, 11, 5, tzinfo=UTC), "day")
    assert (day.modified, day.modified_source) == (None, ("none", 0.0))
    both = find_dates(stated("2024-11-05", "2024-11-05T10:00:00Z"))
    assert both.published.time == datetime(2024, 11, 5, 10, tzinfo=UTC)
    assert both.published_source == ("meta", 0.93)


def test_a_stated_zone_goes_before_none() -> None:
    found = find_dates(stated("2026-11-17T09:30:00", "2026-11-17T09:30:00+09:00"))
    assert (found.published.time, found.published_source[0]) == (datetime(2026, 11, 17, 0, 30, tzinfo=UTC), "meta")
    in_utc = find_dates(stated("2026-11-17T09:30:00", "2026-11-17T00:30:00Z"))
    assert in_utc.published.time == datetime(2026, 11, 17, 0, 30, tzinfo=UTC)
    other_day = find_dates(stated("2026-11-17T09:30:00", "2026-11-10T09:30:00Z"))
    assert other_day.published.time == datetime(2026, 11, 17, 9, 30, tzinfo=UTC)


def test_the_zone_of_a_change_settles_the_publication() -> None:
    found = find_dates(stated("2026-11-17T09:30:00", **{"article:modified_time": "2026-11-17T11:00:00+09:00"}))
    assert found.published.time == datetime(2026, 11, 17, 0, 30, tzinfo=UTC)
    assert found.modified == datetime(2026, 11, 17, 2, tzinfo=UTC)
    assert found.published_source == ("json-ld", 0.88)


@pytest.mark.parametrize("written", [1794907800, 1794907800.0, "1794907800", "1794907800000", ["2026-11-17T09:30Z"]])
def test_epochs_and_lists_in_json_ld(written: Any) -> None:
    assert find_dates(stated(written)).published.time == datetime(2026, 11, 17, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("written", [None, True, {}, [], "soon", "0001-01-01T00:00:00Z"])
def test_what_is_no_date(written: Any) -> None:
    assert find_dates(stated(written)).published.time is None


def test_country_and_language_of_a_page_settle_its_date() -> None:
    date = stated("3/5/2026 09:30")
    assert find_dates(date, URL).published.time is None
    assert find_dates(date, "https://courier.example.co.uk/a").published.time == datetime(2026, 5, 3, 9, 30, tzinfo=UTC)
    assert find_dates(date, URL, "fr").published.time == datetime(2026, 5, 3, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("guess", "text", "read"),
    [
        ("2026-01-01", "© 2026 The Courier", False),  # a copyright
        ("2026-11-01", "Sea wall rebuilt", False),  # a month in an address
        ("2026-11-01", "Published on 1 November 2026", True),
        ("2026-11-01", "November 1st, 2026", True),
        ("2026-11-01", "01.11.2026", True),
        ("2026-11-01", "11/1/2026", True),
        ("2026-11-01", "11 November 2026", False),
        ("2026-01-01", "On 1 December 2026 the sea wall opens", False),
        ("2026-11-01", "1er novembre 2026", True),
        ("2026-11-17", "", True),
        (None, "", False),
    ],
)
def test_a_guess_of_the_first_of_a_month_must_be_named(guess: str | None, text: str, read: bool) -> None:
    assert (read_guess(guess, URL, [text])[0].time is not None) is read


def test_a_day_in_the_address_is_named() -> None:
    reading, source = read_guess("2026-11-01", "https://courier.example/2026/11/01/sea-wall", [])
    assert (reading.time is not None, source) == (True, ("guess: address", 0.6))


def test_the_month_beside_a_guessed_day_is_of_the_pages_language() -> None:
    written = ["1 listopada 2026"]
    assert read_guess("2026-11-01", URL, written, "pl")[0].time == datetime(2026, 11, 1, tzinfo=UTC)
    assert read_guess("2026-11-01", URL, written, "hr")[0].time is None


@pytest.mark.parametrize(
    ("url", "text", "source"),
    [
        ("https://courier.example/2026/11/17/sea-wall", "17 November 2026", "guess: address"),
        (URL, "Published on 17 November 2026", "guess: text"),
        (URL, "17.11.2026", "guess: text"),
        (URL, "last week", "guess: htmldate"),
    ],
)
def test_a_guess_says_where_it_stands(url: str, text: str, source: str) -> None:
    assert read_guess("2026-11-17", url, [text])[1] == (source, 0.6)


def test_a_page_says_why_what_it_states_is_no_time() -> None:
    assert find_dates(stated("soon")).published_source == ("json-ld: unknown word: soon", 0.0)
    assert find_dates(stated(None, "3/5/2026"), URL).published_source[0].startswith("meta: the order of day and month")
    assert find_dates(stated()).published_source == ("none", 0.0)


@pytest.mark.parametrize(
    ("body", "day"),
    [
        (f"{MICRODATA.format('datePublished', '2026-11-17')}{CARD}{CARD}", 17),
        (f"<div itemscope>{MICRODATA.format('datePublished', '2026-11-17')}</div>{CARD}", 17),
        (
            f'<div itemprop="comment" itemscope>{MICRODATA.format("datePublished", "2026-11-19")}</div>'
            f"{MICRODATA.format('datePublished', '2026-11-17')}",
            17,
        ),
        (f"{MICRODATA.format('dateModified', '2026-11-17')}{CARD}", None),
    ],
)
def test_the_time_element_that_says_it_is_the_articles(body: str, day: int | None) -> None:
    found = find_dates(read_structured_data(html.document_fromstring(f"<html><body>{body}</body></html>")))
    assert (found.published.time and found.published.time.day) == day
