"""Articles on several pages, through the whole poller: read whole, or marked as truncated."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from newsloom.demo.local_site import Behaviour, Resource, Site
from pipeline.messages import Article
from pipeline.settings import Settings
from tests.ingest.local_newspaper import Paper, Story, articles, asked, letters, once, with_feeds

pytestmark = pytest.mark.stack

TITLE = "How Arden lost its sea wall and what became of the town"
LEAD = "It took one night in January and forty years of saving on the wrong things."
NOTE = "Ivo Marsh has written about harbours and their engineers for twenty years."
PAGES = (
    (
        "The storm began before midnight, and at two the first stones of the wall lay in the road behind it.",
        "Nobody in the harbour office could say whom to call, because the only engineer had left in autumn.",
        "By the morning, four hundred people had carried what they could up the hill to the old school.",
    ),
    (
        "The reports of the seventies, which lie in the cellar of the town hall, warn of just this night.",
        "Each council since then has put the work off for the next one, and has built a swimming pool instead.",
        "A retired clerk remembers that the minutes were never even read aloud in the meetings that he wrote for.",
    ),
    (
        "What comes now is a wall of concrete, eleven metres high, that nobody in the lower town can look over.",
        "The fishermen have sued, the hotel keepers have left, and the school has more rooms than pupils.",
        "In the evening the mayor walks along the rubble, and says that she will not stand for election again.",
    ),
)


def page(number: int, links: str = "", title: str = TITLE, further: str = "") -> bytes:
    paragraphs = "".join(f"<p>{line}</p>" for line in (LEAD, *PAGES[number - 1], NOTE))
    return (
        f'<html lang="en"><head><title>{title}</title>{further}</head><body><nav><a href="/">Home</a></nav>'
        f"<article><h1>{title}</h1>{paragraphs}</article>{links}<footer>About us</footer></body></html>"
    ).encode()


def following(address: str) -> str:
    return f'<link rel="next" href="{address}">'


def whole(*numbers: int) -> str:
    """The text of these pages as one article: what each of them repeats is there once."""
    return "\n".join((LEAD, *(line for number in numbers for line in PAGES[number - 1]), NOTE))


@pytest.fixture
def paper() -> Iterator[Paper]:
    with Site() as site:
        yield Paper(site, {"/one.xml": [Story("Arden", title=TITLE, page=page(1, further=following("?page=2")))]})


def read(paper: Paper, options: Settings, folder: Path, pages: Sequence[bytes] = (), **knobs: object) -> Article:
    """The article, when its pages from the second on are shown at ?page=2 and so on."""
    paper.show()
    for number, body in enumerate(pages, 2):
        paper.site.resources[f"/Arden.html?page={number}"] = Resource(body)
    once(with_feeds(options, folder, paper.urls(), **knobs))
    [article] = [each for each in articles(options) if each.title == TITLE]
    assert letters(options) == []
    return article


def test_all_pages_of_an_article_are_one_text(paper: Paper, options: Settings, tmp_path: Path) -> None:
    article = read(paper, options, tmp_path, [page(2, further=following("/Arden.html?page=3")), page(3)])
    assert article.text == whole(1, 2, 3)
    assert not article.truncated
    assert article.url == f"{paper.site.url}/Arden.html"
    assert asked(paper)[-2:] == ["/Arden.html?page=2", "/Arden.html?page=3"]


def test_a_pager_leads_through_the_article_too(paper: Paper, options: Settings, tmp_path: Path) -> None:
    pager = "<div class='pager'>{}</div>".format("".join(f"<a href='/Arden_{n}.html'>{n}</a>" for n in (2, 3)))
    paper.feeds["/one.xml"] = [Story("Arden", title=TITLE, page=page(1, links=pager))]
    for number in (2, 3):
        paper.site.resources[f"/Arden_{number}.html"] = Resource(page(number, pager, title=f"{TITLE} - Page {number}"))
    article = read(paper, options, tmp_path)
    assert (article.text, article.truncated) == (whole(1, 2, 3), False)


def test_the_next_article_is_never_appended(paper: Paper, options: Settings, tmp_path: Path) -> None:
    paper.feeds["/one.xml"] = [Story("Arden", title=TITLE, page=page(1, further=following("/Brome.html")))]
    paper.site.resources["/Brome.html"] = Resource(page(2, title="How Brome lost its bridge"))
    article = read(paper, options, tmp_path)
    assert (article.text, article.truncated) == (whole(1), False)
    assert "/Brome.html" not in asked(paper)


def test_another_article_under_the_address_of_the_second_page_is_not_appended(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    article = read(paper, options, tmp_path, [page(2, title="Brome votes on a tunnel for its trains")])
    assert (article.text, article.truncated) == (whole(1), True)


def test_a_page_of_another_day_or_address_is_not_appended(paper: Paper, options: Settings, tmp_path: Path) -> None:
    dated = '<meta property="article:published_time" content="2024-11-0{}T10:00:00Z">'
    paper.feeds["/one.xml"] = [
        Story("Arden", title=TITLE, page=page(1, further=following("?page=2") + dated.format(5))),
        Story("Brome", title=TITLE, page=page(2, further=following("?page=2"))),
    ]
    paper.site.resources["/Arden.html?page=2"] = Resource(page(3, further=dated.format(6)))
    other = f'<link rel="canonical" href="{paper.site.url}/Brome-bridge.html">'
    paper.site.resources["/Brome.html?page=2"] = Resource(page(3, further=other))
    paper.show()
    once(with_feeds(options, tmp_path, paper.urls()))
    assert {(each.text, each.truncated) for each in articles(options)} == {(whole(1), True), (whole(2), True)}


def test_an_article_ends_with_what_was_read_where_its_third_page_fails(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    paper.site.behaviours["/Arden.html?page=3"] = Behaviour(status=500)
    article = read(paper, options, tmp_path, [page(2, further=following("?page=3"))])
    assert (article.text, article.truncated) == (whole(1, 2), True)


def test_a_further_page_without_text_is_left_out(paper: Paper, options: Settings, tmp_path: Path) -> None:
    article = read(paper, options, tmp_path, [b"<html><body><script>load()</script></body></html>"])
    assert (article.text, article.truncated) == (whole(1), True)


@pytest.mark.parametrize("back", ["/Arden.html", "?page=1"])
def test_pages_that_lead_in_circles_are_read_once(paper: Paper, options: Settings, tmp_path: Path, back: str) -> None:
    article = read(paper, options, tmp_path, [page(2, further=following(back))])
    assert (article.text, article.truncated) == (whole(1, 2), True)
    assert len(asked(paper)) == 3


def test_a_second_page_that_redirects_to_the_first_is_missing(paper: Paper, options: Settings, tmp_path: Path) -> None:
    paper.site.behaviours["/Arden.html?page=2"] = Behaviour(302, headers={"location": "/Arden.html"})
    article = read(paper, options, tmp_path)
    assert (article.text, article.truncated) == (whole(1), True)


def test_a_second_page_that_says_the_same_is_none(paper: Paper, options: Settings, tmp_path: Path) -> None:
    """The site doesn't look at the number, or numbers something else with it."""
    article = read(paper, options, tmp_path, [page(1, further=following("?page=3"))])
    assert (article.text, article.truncated) == (whole(1), False)
    assert "/Arden.html?page=3" not in asked(paper)


def test_an_article_of_very_many_pages_ends_at_the_limit(paper: Paper, options: Settings, tmp_path: Path) -> None:
    pages = [page(2, further=following("?page=3")), page(3)]
    article = read(paper, options, tmp_path, pages, article_pages=2)
    assert (article.text, article.truncated) == (whole(1, 2), True)
    assert "/Arden.html?page=3" not in asked(paper)


def test_a_very_long_article_ends_at_the_limit(paper: Paper, options: Settings, tmp_path: Path) -> None:
    pages = [page(2, further=following("?page=3")), page(3)]
    article = read(paper, options, tmp_path, pages, max_text_chars=len(whole(1)) + 20)
    assert article.truncated
    assert whole(1, 2).startswith(article.text)
    assert "/Arden.html?page=3" not in asked(paper)


def test_a_page_that_robots_txt_forbids_is_not_asked_for(paper: Paper, options: Settings, tmp_path: Path) -> None:
    paper.site.resources["/robots.txt"] = Resource(b"User-agent: *\nDisallow: /*?page=", "text/plain")
    article = read(paper, options, tmp_path, [page(2)])
    assert (article.text, article.truncated) == (whole(1), True)
    assert "/Arden.html?page=2" not in asked(paper)


def test_what_a_further_page_says_against_mining_holds_for_the_article(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    article = read(paper, options, tmp_path, [page(2, further='<meta name="robots" content="noai">')])
    assert (article.text, article.opt_outs) == (whole(1, 2), ("noai",))
