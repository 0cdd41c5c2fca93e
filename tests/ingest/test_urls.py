"""URLs: one canonical form for each address, and never the same one for two articles."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.urls import (
    article_id,
    canonical_url,
    host_of,
    is_home_page,
    is_section_page,
    is_shortener,
    same_site,
    source_of,
)

ADDRESSES = st.builds(
    "{}://{}{}/{}?{}#{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(
        ["example.org", "WWW.Example.org.", "münchen.example", "192.0.2.7", "[2001:db8::1]", "a_b.example"]
    ),
    st.sampled_from(["", ":80", ":443", ":8080"]),
    st.text(max_size=20),
    st.text(alphabet=st.sampled_from("ab&=%/?utm_source+;.é 5[]41"), max_size=30),
    st.text(max_size=5),
)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("HTTPS://WWW.Example.ORG:443/a", "https://www.example.org/a"),
        ("http://example.org.", "http://example.org/"),
        ("http://user:word@example.org:8080/x", "http://example.org:8080/x"),
        ("https://example.org/a/./b/../c", "https://example.org/a/c"),
        ("https://example.org/%7ejane/%e4%3a", "https://example.org/~jane/%E4%3A"),
        ("https://example.org/ä b|c", "https://example.org/%C3%A4%20b%7Cc"),
        ("https://example.org/100%", "https://example.org/100%25"),
        ("https://example.org/a?id=7&utm_source=rss&b=1&fbclid=x#top", "https://example.org/a?id=7&b=1"),
        ("https://example.org/a?%75tm_source=rss", "https://example.org/a"),
        ("https://example.org/a?b=2&a=1", "https://example.org/a?b=2&a=1"),
        ("https://example.org/#!article/7", "https://example.org/#!article/7"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
        ("  https://example.org/a\n b ", "https://example.org/a%20b"),
        ("https://example.org/a?amp", "https://example.org/a"),
        ("https://example.org/a?outputType=amp&id=4", "https://example.org/a?id=4"),
        ("https://example.org/a?amp=7&ampere=1", "https://example.org/a?amp=7&ampere=1"),
        ("https://www-example-org.cdn.ampproject.org/c/s/www.example.org/a?id=4", "https://www.example.org/a?id=4"),
        ("https://www-example-org.cdn.ampproject.org/v/www.example.org/a", "http://www.example.org/a"),
        ("//example.org/a", None),
        ("ftp://example.org/a", None),
        ("javascript:alert(1)", None),
        ("https://exa mple.org/", None),
        ("https://[::1/", None),
        ("https://example.org:99999/", None),
        ("", None),
    ],
)
def test_canonical_url(url: str, wanted: str | None) -> None:
    assert canonical_url(url) == wanted


@given(ADDRESSES | st.text())
def test_the_canonical_url_of_a_canonical_url_is_itself(url: str) -> None:
    found = canonical_url(url)
    assert found is None or canonical_url(found) == found


@given(st.text(alphabet="abc", min_size=1, max_size=5), st.text(alphabet="abc", min_size=1, max_size=5))
def test_parameters_that_select_a_page_are_kept(name: str, value: str) -> None:
    assert canonical_url(f"https://example.org/?{name}={value}&utm_medium=x") == f"https://example.org/?{name}={value}"


def test_no_two_pages_of_the_corpus_are_one_article(corpus: Path) -> None:
    urls = {
        json.loads(line)["url"]
        for file in sorted(corpus.glob("pages/*/truth.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    }
    canonical = [found for url in urls if (found := canonical_url(url))]
    assert len(urls) > 400
    assert len(canonical) == len(urls)
    assert len({article_id(url) for url in canonical}) == len(urls)


def test_article_id() -> None:
    assert article_id("https://example.org/a") == "b5b10dd0429e69ac7cfaf0a20b6901c1"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("https://m.example.co.uk/a", "https://www.example.co.uk/a", True),
        ("https://edition.example.com/a", "https://us.example.com/b", True),
        ("https://example.co.uk/a", "https://other.co.uk/a", False),
        ("https://example.com/a", "https://example.org/a", False),
        ("http://127.0.0.1/", "http://127.0.0.2/", False),
        ("nothing", "nothing", False),
    ],
)
def test_same_site(first: str, second: str, same: bool) -> None:
    assert same_site(first, second) is same


def test_host_and_source() -> None:
    assert host_of("https://WWW.Example.org:444/a") == "www.example.org"
    assert source_of("https://www.example.org/a") == "example.org"
    assert host_of("mailto:a@example.org") == ""


@pytest.mark.parametrize(
    ("url", "home"),
    [
        ("https://example.org", True),
        ("https://example.org/index.html", True),
        ("https://example.org/?p=7", False),
        ("https://example.org/a", False),
    ],
)
def test_home_pages(url: str, home: bool) -> None:
    assert is_home_page(url) is home


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("/politics", True),
        ("/news/world/", True),
        ("/tag/elections", True),
        ("/category/sport", True),
        ("/", False),
        ("/politics?page=2", False),
        ("/politics/minister-resigns", False),
        ("/topic/elections/2026/results-are-in", False),
        ("/news/12345678", False),
        ("/tag/2026", False),
        ("/minister-resigns", False),
    ],
)
def test_section_pages(path: str, section: bool) -> None:
    assert is_section_page(f"https://example.org{path}") is section


def test_no_article_of_the_corpus_is_taken_for_a_section_page(corpus: Path) -> None:
    urls = [
        json.loads(line)["url"]
        for file in sorted(corpus.glob("pages/*/truth.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    assert [url for url in urls if is_section_page(url)] == []


def test_short_links() -> None:
    assert is_shortener("https://bit.ly/3x")
    assert is_shortener("https://www.bit.ly/3x")
    assert not is_shortener("https://orbit.ly/3x")
