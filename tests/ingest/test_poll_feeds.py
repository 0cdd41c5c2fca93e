"""What becomes of feeds that fail, lie, lose entries, go, or leave the list, while the others go on."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest import poll
from newsloom.demo.local_site import Behaviour, Resource, Site
from pipeline.service import Service
from pipeline.settings import Settings
from tests.ingest.local_newspaper import HURRY, Paper, Story, articles, asked, once, states, until, with_feeds

pytestmark = pytest.mark.stack


class Liar(Resource):
    """Says of everything that it has not changed."""

    @property
    def etag(self) -> str:
        return '"for ever"'


@pytest.fixture
def paper() -> Iterator[Paper]:
    with Site() as site:
        yield Paper(site, {"/one.xml": [Story("Arden"), Story("Brome"), Story("Corby")]})


def test_answers_that_share_nothing_are_a_gap_that_the_news_sitemap_fills(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    paper.show()
    options = with_feeds(options, tmp_path, paper.urls())
    once(options)
    paper.feeds["/one.xml"] = [Story("Dover"), Story("Elgin")]
    paper.show()
    missed = Story("Frome")
    paper.site.resources["/Frome.html"] = Resource(missed.html())
    now = datetime.now(UTC).isoformat()
    listed = "".join(
        f"<url><loc>{paper.site.url}/{name}.html</loc><news:news><news:title>{name}</news:title>"
        f"<news:publication_date>{now}</news:publication_date></news:news></url>"
        for name in ("Dover", "Frome")
    )
    paper.site.resources["/hidden/news.xml"] = Resource(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{listed}</urlset>'.encode()
    )
    paper.site.resources["/robots.txt"] = Resource(f"Sitemap: {paper.site.url}/hidden/news.xml".encode())
    once(options)
    found = Counter(article.url.rpartition("/")[2] for article in articles(options))
    assert found == {f"{name}.html": 1 for name in ("Arden", "Brome", "Corby", "Dover", "Elgin", "Frome")}
    [state] = states(options).values()
    assert (state.gaps, state.events[-1].outcome) == (1, "gap")


def test_a_server_whose_304_is_not_true_is_found_out(paper: Paper, options: Settings, tmp_path: Path) -> None:
    paper.show()
    options = with_feeds(options, tmp_path, paper.urls(), unconditional_every=2)
    for count, names in [(3, []), (3, ["Dover"]), (4, ["Dover"]), (5, ["Dover", "Elgin"])]:
        paper.feeds["/one.xml"] = [Story(name) for name in ("Arden", "Brome", "Corby", *names)]
        paper.show()
        paper.site.resources["/one.xml"] = Liar(paper.site.resources["/one.xml"].body)
        once(options)
        assert len(articles(options)) == count
    [state] = states(options).values()
    assert state.distrusted


def test_what_is_gone_rests_and_what_robots_forbid_is_not_asked(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    paper.feeds["/two.xml"] = [Story("Dover")]
    paper.show()
    paper.site.behaviours["/one.xml"] = Behaviour(status=410)
    paper.site.resources["/robots.txt"] = Resource(b"User-agent: *\nDisallow: /Dover")
    options = with_feeds(options, tmp_path, paper.urls())
    once(options)
    before = len(paper.site.requests)
    once(options)
    assert asked(paper, before) == ["/two.xml"]
    assert not [path for path in asked(paper) if "Dover" in path]
    [article] = articles(options)
    assert (article.title, article.text_from) == (Story("Dover").title, "feed")
    gone = states(options)[paper.urls()[0]]
    assert (gone.active, gone.events[-1].outcome) == (False, "gone")


def test_the_list_may_change_while_the_poller_runs(paper: Paper, options: Settings, tmp_path: Path) -> None:
    paper.feeds["/two.xml"] = [Story("Dover")]
    paper.show()
    options = with_feeds(options, tmp_path, paper.urls()[:1], **HURRY)
    service = Service("ingest")
    poller = threading.Thread(target=poll.run, args=(options, service))
    poller.start()
    try:
        until(lambda: len(articles(options)) == 3)
        (tmp_path / "feeds.toml").write_text("[[feeds]\nbroken")
        with_feeds(options, tmp_path, paper.urls()[1:])
        until(lambda: len(articles(options)) == 4)
        until(lambda: [state.active for state in states(options).values()] == [False, True])
        seen = paper.site.paths().count("/two.xml")
        until(lambda: paper.site.paths().count("/two.xml") > seen)
    finally:
        service.stop.set()
        poller.join(30)
    assert not poller.is_alive()


def test_every_failing_feed_says_why_and_the_others_go_on(paper: Paper, options: Settings, tmp_path: Path) -> None:
    paper.show()
    paper.site.resources["/html.xml"] = paper.site.resources["/Arden.html"]
    nobody = "http://nobody.invalid/feed"
    with Site(host="127.0.0.2") as other:  # a host that asks for a pause is not asked for anything
        other.behaviours["/busy.xml"] = Behaviour(status=503, headers={"retry-after": "7200"})
        bad = [f"{other.url}/busy.xml", *(f"{paper.site.url}{path}" for path in ("/missing.xml", "/html.xml"))]
        options = with_feeds(options, tmp_path, [*paper.urls(), *bad, nobody, "http://127.0.0.1:9/feed"])
        once(options)
    found = states(options)
    kinds = {url: state.error.kind for url, state in found.items() if state.error}
    assert kinds == {
        bad[0]: "http",
        bad[1]: "http",
        bad[2]: "parse",
        nobody: "dns",
        "http://127.0.0.1:9/feed": "connect",
    }
    busy = found[bad[0]]
    assert busy.next_poll_at is not None
    assert busy.last_poll_at is not None
    assert (busy.next_poll_at - busy.last_poll_at).total_seconds() >= 7200
    assert len(articles(options)) == 3


def test_a_feed_that_left_the_list_rests_and_is_remembered(paper: Paper, options: Settings, tmp_path: Path) -> None:
    paper.feeds["/two.xml"] = [Story("Dover")]
    paper.show()
    once(with_feeds(options, tmp_path, paper.urls()))
    before = len(paper.site.requests)
    once(with_feeds(options, tmp_path, paper.urls()[:1]))
    assert asked(paper, before) == ["/one.xml"]
    once(with_feeds(options, tmp_path, paper.urls()))
    assert len(articles(options)) == 4
