"""Real pages with other articles in them."""

import json
import re

import lxml.html

from bench.whole.web.page_frames import article_container, fill_frame, parse
from tests.bench.invented_corpus import page_of

PARAGRAPHS = ("A first & a second.", "Another <paragraph>.")


def test_the_article_is_replaced_and_what_stands_around_it_is_not() -> None:
    made = lxml.html.document_fromstring(fill_frame(page_of(1), "A new “title”", PARAGRAPHS) or b"")
    article = made.find(".//article")
    assert [each.text_content() for each in article] == list(PARAGRAPHS)
    assert made.findtext(".//title") == made.findtext(".//h1") == "A new “title”"
    assert made.find(".//nav").text_content() == "Home"
    assert made.find(".//footer").text_content() == "All rights reserved"


def test_structured_data_tells_the_new_title_and_stays_json() -> None:
    made = fill_frame(page_of(1), 'A "title" with \\1', PARAGRAPHS) or b""
    found = re.search(rb"ld\+json\">(.*?)</script>", made)
    assert found
    assert json.loads(found[1])["headline"] == 'A "title" with \\1'


def test_a_page_without_an_article_is_no_frame() -> None:
    assert fill_frame(b"<p>Short</p><p>and</p><p>little</p>", "Title", PARAGRAPHS) is None
    assert fill_frame(b"", "Title", PARAGRAPHS) is None
    page = parse(page_of(2))
    assert page is not None
    container = article_container(page)
    assert container is not None
    assert container.tag == "article"
