"""Is a page the one that its entry means, and under which address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ingest.belonging import page_address, refusal, shared_words, with_further_page
from ingest.feeds.entry import Entry
from ingest.page.page import Page

PAGE = Page(url="https://www.news.example/a?utm_source=rss", title="Bridge opens | News", text="One.\nTwo.")
URL = "https://news.example/bridge"
ENTRY = Entry(identity="1", url=URL, title="What Arden's council decided about its bridge")
WALL = Page(url="https://consent.example/wall", title="We value your privacy", text="We and our partners store data.")


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
    assert page_address(replace(PAGE, canonical_url=claimed)) == wanted


def test_a_section_is_not_the_canonical_url_of_its_articles() -> None:
    in_section = replace(PAGE, url="https://news.example/towns/a", canonical_url="https://news.example/towns/")
    assert page_address(in_section) == "https://news.example/towns/a"
    amp = replace(PAGE, url="https://news.example/a/amp/", canonical_url="https://news.example/a")
    assert page_address(amp) == "https://news.example/a"


@pytest.mark.parametrize(
    ("found", "claimed", "wanted"),
    [
        ("/news.php?id=4711", "/news.php", "/news.php?id=4711"),
        ("/article?storyid=4711", "/article", "/article?storyid=4711"),
        ("/read/?p=12", "/read/", "/read/?p=12"),
        ("/news.php?id=4711", "/2026/sea-wall-is-rebuilt", "/2026/sea-wall-is-rebuilt"),
        ("/sea-wall-is-rebuilt?rid=99", "/sea-wall-is-rebuilt", "/sea-wall-is-rebuilt"),
        ("/story/4711?from=123", "/story/4711", "/story/4711"),
        ("/bridge?src=front", "/bridge", "/bridge"),
    ],
)
def test_a_query_that_tells_articles_apart_stays(found: str, claimed: str, wanted: str) -> None:
    site = "https://courier.example"
    page = replace(PAGE, url=site + found, canonical_url=site + claimed)
    assert page_address(page) == site + wanted


def test_a_wall_that_a_redirect_led_to_is_refused() -> None:
    assert refusal(WALL, ENTRY) == "other_page"
    assert refusal(replace(WALL, url="https://news.example/gate"), ENTRY) == "other_page"
    assert refusal(replace(WALL, url=URL), ENTRY) == ""  # without a redirect it is the entry's own page


@pytest.mark.parametrize(
    ("title", "headline", "text"),
    [
        (ENTRY.title, "Arden: bridge decision", "The council met on Tuesday."),
        ("Brücke in Arden wieder offen", "Nach elf Jahren", "Die Brücken in Arden sind wieder offen."),
        ("\u6a4b\u304c\u518d\u958b\u901a", "\u30a2\u30fc\u30c7\u30f3\u306e\u6a4b\u304c\u958b\u901a", "."),
        ("", "Anything", "at all"),
        ("On it", "Something", "else"),  # no word that tells anything
    ],
)
def test_an_article_that_moved_is_not_refused(title: str, headline: str, text: str) -> None:
    moved = Page(url="https://other.example/2026/moved", title=headline, text=text)
    assert refusal(moved, replace(ENTRY, title=title)) == ""


def test_a_front_page_or_section_in_an_articles_place_is_refused() -> None:
    for path in ("/", "/politics"):
        assert refusal(replace(PAGE, url=f"https://news.example{path}", title=ENTRY.title), ENTRY) == "no_article_page"


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_page_with_the_title_shares_all_of_it(title: str, text: str) -> None:
    assert shared_words(title, Page(url=URL, title=title, text=text)) == 1.0
    assert 0 <= shared_words(title, replace(PAGE, text=text)) <= 1


FIRST = Page(
    url="https://news.example/wall?utm_source=rss", title="How Arden lost its sea wall", text="One.\nTwo.", next_url="-"
)
SECOND = Page(
    url="https://news.example/wall?page=2", title="How Arden lost its sea wall (2/3)", text="One.\nThree.", next_url="+"
)


def test_a_further_page_continues_the_text() -> None:
    joined = with_further_page(FIRST, replace(SECOND, opt_outs=("noai",)), 2)
    assert joined == replace(FIRST, text="One.\nTwo.\nThree.", next_url="+", opt_outs=("noai",))
    assert with_further_page(FIRST, replace(SECOND, text=FIRST.text), 2) == replace(FIRST, next_url=None)


@pytest.mark.parametrize(
    "further",
    [
        replace(SECOND, url="https://news.example/wall?page=3"),
        replace(SECOND, url="https://news.example/wall"),
        replace(SECOND, title="Brome votes on a tunnel"),
        replace(SECOND, canonical_url="https://news.example/tunnel"),
    ],
)
def test_another_page_does_not(further: Page) -> None:
    assert with_further_page(FIRST, further, 2) is None


def test_the_first_page_as_canonical_address_tells_more_than_a_title() -> None:
    further = replace(SECOND, title="The night of the storm", canonical_url="https://news.example/wall")
    assert with_further_page(FIRST, further, 2) is not None
