"""Authors: what JSON-LD, meta tags and visible bylines say, and what is no name of a person."""

import json
from typing import Any

import pytest
from lxml import html

from ingest.boilerplate.blocks import split_into_blocks
from ingest.page.byline import find_authors, parse_bylines
from ingest.page.byline_elements import find_byline_block, find_bylines
from ingest.page.structured_data import read_structured_data

SITE = ("Marsh Courier", "courier.example", "courier")
ADA = ("Ada Quill",)
FIRST = "<h1>Sea wall to be rebuilt</h1>"
TEXT = "<p>The council voted on Tuesday to rebuild the old wall, and the traders of the fish market will wait.</p>" * 3


def read(body: str = FIRST, head: str = "", author: Any = None, **more: Any) -> tuple[tuple[str, ...], str]:
    article = {"@type": "NewsArticle", "headline": "Sea wall to be rebuilt", **more}
    if author is not None:
        article["author"] = author
    script = f'<script type="application/ld+json">{json.dumps(article)}</script>' if len(article) > 2 else ""
    tree = html.document_fromstring(f"<html><head>{head}{script}</head><body>{body}</body></html>")
    shown, lines = find_bylines(tree), find_byline_block(split_into_blocks(tree))
    authors, (source, _) = find_authors(read_structured_data(tree), shown, lines, SITE)
    return authors, source


@pytest.mark.parametrize(
    ("author", "wanted"),
    [
        ("Ada Quill", ADA),
        ([[{"name": "Ada Quill"}, {"name": "Omar Haddad"}]], ("Ada Quill", "Omar Haddad")),
        ({"name": {"@type": "Person", "name": "Ada Quill"}}, ADA),
        ({"name": {"@value": "Ada Quill", "@language": "sv"}}, ADA),
        ({"@type": "Person", "givenName": "Ada", "familyName": "Quill"}, ADA),
        ({"@type": "Person", "name": ["Ada Quill", "Omar Haddad"]}, ("Ada Quill", "Omar Haddad")),
        ({"name": "Ada Quill, Omar Haddad and Li Wei"}, ("Ada Quill", "Omar Haddad", "Li Wei")),
        ({"name": "Quill, Ada"}, ADA),
        ({"name": "van der Berg, Ada M."}, ("Ada M. van der Berg",)),
        ({"name": "Suparman"}, ("Suparman",)),
        ({"name": "Maria da Conceição de Oliveira e Silva"}, ("Maria da Conceição de Oliveira e Silva",)),
        ({"name": "André &amp;amp; Zoë Quill"}, ("André", "Zoë Quill")),
        (
            [{"name": "Al Read"}, {"name": "Emily Post"}, {"name": "Mia Bloomberg"}],
            ("Al Read", "Emily Post", "Mia Bloomberg"),
        ),
        ({"name": "Bill Press"}, ("Bill Press",)),
        ({"@type": "NewsMediaOrganization", "name": "Ada Quill"}, ()),
        ([{"@type": "Organization", "name": "The Wire Service"}, {"@type": "Person", "name": "Ada Quill"}], ADA),
        ("https://courier.example/people/ada-quill", ()),
        ("Marsh Courier", ()),
        ("The Marsh Courier", ()),
        ("courier.example", ()),
        ("Staff", ()),
        ("dpa", ()),
        ("AFP", ()),
        ("Associated Press", ()),
        ("Bloomberg", ()),
        ("Bloomberg News", ()),
        ("Washington Post", ()),
        ("Online-Redaktion", ()),
        ("Redazione", ()),
        ("Guest Author", ()),
        ("admin", ()),
    ],
)
def test_authors_of_json_ld(author: Any, wanted: tuple[str, ...]) -> None:
    assert read(author=author)[0] == wanted


def test_the_creator_where_there_is_no_author() -> None:
    assert read(creator=["Ada Quill"]) == (("Ada Quill",), "json-ld")
    assert read(author="Omar Haddad", creator=["Ada Quill"])[0] == ("Omar Haddad",)


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (
            '<meta name="author" content="Ada Quill"><meta name="author" content="Omar Haddad">',
            ("Ada Quill", "Omar Haddad"),
        ),
        ('<meta property="article:author" content="https://x.example/a"><meta name="byl" content="By Ada Quill">', ADA),
        ('<meta name="author" content="Courier - Ada Quill">', ADA),
        ('<meta name="author" content="Andr&amp;eacute; Quill">', ("André Quill",)),
        ('<meta name="author" content="Ada Quill, London">', ADA),
        ('<meta name="author" content="deinen Freunden">', ()),
        ('<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Ada Quill">', ADA),
        ('<meta name="twitter:label2" content="Verfasst von"><meta name="twitter:data2" content="Ada Quill">', ADA),
        ('<meta name="twitter:label1" content="Reading time"><meta name="twitter:data1" content="Ten Minutes">', ()),
    ],
)
def test_authors_of_meta_tags(head: str, wanted: tuple[str, ...]) -> None:
    assert read(head=head)[0] == wanted


BYLINE = f"{FIRST}{{}}{TEXT}"


@pytest.mark.parametrize(
    ("byline", "wanted"),
    [
        ('<p class="byline">By <span class="author">Ada Quill</span> | 3 min read</p>', ADA),
        ('<p class="byline">By Ada Quill and Omar Haddad, Westmarsh</p>', ("Ada Quill", "Omar Haddad")),
        ('<div id="article-author">Ada Quill</div>', ADA),
        ('<div data-testid="AuthorName">Ada Quill</div>', ADA),
        ('<div itemprop="author"><span itemprop="name">Ada Quill</span></div>', ADA),
        ('<div class="articleAuthor">Von <a>Ada Quill</a> <a>Omar Haddad</a></div>', ("Ada Quill", "Omar Haddad")),
        ('<span class="author vcard"><a rel="author" href="/author/ada">Ada</a></span>', ("Ada",)),
        (
            '<div class="author"><b class="author-name">Ada Quill</b><p class="author-bio">Writes On Walls</p></div>',
            ADA,
        ),
        ("<p>By Ada Quill</p>", ADA),
        ("<p><em>Von Ada Quill und Omar Haddad</em></p>", ("Ada Quill", "Omar Haddad")),
        ("<address>Por <a>Ada Quill</a></address>", ADA),
        ("<p>By The Time It Was Over Nobody Had Won A Thing</p>", ()),
        ("<p>By the old wall</p>", ()),
        ('<p class="byline">Follow Us On Facebook</p>', ()),
        ('<p class="author">View My Complete Profile</p>', ()),
        # related stories, comments, navigation
        ('<aside><div><a href="/x">Cod quota cut</a> <a rel="author" href="/a/2">Priya Strand</a></div></aside>', ()),
        ('<div class="related"><a rel="author" href="/a/2">Priya Strand</a></div>', ()),
        ('<ol class="comment-list"><li><cite class="comment-author">Priya Strand</cite></li></ol>', ()),
        ('<div class="most-read"><p>By Priya Strand</p></div>', ()),
    ],
)
def test_visible_bylines(byline: str, wanted: tuple[str, ...]) -> None:
    assert read(BYLINE.format(byline))[0] == wanted


def test_the_byline_nearest_below_the_headline_is_the_articles() -> None:
    teaser = '<div class="t"><a href="/{0}">Another story of today</a><p class="byline">By {0} Strand</p></div>'
    body = teaser.format("Priya") + BYLINE.format('<p class="byline">By Ada Quill</p>') + TEXT + teaser.format("Tom")
    assert read(body) == (("Ada Quill",), "byline")


def test_an_agency_in_the_json_ld_is_not_replaced_by_a_line_of_text() -> None:
    assert read(BYLINE.format("<p>By Priya Strand</p>"), author={"@type": "Organization", "name": "dpa"})[0] == ()


def test_a_byline_that_says_each_name_twice() -> None:
    assert parse_bylines(["By Ada Quill", "ADA QUILL"]) == ("Ada Quill",)
