"""Which page of an article an address is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.pagination.numbered_address import page_number

SITE = "https://www.news.example"


@pytest.mark.parametrize(
    ("first", "further"),
    [
        ("/2026/harbour-wall.html", "/2026/harbour-wall.html?page=2"),
        ("/2026/harbour-wall.html?utm_source=rss", "/2026/harbour-wall.html?page=2"),
        ("/2026/harbour-wall.html?page=1", "/2026/harbour-wall.html?page=2"),
        ("/news.php?id=4711", "/news.php?id=4711&page=2"),
        ("/news.php?id=4711", "/news.php?pageNo=2&id=4711"),
        ("/?p=4711", "/?p=4711&page=2"),
        ("/2026/harbour-wall", "/2026/harbour-wall/2"),
        ("/2026/harbour-wall/", "/2026/harbour-wall/2/"),
        ("/2026/harbour-wall/", "/2026/harbour-wall/page/2/"),
        ("/2026/harbour-wall/page/1/", "/2026/harbour-wall/page/2/"),
        ("/2026/harbour-wall", "/2026/harbour-wall/seite-2"),
        ("/2026/harbour-wall.html", "/2026/harbour-wall_2.html"),
        ("/2026/a-4711.html", "/2026/a-4711-2.html"),
        ("/harbour-wall-4711.html", "/harbour-wall-4711-p2.html"),
        ("/2026/harbour-wall.html", "/2026/harbour-wall.html/2"),
        ("/2026/harbour-wall.html", "/2026/harbour-wall,page2.html"),
    ],
)
def test_the_second_page_has_the_address_of_the_first_and_a_number(first: str, further: str) -> None:
    assert page_number(SITE + further, [SITE + first]) == 2
    assert page_number(SITE + first, [SITE + first]) == 1


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("/?p=4711", "/?p=4712"),
        ("/?p=11", "/?p=12"),
        ("/news.php?id=1", "/news.php?id=2"),
        ("/news.php?id=4711", "/news.php?page=2"),
        ("/2026/harbour-wall", "/2026/harbour-wall-2"),  # a second article with this title, where a blog numbers them
        ("/2026/harbour-wall", "/2026/harbour-bridge"),
        ("/2026/harbour-wall", "/2026/harbour-wall/4711"),
        ("/2026/harbour-wall", "/2026/harbour-wall/comment-page-2"),
        ("/2026/harbour-wall", "/2026/harbour-wall2"),
        ("/2026/harbour-wall?page=5", "/2026/harbour-wall?page=6"),
        ("/story/1", "/story/2"),
        ("/politics", "/politics?page=2"),
        ("/tag/harbour", "/tag/harbour/page/2"),
        ("/", "/page/2"),
        ("/", "/?page=2"),
        ("/2026/harbour-wall", "/2026/harbour-wall/page/2/3"),
        ("/2026/harbour-wall", "/2026/harbour-wall?page=²"),
    ],
)
def test_another_article_is_no_page_of_this_one(first: str, other: str) -> None:
    assert page_number(SITE + other, [SITE + first]) is None


def test_another_site_has_no_page_of_this_article() -> None:
    assert page_number("https://other.example/harbour-wall?page=2", [f"{SITE}/harbour-wall"]) is None


def test_each_address_of_the_first_page_counts() -> None:
    known = [f"{SITE}/r?id=4711", None, f"{SITE}/2026/harbour-wall"]
    assert page_number(f"{SITE}/2026/harbour-wall/3", known) == 3


@given(st.text(max_size=60), st.text(max_size=60), st.integers(2, 999))
def test_any_text_is_answered_and_every_number_is_found(one: str, other: str, number: int) -> None:
    assert page_number(one, [other]) in (None, *range(1000))
    assert (
        page_number(f"{SITE}/2026/{number}-words-of/title/{number}", [f"{SITE}/2026/{number}-words-of/title"]) == number
    )
