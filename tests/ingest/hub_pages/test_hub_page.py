"""Pages that list links are read as feeds: articles are found, navigation is not, and what can't be read is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.hub_pages.article_links import names_article
from ingest.hub_pages.hub_page import MOST_LINKS, parse_hub_page

URL = "https://ledger.example/coast/"
HEADERS = {"content-type": "text/html; charset=utf-8"}


def links(html: str, selector: str = "", url: str = URL) -> list[str]:
    """The paths of the links that are found."""
    parsed = parse_hub_page(html.encode(), url, HEADERS, selector)
    assert (parsed.error is None) == bool(parsed.entries)
    return [each.url.removeprefix("https://ledger.example") for each in parsed.entries]


NEWSPAPER = """
<html lang="en-GB"><head><title>Coast | The Brennick Ledger</title></head><body>
<header class="site-header"><a href="/"><img alt="The Brennick Ledger"></a>
  <nav><a href="/coast/">All the news from the whole coast</a>
    <a href="/sport/2026-season-tickets-and-more">Sport</a></nav></header>
<main>
  <article class="lead"><a href="/coast/harbour-clinic-gets-a-new-ward"><h2>Harbour clinic gets a new ward</h2>
     <p>After years of asking.</p></a></article>
  <div class="list">
    <div class="item"><h3><a href="/news/4711/ferry">Ferry back after storm</a></h3>
      <a href="/news/4711/ferry">Read more</a></div>
    <div class="item"><h3><a href="/news/4712/lighthouse?utm_source=home">Keeper says goodbye</a></h3></div>
    <div class="item"><h3><a href="/news/4713/fire">Fire</a></h3></div>
    <div class="item"><h3><a href="//ledger.example/news/4714/school-board-votes">School board votes</a></h3></div>
  </div>
  <ul class="ranking"><li><a href="/2026/11/30/council-raises-harbour-fees-again"><span>1</span>
     Council raises harbour fees again</a></li></ul>
  <p><a href="/about-the-brennick-ledger-and-its-people">About us</a> <a href="/contact">Contact</a></p>
  <p><a href="/subscribe-now-for-only-one-crown-a-week">Subscribe</a></p>
  <div class="newsletter-box"><a href="/letters/2026/sign-up-for-our-letter">Sign up for our morning letter</a></div>
  <a href="https://other.example/2026/11/30/something-else-entirely">Something else entirely happened elsewhere</a>
  <a href="/pictures/2026/11/30/regatta-in-the-bay.jpg">Pictures of the regatta in the bay</a>
  <a href="#top">Back to the top of this page</a><a href="javascript:void(0)">Show more of these stories here</a>
  <a href="mailto:desk@ledger.example">Write to the desk about this</a>
</main>
<footer><a href="/terms/2026/general-terms-and-conditions">General terms and conditions of use</a></footer>
</body></html>
"""


def test_articles_are_found_and_nothing_else_of_the_site() -> None:
    assert links(NEWSPAPER) == [
        "/coast/harbour-clinic-gets-a-new-ward",
        "/news/4711/ferry",
        "/news/4712/lighthouse",
        "/news/4713/fire",  # its words are none of a headline, but it stands among headlines
        "/news/4714/school-board-votes",
        "/2026/11/30/council-raises-harbour-fees-again",
    ]


def test_it_says_what_a_feed_says() -> None:
    parsed = parse_hub_page(NEWSPAPER.encode(), URL, HEADERS, "")
    assert (parsed.kind, parsed.title, parsed.language) == ("hub_page", "Coast | The Brennick Ledger", "en")
    assert all(each.identity == each.url and not each.title for each in parsed.entries)


def test_a_selector_names_the_links_itself_or_what_holds_them() -> None:
    assert links(NEWSPAPER, "ul.ranking li") == ["/2026/11/30/council-raises-harbour-fees-again"]
    assert links(NEWSPAPER, "article.lead > a") == ["/coast/harbour-clinic-gets-a-new-ward"]
    assert links(NEWSPAPER, "footer a, nav a:last-child") == [
        "/sport/2026-season-tickets-and-more",
        "/terms/2026/general-terms-and-conditions",
    ]
    other = parse_hub_page(NEWSPAPER.encode(), URL, HEADERS, "main > a")
    assert other.entries[0].url == "https://other.example/2026/11/30/something-else-entirely"


JAPANESE = ["東京都知事が港の再開を発表した", "新幹線が大雪で遅れる", "台風が近づく島々"]
THAI = ["กรุงเทพฯน้ำท่วมหนักหลังฝนตก", "ท่าเรือเปิดอีกครั้ง", "รถไฟล่าช้า"]
GREEK = ["Πλημμύρες στην πόλη μετά τη βροχή", "Το λιμάνι ανοίγει ξανά", "Χιόνι"]


@pytest.mark.parametrize(
    ("headlines", "addresses"),
    [
        (JAPANESE, ["/n/20261130a", "/n/20261130b", "/n/20261130c"]),
        (THAI, ["/a?id=4711", "/a?id=4712", "/a?id=4713"]),
        (GREEK, ["/plimmyres-stin-poli-xana", "/to-limani-anoigei-xana", "/chioni-se-oli-ti-chora"]),
    ],
    ids=["ja", "th", "el"],
)
def test_lists_in_other_scripts_are_read_alike(headlines: list[str], addresses: list[str]) -> None:
    rows = "".join(
        f'<li class="row"><a class="t" href="{address}">{words}</a></li>'
        for words, address in zip(headlines, addresses, strict=True)
    )
    found = links(f"<main><ul>{rows}</ul></main>")
    assert found[:2] == addresses[:2]


def test_a_picture_and_its_headline_are_one_entry_in_the_order_of_the_page() -> None:
    cards = "".join(
        f'<li class="card"><a href="/{n}-a-story-of-the-bay"><img></a>'
        f'<h3><a href="/{n}-a-story-of-the-bay">A story of the bay</a></h3></li>'
        for n in (3, 1, 2)
    )
    assert links(f"<ul>{cards}</ul>") == [f"/{n}-a-story-of-the-bay" for n in (3, 1, 2)]


@pytest.mark.parametrize(
    ("html", "selector", "said"),
    [
        ("<p>Nothing here</p>", "", "no link looks like an article's: name them by a CSS selector (`--selector`"),
        ("<a href='/x'>x</a>", "h9 a", "'h9 a' finds no link"),
        (NEWSPAPER, "a[", "is no CSS selector"),
        (NEWSPAPER.replace("<title>", "<meta name=robots content='index, nofollow'><title>"), "", "nofollow"),
        ("", "", "no page of links"),
    ],
)
def test_what_cannot_be_read_is_said(html: str, selector: str, said: str) -> None:
    parsed = parse_hub_page(html.encode(), URL, HEADERS, selector)
    assert said in (parsed.error or "")
    assert parsed.entries == ()


def test_a_page_of_too_many_links_is_cut_and_says_so() -> None:
    rows = "".join(f'<li><a href="/news/{n}/a-story-of-the-bay">A story of the bay</a></li>' for n in range(1000, 1700))
    parsed = parse_hub_page(f"<ul>{rows}</ul>".encode(), URL, HEADERS, "")
    assert (len(parsed.entries), parsed.cut) == (MOST_LINKS, 700 - MOST_LINKS)


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("/2026/11/30/harbour", True),
        ("/20261130/harbour", True),
        ("/news/4711", True),
        ("/harbour-clinic-gets-ward", True),
        ("/a.php?id=4711", True),
        ("/news/harbour.html", False),
        ("/about", False),
        ("/2026", False),
        ("/sport/football", False),
    ],
)
def test_an_address_names_an_article(path: str, is_one: bool) -> None:
    assert names_article(f"https://ledger.example{path}") is is_one


@given(st.binary(max_size=2_000), st.text(max_size=20))
def test_no_bytes_and_no_selector_raise(body: bytes, selector: str) -> None:
    parsed = parse_hub_page(body, URL, {}, selector)
    assert bool(parsed.error) or bool(parsed.entries)


PARTS = ["<a href='/news/4711/x-y-z-w'>", "four words of headline", "</a>", "<li>", "<nav>", "</nav>", "<h2>", "</h2>"]


@given(st.lists(st.sampled_from(PARTS), max_size=30))
def test_broken_markup_is_read_as_far_as_it_goes(parts: list[str]) -> None:
    parsed = parse_hub_page(f"<main>{''.join(parts)}</main>".encode(), URL, HEADERS, "")
    assert {each.url for each in parsed.entries} <= {"https://ledger.example/news/4711/x-y-z-w"}
