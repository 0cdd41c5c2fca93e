"""Whatever form of an address a person has, the article's own is among those that are asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.urls import article_id, canonical_url
from newsloom.trace.question import read_question
from pipeline.failures import WrongSetting
from pipeline.messages import PAGELESS_PREFIX

URL = "https://www.paper.example/2026/harbour-opens"


@pytest.mark.parametrize(
    "typed",
    [
        URL,
        f"  {URL}  ",
        f"<{URL}>",
        f"{URL}?utm_source=mail&gclid=1",
        f"{URL}#comments",
        "http://www.paper.example/2026/harbour-opens",
        "https://paper.example/2026/harbour-opens",
        "paper.example/2026/harbour-opens",
        "//www.paper.example/2026/harbour-opens",
        f"{URL}/",
        f"{URL}/amp",
        f"{URL}/amp/",
        f"{URL}?amp=1",
        f"{URL}.amp",
        "https://www.paper.example/amp/2026/harbour-opens",
        "https://amp.paper.example/2026/harbour-opens",
        "https://m.paper.example/2026/harbour-opens",
        "https://www-paper-example.cdn.ampproject.org/c/s/www.paper.example/2026/harbour-opens",
        f"https://www.google.com/url?q={URL}&sa=D",
    ],
)
def test_every_form_of_an_address_leads_to_the_article(typed: str) -> None:
    question = read_question(typed)
    assert URL in question.addresses
    assert article_id(URL) in question.ids
    assert question.host.removeprefix("www.").endswith("paper.example")


def test_the_address_as_it_was_typed_comes_first() -> None:
    question = read_question(f"{URL}?utm_source=x")
    assert (question.addresses[0], question.ids[0], question.beginning) == (URL, article_id(URL), "")


def test_ids_and_their_beginnings() -> None:
    whole = article_id(URL)
    assert (read_question(whole).ids, read_question(whole.upper()).beginning) == ((whole,), whole)
    part = read_question(whole[:7])
    assert (part.ids, part.addresses, part.beginning, part.host) == ((), (), whole[:7], "")


def test_the_name_of_an_article_without_a_page() -> None:
    name = f"{PAGELESS_PREFIX}{'a' * 32}"
    assert read_question(name).ids == (article_id(name),)


@pytest.mark.parametrize("typed", ["", "abc", "harbour clinic", "ftp://paper.example/a", "a" * 33, "https://", "x.y z"])
def test_what_is_neither_is_refused(typed: str) -> None:
    with pytest.raises(WrongSetting, match="neither a web address nor an article's id"):
        read_question(typed)


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z.]{1,12}/[a-zA-Z./?=&#-]{0,30}", fullmatch=True))
def test_any_text_is_a_question_or_refused(typed: str) -> None:
    try:
        question = read_question(typed)
    except WrongSetting:
        return
    assert len(question.ids) <= 32
    assert all(canonical_url(each) == each or each.startswith(PAGELESS_PREFIX) for each in question.addresses)
