"""Continuation: a further page is the same article's, or another's."""

import pytest
from msgspec.structs import replace

from ingest.continuation import with_further_page
from ingest.page.page import Page

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
