"""Where the next page of an article is, as a page links to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from ingest.pagination.next_page import MOST_LINKS, NextPage, Position, find_next_page

URL = "https://news.example/2026/harbour-wall"


def find(links: str, number: int = 1, url: str = URL) -> NextPage:
    tree = html.document_fromstring(f"<html><body><p>It fell.</p>{links}</body></html>")
    return find_next_page(tree, url if number == 1 else f"{url}/{number}", Position((url, None), number))


@pytest.mark.parametrize(
    ("links", "reason"),
    [
        ("<link rel=next href='/2026/harbour-wall/2'>", "rel=next"),
        ("<a rel='nofollow Next' href='harbour-wall?page=2'>Read on about the harbour and its wall</a>", "rel=next"),
        ("<a href='/2026/harbour-wall/page/2/'>2</a><a href='/2026/harbour-wall/page/3/'>3</a>", "pager"),
        ("<a href='?page=2'><span>Next</span> <span>page</span></a>", "pager"),
        ("<a href='?page=2'>Page 2 of 3</a>", "pager"),
        ("<a href='?page=2' aria-label='Next page'><svg></svg></a>", "pager"),
        ("<a href='?seite=2'>Weiter »</a>", "pager"),
        ("<a href='?page=2'>[2]</a>", "pager"),
        ("<a href='?page=2'>下一页</a>", "pager"),
        ("<a rel=next href='/2026/harbour-bridge'>The bridge</a><a href='?page=2'>2</a>", "pager"),
    ],
)
def test_the_next_page_is_found(links: str, reason: str) -> None:
    found = find(links)
    assert found.url is not None
    assert found.url.startswith(URL)
    assert found.reason == reason


@pytest.mark.parametrize(
    "links",
    [
        "",
        "<a href='?page=2'>The wall that fell in the year 2</a>",
        "<a href='?page=2'>Page 3</a>",
        "<a href='?page=3'>3</a>",
        "<a href='?page=2#comments'>2</a>",
        "<div class='comment-pager'><p><a href='?page=2'>Next</a></p></div>",
        "<div id=disqus><a rel=next href='?page=2'>Next</a></div>",
        "<a href='/2026/harbour-bridge'>2</a>",
        "<a rel=next href='?page=1'>Next</a>",
        "<a rel=next href='http://[bad'>Next</a>",
    ],
)
def test_other_links_lead_to_no_next_page(links: str) -> None:
    assert find(links).url is None


@pytest.mark.parametrize(
    "address", ["/2026/harbour-bridge", "/2026/harbour-wall-2", "/?p=2", "https://other.example/2"]
)
def test_a_link_to_the_next_article_is_refused_by_name(address: str) -> None:
    assert find(f"<link rel=next href='{address}'>") == NextPage(None, "rel=next leads to another article")


def test_the_third_page_follows_the_second() -> None:
    pager = "".join(f"<a href='{URL}/{number}'>{number}</a>" for number in (1, 2, 3, 4))
    assert find(pager, number=2) == NextPage(f"{URL}/3", "pager")
    assert find(pager, number=4) == NextPage(None)


def test_a_page_that_is_followed_by_an_earlier_one_leads_in_circles() -> None:
    assert find(f"<link rel=next href='{URL}'>", number=3) == NextPage(URL, "rel=next leads back")


def test_a_front_page_has_no_second_page() -> None:
    assert find("<link rel=next href='/page/2/'>", url="https://news.example/").url is None


def test_of_very_many_links_the_first_are_looked_at() -> None:
    others = "<a rel=next href='/other'>Next</a>" * MOST_LINKS
    assert find(f"{others}<a rel=next href='?page=2'>Next</a>").url is None


@given(st.text(max_size=50), st.text(max_size=50))
def test_any_link_is_answered(address: str, label: str) -> None:
    link = html.Element("a", {"rel": "next"}) if label else html.Element("a")
    try:
        link.set("href", address)
        link.text = label
    except ValueError:  # lxml takes no control characters
        return
    found = find_next_page(link, URL, Position((URL,)))
    assert found.url is None or found.url.startswith("http")
