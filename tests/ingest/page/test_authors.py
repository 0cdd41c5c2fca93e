"""Authors: what JSON-LD, meta tags and visible bylines say, and what is no name of a person."""

import json
from typing import Any

import pytest
from lxml import html

from ingest.boilerplate.blocks import split_into_blocks
from ingest.page.byline import find_authors
from ingest.page.bylines.byline_elements import find_bylines
from ingest.page.bylines.byline_lines import find_byline_lines
from ingest.page.bylines.person_name import parse_bylines
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
    blocks = split_into_blocks(tree)
    shown, lines = find_bylines(tree, "Sea wall to be rebuilt"), find_byline_lines(blocks)
    texts = [block.text for block in blocks]
    authors, (source, _) = find_authors(read_structured_data(tree), shown, lines, SITE, texts)
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
        # names behind and between other elements
        ('<p class="byline"><b>By</b> Ada Quill</p>', ADA),
        ('<a class="story__author"><svg></svg>Ada Quill</a>', ADA),
        ('<div class="byline"><span>Ada Quill</span> <span>Senior Politics Editor</span></div>', ADA),
        ('<div class="byline"><span>Ada</span> <span>Quill</span></div>', ADA),
        (
            '<div class="byline">By <span>Ada Quill</span> and <span>Omar Haddad</span> <i>The Tide</i></div>',
            ("Ada Quill", "Omar Haddad"),
        ),
        ('<div class="author">By Ada Quill December 16, 2026</div>', ADA),
        ('<div class="author">Von Ada Quill, 16. Dezember 2026</div>', ADA),
        ('<p class="byline">By by Ada Quill</p>', ADA),
        ('<p class="byline">Richard (RJ) Quill</p>', ("Richard RJ Quill",)),
        ('<p class="byline">Ada Quill (dpa)</p>', ADA),
        # only the last name is marked
        (
            '<p>By <b>Ada Quill</b>, <b>Li Wei</b> and <b class="last-byline">Omar Haddad</b></p>',
            ("Ada Quill", "Li Wei", "Omar Haddad"),
        ),
        # other things beside the name
        (
            '<div class="byline"><span class="byline__name"><a href="/authors/ada">Ada Quill</a></span>'
            '<span class="byline__item"><a href="#c">203 comments / new</a></span></div>',
            ADA,
        ),
        ('<div class="social-author__name">Ada Quill</div>', ADA),
        ('<div class="author-card"><div class="author-card__name">Ada Quill</div></div>', ADA),
        ('<div class="authorname">Ada Quill</div>', ADA),
        ('<div class="postauthor-info">By Ada Quill</div>', ADA),
        ('<p class="author">Ada Quill</p><span class="author-views">Views Today</span>', ADA),
        # links to the author's own page
        ('<div><a href="/author/ada-quill">Ada Quill</a></div>', ADA),
        (
            '<p>Fifty people came, <a href="/author/priya">Priya Strand</a> wrote in May. '
            + 20 * "It rained. "
            + "</p>",
            (),
        ),
        # parts of the page that hold the byline of the article itself
        ('<aside><address><a rel="author" href="/profile/ada">Ada Quill</a></address></aside>', ADA),
        ('<aside><address><a rel="Author" href="/x/7">Ada Quill</a></address></aside>', ADA),
        ('<nav class="post-by"><span itemprop="author">Ada Quill</span></nav>', ADA),
        ('<footer class="entry-meta"><span class="author">Eingestellt von Ada Quill</span></footer>', ADA),
        ("<p>By Ada Quill</p>", ADA),
        ("<p><em>Von Ada Quill und Omar Haddad</em></p>", ("Ada Quill", "Omar Haddad")),
        ("<address>Por <a>Ada Quill</a></address>", ADA),
        ("<div><p><b>By</b></p></div><div><p>Ada Quill</p></div>", ADA),
        ("<p>By</p><p>The council and its traders</p>", ()),
        ('<div class="article-sidebar"><p>By</p><p>Ada Quill</p></div>', ADA),
        ('<div class="sidebar"><p>By</p><p>Priya Strand</p></div>', ()),
        ("<p>Blog-Beitrag von Ada Quill</p>", ADA),
        ("<p>Gastbeitrag von Ada Quill</p>", ADA),
        ("<p>Guest post by Ada Quill</p>", ADA),
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


def test_bylines_that_follow_the_text() -> None:
    footer = '<footer class="post-footer"><span class="author">Posted by <a rel="author">Ada Quill</a></span></footer>'
    assert read(f"<article>{FIRST}{20 * TEXT}{footer}</article>") == (ADA, "byline")
    assert (
        read(f'<div class="widget Blog">{FIRST}{20 * TEXT}<span class="post-author">von Ada Quill</span></div>')[0]
        == ADA
    )
    assert read(f"<article>{FIRST}{20 * TEXT}</article>{footer.replace('post-', '')}")[0] == ()


def test_authors_of_cited_works_are_not_the_articles() -> None:
    cited = '<ol><li itemprop="citation" itemscope><meta itemprop="author" content="Priya Strand"></li></ol>'
    assert read(f'{FIRST}<p class="byline">By Ada Quill</p>{TEXT}{cited}') == (ADA, "byline")
    assert read(f'<div itemscope><meta itemprop="author" content="Ada Quill">{FIRST}{TEXT}</div>{cited}') == (
        ADA,
        "meta",
    )


def test_an_agency_in_the_json_ld_is_not_replaced_by_a_line_of_text() -> None:
    assert read(BYLINE.format("<p>By Priya Strand</p>"), author={"@type": "Organization", "name": "dpa"})[0] == ()


UPLOADER = {"@type": "Person", "name": "Priya Strand"}
NEAR_HEADLINE = '<p class="byline">By <a href="/staff/ada-quill">Ada Quill</a></p>'


def test_a_stated_name_that_the_page_does_not_show_gives_way_to_its_byline() -> None:
    """Who entered a text into the publisher's software is no author of it."""
    assert read(BYLINE.format(NEAR_HEADLINE), author=UPLOADER) == (ADA, "byline")
    assert read(BYLINE.format(NEAR_HEADLINE), head='<meta name="author" content="Priya Strand">') == (ADA, "byline")
    shown = f"{BYLINE.format(NEAR_HEADLINE)}<p>Edited by Priya Strand</p>"
    assert read(shown, author=UPLOADER) == (("Priya Strand",), "json-ld")


def test_a_stated_name_stays_where_the_page_shows_none_or_that_of_another_story() -> None:
    assert read(BYLINE.format(""), author=UPLOADER) == (("Priya Strand",), "json-ld")
    far = f'{FIRST}{20 * TEXT}<div class="t"><h4>Another story of today</h4>{NEAR_HEADLINE}</div>'
    assert read(far, author=UPLOADER) == (("Priya Strand",), "json-ld")
    lines = BYLINE.format("<p>By Ada Quill</p>")
    assert read(lines, author=UPLOADER) == (("Priya Strand",), "json-ld")


@pytest.mark.parametrize(
    ("byline", "wanted"),
    [
        ('<p class="byline">By Ada Quill</p>', "Ada Quill"),
        ('<p class="byline">By Ada</p>', "Ada"),
        ('<p class="byline">Omar Haddad | Editor: Ada</p>', "Omar Haddad"),
        ("<p>By</p><p>Ada Quill</p>", "Ada Quill"),
        ("<p>By Omar Haddad</p>", "Ada"),
        ("", "Ada"),
    ],
)
def test_one_name_alone_gives_way_to_the_whole_name_of_the_byline(byline: str, wanted: str) -> None:
    assert read(BYLINE.format(byline), author={"@type": "Person", "name": "Ada"})[0] == (wanted,)


@pytest.mark.parametrize(
    "surname", ["Haberman", "Habermann", "Magaziner", "Corpuz", "Photopoulos", "Efendi", "Autorino"]
)
def test_a_surname_that_begins_like_an_office(surname: str) -> None:
    assert read(author={"@type": "Person", "name": f"Ada {surname}"})[0] == (f"Ada {surname}",)
    assert read(BYLINE.format(f'<p class="byline">By Ada {surname}</p>'))[0] == (f"Ada {surname}",)


@pytest.mark.parametrize("name", ["Haber Merkezi", "Habertürk", "Magazin Redaktion", "Corporate Team", "Photo Desk"])
def test_desks_and_papers_are_no_people(name: str) -> None:
    assert read(author={"@type": "Person", "name": name})[0] == ()


def test_a_given_name_that_is_an_agency_alone() -> None:
    assert read(author="Efe Quill")[0] == ("Efe Quill",)
    assert read(author="EFE")[0] == read(author="Agencia EFE")[0] == read(author="EFE Madrid")[0] == ()


def test_a_byline_that_says_each_name_twice() -> None:
    assert parse_bylines(["By Ada Quill", "ADA QUILL"]) == ("Ada Quill",)
