"""Which source wins, and which revision it is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ingest.article import (
    CLOCK_ERROR,
    FIRST_NEWS,
    Origin,
    article_from_feed,
    article_from_page,
    content_hash,
    revised,
    sane,
    settle_late_guess,
    version_of,
)
from ingest.dates.time_reading import Precision
from ingest.feeds.parse import Entry
from ingest.frontier.published_articles import Version
from ingest.page.page import Page
from ingest.urls import article_id, canonical_url

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = datetime(2026, 5, 3, tzinfo=UTC)
ORIGIN = Origin("https://news.example/rss", "News", "en")
PAGE = Page(url="https://www.news.example/a?utm_source=rss", title="Bridge opens | News", text="One.\nTwo.")
ENTRY = Entry(identity="1", url="https://news.example/a", title="Bridge opens", summary="Short.", authors=("F. Eed",))


def test_page_and_feed_make_one_article() -> None:
    found = article_from_page(PAGE, ENTRY, ORIGIN, NOW, 1000)
    assert (found.url, found.source, found.source_name) == ("https://www.news.example/a", "news.example", "News")
    assert found.id == article_id(found.url)
    assert (found.title, found.text, found.text_from, found.revision) == ("Bridge opens", "One.\nTwo.", "page", 1)
    assert (found.summary, found.authors, found.claimed_language) == ("Short.", ("F. Eed",), "en")
    assert article_from_page(PAGE, None, ORIGIN, NOW, 1000).title == "Bridge opens | News"
    assert article_from_page(replace(PAGE, title="Bridge closed"), ENTRY, ORIGIN, NOW, 1000).title == "Bridge closed"


@pytest.mark.parametrize(
    ("page", "day_only", "feed", "wanted"),
    [
        (DAY + timedelta(hours=9), False, DAY + timedelta(hours=11), DAY + timedelta(hours=9)),
        (DAY, True, DAY + timedelta(hours=11), DAY + timedelta(hours=11)),
        (DAY, True, DAY + timedelta(hours=-5), DAY + timedelta(hours=-5)),
        (DAY - timedelta(days=30), True, DAY, DAY - timedelta(days=30)),
        (None, False, DAY, DAY),
        (DAY, True, None, DAY),
        (NOW + timedelta(days=40), False, DAY, DAY),
        (datetime(1970, 1, 1, tzinfo=UTC), False, None, None),
        (NOW + timedelta(hours=3), False, None, NOW + timedelta(hours=3)),
    ],
)
def test_the_time_of_publication(
    page: datetime | None, day_only: bool, feed: datetime | None, wanted: datetime | None
) -> None:
    dated = replace(PAGE, published=page, published_day_only=day_only)
    assert article_from_page(dated, replace(ENTRY, published=feed), ORIGIN, NOW, 1000).published_at == wanted


@given(st.datetimes(timezones=st.just(UTC)))
def test_no_time_is_far_in_the_future_and_none_is_changed(found: datetime) -> None:
    kept = sane(found, NOW)
    assert kept == (found if FIRST_NEWS <= found <= NOW + CLOCK_ERROR else None)


@given(st.timedeltas(timedelta(days=-2), timedelta(days=2)), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_page_that_is_read_twice_has_one_time(ahead: timedelta, later: timedelta) -> None:
    """Whatever its time, and whenever it is read again: nothing is revised."""
    dated = replace(PAGE, published=NOW + ahead)
    first = article_from_page(dated, ENTRY, ORIGIN, NOW, 1000)
    again = article_from_page(dated, ENTRY, ORIGIN, NOW + later, 1000)
    assert revised(again, version_of(first)) is None


@pytest.mark.parametrize("days", [1, 2, 40])
def test_the_clock_of_a_page_is_no_time_that_changes_at_each_reading(days: int) -> None:
    def read(now: datetime) -> Page:
        return replace(PAGE, published=now.replace(hour=0), published_day_only=True, published_guessed=True)

    page, later = read(NOW), NOW + timedelta(days=days)
    first = article_from_page(page, ENTRY, ORIGIN, NOW, 1000)
    known, page = version_of(first), read(later)
    again = settle_late_guess(article_from_page(page, ENTRY, ORIGIN, later, 1000), page, known)
    assert (again.published_at, revised(again, known)) == (first.published_at, None)
    stated = replace(page, published_guessed=False)
    kept = settle_late_guess(article_from_page(stated, ENTRY, ORIGIN, later, 1000), stated, known)
    assert kept.published_at == stated.published


def test_an_article_that_is_published_again_has_a_later_time() -> None:
    first = article_from_page(replace(PAGE, published=NOW), ENTRY, ORIGIN, NOW, 1000)
    later = NOW + timedelta(days=3)
    again = revised(article_from_page(replace(PAGE, published=later), ENTRY, ORIGIN, later, 1000), version_of(first))
    assert again is not None
    assert (again.published_at, again.changed) == (later, ("date",))


def test_what_is_stated_beats_what_is_guessed() -> None:
    """A copyright year is guessed to be 1 January; a feed that states a time is believed, if only its day."""
    guessed = replace(PAGE, published=datetime(2026, 1, 1, tzinfo=UTC), published_day_only=True, published_guessed=True)
    for exactly in ("second", "day"):
        told = replace(ENTRY, published=DAY, published_precision=exactly)
        assert article_from_page(guessed, told, ORIGIN, NOW, 1000).published_at == DAY
    assert article_from_page(guessed, ENTRY, ORIGIN, NOW, 1000).published_at == guessed.published


@pytest.mark.parametrize(
    ("precision", "day"), [("month", datetime(2026, 5, 1, tzinfo=UTC)), ("year", datetime(2026, 1, 1, tzinfo=UTC))]
)
def test_a_month_or_year_is_completed_by_the_feed(precision: Precision, day: datetime) -> None:
    page = replace(PAGE, published=day, published_day_only=True, published_precision=precision)
    assert article_from_page(page, replace(ENTRY, published=DAY), ORIGIN, NOW, 1000).published_at == DAY
    old = replace(ENTRY, published=DAY - timedelta(days=900))
    assert article_from_page(page, old, ORIGIN, NOW, 1000).published_at == day


def test_the_zone_that_one_source_states_settles_the_other() -> None:
    """A page at nine hours ahead states none: it is read as UTC, and the feed knows better; the same the other way."""
    told, read = NOW - timedelta(hours=20), NOW - timedelta(hours=11)
    zoneless, zoned = replace(PAGE, published=read, published_zone_known=False), replace(PAGE, published=told)
    feed = replace(ENTRY, published=told)
    assert article_from_page(zoneless, feed, ORIGIN, NOW, 1000).published_at == told
    assert (
        article_from_page(
            zoned, replace(feed, published=read, published_zone_known=False), ORIGIN, NOW, 1000
        ).published_at
        == told
    )
    assert (
        article_from_page(zoneless, replace(feed, published_zone_known=False), ORIGIN, NOW, 1000).published_at == read
    )
    shown_again = replace(feed, published=told + timedelta(days=9))
    assert article_from_page(zoneless, shown_again, ORIGIN, told + timedelta(days=9), 1000).published_at == read


def test_the_feed_alone() -> None:
    found = article_from_feed(replace(ENTRY, content="Longer text."), ORIGIN, NOW, 1000)
    assert found is not None
    assert (found.text, found.text_from, found.url) == ("Longer text.", "feed", "https://news.example/a")
    assert article_from_feed(replace(ENTRY, summary=""), ORIGIN, NOW, 1000) is None


def test_an_item_without_a_page_has_an_address_of_its_own_that_nobody_can_fetch() -> None:
    for url in ("", "ftp://a.example/", "https://exa mple.org/"):
        found = article_from_feed(replace(ENTRY, url=url), ORIGIN, NOW, 1000)
        assert found is not None
        assert found.url.startswith("urn:newsloom:")
        assert canonical_url(found.url) is None
        assert (found.id, found.source) == (article_id(found.url), "news.example")
        again = article_from_feed(replace(ENTRY, url=url, summary="It has closed again."), ORIGIN, NOW, 1000)
        assert again is not None
        assert again.id == found.id
        others = [
            article_from_feed(replace(ENTRY, url=url, identity="2"), ORIGIN, NOW, 1000),
            article_from_feed(replace(ENTRY, url=url), Origin("https://news.example/2", "News"), NOW, 1000),
        ]
        assert len({found.id, *(each.id for each in others if each)}) == 3


@given(st.text(alphabet="ab \n", max_size=300), st.integers(1, 200))
def test_a_long_text_is_cut_and_marked(text: str, most: int) -> None:
    found = article_from_page(replace(PAGE, text=text), None, ORIGIN, NOW, most)
    assert len(found.text) <= most
    assert text.startswith(found.text)
    assert found.truncated is (len(text) > most)


def test_an_article_is_revised_when_title_text_or_date_changed() -> None:
    first = article_from_page(PAGE, ENTRY, ORIGIN, NOW, 1000)
    known = version_of(first)
    later = replace(first, first_seen_at=NOW + timedelta(days=1), fetched_at=NOW + timedelta(days=1), tags=("x",))
    assert revised(first, None) is first
    assert revised(later, known) is None
    second = revised(replace(later, text="Three."), known)
    assert second is not None
    assert (second.revision, second.first_seen_at, second.id) == (2, NOW, first.id)
    assert second.changed == ("text",)
    both = revised(replace(later, title="Other", published_at=NOW), known)
    assert both is not None
    assert both.changed == ("title", "date")
    unknown = revised(later, Version("of another program", 1, NOW))
    assert unknown is not None
    assert unknown.changed == ()
    others = [replace(first, title=""), replace(first, text=""), replace(first, published_at=NOW)]
    assert len({content_hash(each) for each in (first, *others)}) == 4


def test_what_page_feed_and_list_say_of_the_language_is_kept() -> None:
    entry = replace(ENTRY, language="bs")
    found = article_from_page(replace(PAGE, language="sr"), entry, ORIGIN, NOW, 1000)
    assert (found.claimed_language, found.claimed_by, found.feed_languages) == ("sr", "page", ("bs", "en"))
    told = article_from_feed(entry, ORIGIN, NOW, 1000)
    assert told is not None
    assert (told.claimed_language, told.claimed_by, told.feed_languages) == ("bs", "feed", ("bs", "en"))
