"""Import and export of feed lists: files of other feed readers, broken and hostile files, round trips."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import markup
from ingest.feeds import opml
from ingest.feeds.feed_list import Feed


def feed(url: str, name: str, group: str = "", language: str | None = None) -> Feed:
    return Feed(url=url, name=name, group=group, language=language)


def test_nested_outlines_are_groups() -> None:
    imported = opml.parse_feed_list(b"""\xef\xbb\xbf<?xml version="1.0"?><opml version="1.1">
        <head><title>x</title></head><body>
        <outline text="News"><outline title="World"><outline type="rss" text="A" xmlUrl="https://a.example/rss"/>
        <outline type="rss" text="B" title="not b" xmlURL=" https://b.example/rss " language="de-AT"/></outline>
        <outline text="C" xmlUrl="https://c.example/rss"><outline xmlUrl="https://d.example/rss"/></outline></outline>
        <outline type="rss" url="http://www.e.example/" title=""/><outline type="link" url="https://f.example/"/>
        <outline xmlUrl="https://g.example/?a=1&amp;b=2" category="/Tech/Phones,/x" text="G &lt;b&gt;"/>
        </body></opml>""")
    assert imported.feeds == [
        feed("https://a.example/rss", "A", "News/World"),
        feed("https://b.example/rss", "B", "News/World", "de"),
        feed("https://c.example/rss", "C", "News"),
        feed("https://d.example/rss", "d.example", "News"),
        feed("http://www.e.example/", "e.example"),
        feed("https://g.example/?a=1&b=2", "G <b>", "Tech/Phones"),
    ]
    assert imported.problems == []


def test_a_broken_file_gives_its_readable_feeds() -> None:
    imported = opml.parse_feed_list(b"""<opml><body><outline text="A & B"><outline text="Caf&eacute;" xmlUrl="https://a.example/?x=1&y=2"/>
        </wrong><outline text="B" xmlUrl="feed:b"/><outline text="C" xmlUrl="https://c.example/"/>
        <outline text="D" xmlUrl="https://d.exa""")
    assert [(each.url, each.name, each.group) for each in imported.feeds] == [
        ("https://a.example/?x=1&y=2", "Café", "A & B"),
        ("https://c.example/", "C", ""),  # the wrong end tag was taken for the group's
    ]
    assert imported.problems[0].startswith("broken, and read as far as it goes: ")
    assert imported.problems[1:] == ["outline 2: 'feed:b' is no http or https address"]


def test_declared_entities_are_not_expanded() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    kind = f'<!DOCTYPE opml [<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY e0 "boom">{levels}]>'
    imported = opml.parse_feed_list(
        f'{kind}<opml><body><outline text="&f;&e9;" xmlUrl="https://a.example/"/></body></opml>'.encode()
    )
    assert imported.feeds == [feed("https://a.example/", "&f;&e9;")]
    assert "entities" in imported.problems[0]


@pytest.mark.slow
@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "inside", ["<outline>" * 200_000, "<outline text='" + "x" * 11_000_000, "&" * 300_000, "<!--" * 200_000]
)
def test_a_hostile_file_is_parsed_quickly(inside: str) -> None:
    imported = opml.parse_feed_list(f'<opml><body><outline text="A" xmlUrl="https://a.example/"/>{inside}'.encode())
    assert imported.feeds == [feed("https://a.example/", "A")]
    assert imported.problems


def test_a_plain_list() -> None:
    imported = opml.parse_feed_list(
        b"# mine\r\n\r\nhttps://a.example/rss\r\n  https://b.example/rss\tThe B, daily \r\nhttps://c.example/rss,Carrier\n"
        b"https://d.example/0,1518,k-6,00.html\nhttps://e.example/0,15,00.xml, The E\n"
        b"https://f.example/x,The F, daily\n"
        b"https://g.example/a,b\tG\nexample.org\nftp://h.example/rss\n"
    )
    assert [(each.url, each.name) for each in imported.feeds] == [
        ("https://a.example/rss", "a.example"),
        ("https://b.example/rss", "The B, daily"),
        ("https://c.example/rss", "Carrier"),
        ("https://d.example/0,1518,k-6,00.html", "d.example"),
        ("https://e.example/0,15,00.xml", "The E"),
        ("https://f.example/x", "The F, daily"),
        ("https://g.example/a,b", "G"),
    ]
    assert imported.problems == [
        "line 10: 'example.org' is no http or https address",
        "line 11: 'ftp://h.example/rss' is no http or https address",
    ]


def as_exported(text: str) -> str:
    """The text as an export keeps it: without control characters, white space as one space."""
    return " ".join(markup.CONTROL_CHARACTERS.sub("", text).split())


texts = st.text(max_size=20).map(as_exported)
groups = st.lists(texts.map(lambda text: as_exported(text.replace("/", " "))).filter(bool), max_size=3).map("/".join)
urls = st.builds(
    "https://{}.example/{}".format,
    st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    st.from_regex(r"[!-~é]{0,20}", fullmatch=True),
)
feeds = st.lists(
    st.builds(Feed, url=urls, name=texts.filter(bool), group=groups, language=st.none() | st.just("de")),
    unique_by=lambda each: each.url,
    max_size=6,
)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(feeds)
def test_feeds_written_as_opml_are_read_back_unchanged(wanted: list[Feed]) -> None:
    imported = opml.parse_feed_list(opml.write_opml(wanted))
    assert sorted(imported.feeds, key=lambda each: each.url) == sorted(wanted, key=lambda each: each.url)
    assert imported.problems == []


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(feeds.map(lambda some: [each for each in some if "<opml" not in each.url + each.name]))
def test_addresses_and_names_written_as_a_plain_list_are_read_back_unchanged(wanted: list[Feed]) -> None:
    imported = opml.parse_feed_list(opml.write_plain_list(wanted).encode())
    assert [(each.url, each.name) for each in imported.feeds] == [(each.url, each.name) for each in wanted]


@settings(max_examples=80, deadline=None)
@given(
    st.binary(max_size=200)
    | st.text(alphabet=st.sampled_from("<>/!?&;[]-=\"' outlinexmUr:.\t,#"), max_size=200).map(str.encode)
)
def test_any_bytes_give_valid_feeds_or_problems(body: bytes) -> None:
    for imported in (opml.parse_feed_list(body), opml.parse_feed_list(b"<opml>" + body)):
        assert all(re.match("https?://", each.url, re.IGNORECASE) and each.name for each in imported.feeds)


def test_a_name_that_a_spreadsheet_takes_for_a_formula_is_escaped_and_comes_back() -> None:
    names = ["'=1", "=1+1", "+972 Magazine", "-30-", "@desk", "'s Hertogenbosch", "plain"]
    feeds = [Feed(url=f"https://a.example/{number}", name=name) for number, name in enumerate(names)]
    written = opml.write_plain_list(feeds)
    cells = [line.partition("\t")[2] for line in written.splitlines()]
    assert cells == ["''=1", "'=1+1", "'+972 Magazine", "'-30-", "'@desk", "'s Hertogenbosch", "plain"]
    assert opml.parse_feed_list(written.encode()).feeds == feeds
