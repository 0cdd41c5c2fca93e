"""Which source wins, and which revision it is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ingest.article import (
    Origin,
    address,
    article_from_feed,
    article_from_page,
    content_hash,
    revised,
    sane,
    version_of,
)
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
    ("claimed", "wanted"),
    [
        ("https://news.example/2024/a?fbclid=7", "https://news.example/2024/a"),
        ("https://news.example/story", "https://news.example/story"),
        ("https://other.example.org/a", "https://www.news.example/a"),
        ("https://www.news.example/", "https://www.news.example/a"),
        ("javascript:void(0)", "https://www.news.example/a"),
        (None, "https://www.news.example/a"),
    ],
)
def test_a_canonical_url_is_believed_within_its_site(claimed: str | None, wanted: str) -> None:
    assert address(replace(PAGE, canonical_url=claimed)) == wanted


def test_a_section_is_not_the_canonical_url_of_its_articles() -> None:
    in_section = replace(PAGE, url="https://news.example/towns/a", canonical_url="https://news.example/towns/")
    assert address(in_section) == "https://news.example/towns/a"
    amp = replace(PAGE, url="https://news.example/a/amp/", canonical_url="https://news.example/a")
    assert address(amp) == "https://news.example/a"


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
        (NOW + timedelta(hours=3), False, None, NOW),
    ],
)
def test_the_time_of_publication(
    page: datetime | None, day_only: bool, feed: datetime | None, wanted: datetime | None
) -> None:
    dated = replace(PAGE, published=page, published_day_only=day_only)
    assert article_from_page(dated, replace(ENTRY, published=feed), ORIGIN, NOW, 1000).published_at == wanted


@given(st.datetimes(timezones=st.just(UTC)))
def test_no_time_is_in_the_future(found: datetime) -> None:
    kept = sane(found, NOW)
    assert kept is None or kept <= NOW


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
