"""Pages are asked for again by the real poller: a newspaper on localhost, a real broker, what lies on the topics."""

import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from ingest import poll
from newsloom.demo.local_site import Behaviour, Resource, Site
from pipeline.feed_state import Revisit
from pipeline.service import Service
from pipeline.settings import Settings
from tests.ingest.local_newspaper import HURRY, Paper, Story, articles, asked, letters, states, until, with_feeds

pytestmark = [pytest.mark.stack, pytest.mark.slow]
SOON = {**HURRY, "host_gap_seconds": 0.02, "revisit_hours": "0.0003", "revisit_share": 0.2}  # a second
ARDEN = "/Arden.html?utm_source=/one.xml"


@pytest.fixture
def paper() -> Iterator[Paper]:
    with Site() as site:
        yield Paper(site, {"/one.xml": [Story("Arden")]})


@contextmanager
def polling(options: Settings) -> Iterator[None]:
    service = Service("ingest")
    poller = threading.Thread(target=poll.run, args=(options, service))
    poller.start()
    try:
        yield
    finally:
        service.stop.set()
        poller.join(30)
    assert not poller.is_alive()


def edit(paper: Paper, slug: str = "Arden") -> None:
    """The page says something else, and its feed says nothing of it."""
    told = Story(slug).text.replace("eleven million", "thirteen million")
    paper.site.resources[f"/{slug}.html"] = Resource(Story(slug, text=told).html())


def waiting(options: Settings) -> int:
    return sum(len(state.revisits) for state in states(options).values())


def polls_after(paper: Paper, count: int) -> None:
    """Waits until the feed was polled so many times more."""
    before = asked(paper).count("/one.xml")
    until(lambda: asked(paper).count("/one.xml") >= before + count)


def test_an_edit_that_no_feed_tells_of_is_a_revision(paper: Paper, options: Settings, tmp_path: Path) -> None:
    paper.show()
    with polling(with_feeds(options, tmp_path, paper.urls(), **SOON)):
        until(lambda: articles(options))
        edit(paper)
        until(lambda: len(articles(options)) == 2)
        until(lambda: waiting(options) == 0)
    first, second = articles(options)
    assert (second.id, second.revision, second.changed) == (first.id, 2, ("text",))
    assert "thirteen million" in second.text
    assert second.first_seen_at == first.first_seen_at
    assert second.found_at is not None
    assert first.found_at is not None
    assert second.found_at > first.found_at
    [state] = states(options).values()
    assert [(each.article, each.revision) for each in state.seen] == [(first.id, 2)]


def test_an_unchanged_page_costs_a_conditional_request_and_no_message(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    paper.show()
    with polling(with_feeds(options, tmp_path, paper.urls(), **SOON)):
        until(lambda: asked(paper).count(ARDEN) == 2)
        until(lambda: waiting(options) == 0)
        polls_after(paper, 2)
    assert asked(paper).count(ARDEN) == 2
    [again] = [each for each in paper.site.requests if each.path == ARDEN][1:]
    assert again.headers["if-none-match"] == paper.site.resources["/Arden.html"].etag
    assert [article.revision for article in articles(options)] == [1]


@pytest.mark.parametrize(
    ("behaviour", "page"),
    [
        (Behaviour(status=404), None),
        (Behaviour(status=500), None),
        (Behaviour(), b"<html><body><script>load()</script></body></html>"),
        (Behaviour(), Story("Arden", title="Subscribe to our newsletter", text="Log in to read on.").html()),
    ],
    ids=["gone", "error", "unreadable", "wall"],
)
def test_a_page_that_is_no_article_any_more_keeps_its_article(
    paper: Paper, options: Settings, tmp_path: Path, behaviour: Behaviour, page: bytes | None
) -> None:
    paper.show()
    with polling(with_feeds(options, tmp_path, paper.urls(), **SOON)):
        until(lambda: articles(options))
        if page is not None:
            paper.site.resources["/Arden.html"] = Resource(page)
        paper.site.behaviours[ARDEN] = behaviour
        until(lambda: asked(paper).count(ARDEN) == 2)
        until(lambda: waiting(options) == 0)
    assert [article.revision for article in articles(options)] == [1]
    assert letters(options) == []
    [state] = states(options).values()
    assert [(each.article, each.revision) for each in state.seen] == [(articles(options)[0].id, 1)]


def test_a_host_that_asks_to_wait_is_asked_later(paper: Paper, options: Settings, tmp_path: Path) -> None:
    paper.show()
    with polling(with_feeds(options, tmp_path, paper.urls(), **SOON)):
        until(lambda: articles(options))
        paper.site.behaviours[ARDEN] = Behaviour(status=503, headers={"Retry-After": "3600"})
        until(lambda: asked(paper).count(ARDEN) == 2)
        until(lambda: any(each.due_at > articles(options)[0].fetched_at for each in _revisits(options)))
    assert asked(paper).count(ARDEN) == 2
    [article], [revisit] = articles(options), _revisits(options)
    assert (revisit.due_at - article.fetched_at).total_seconds() > 3000


def test_above_the_number_no_page_is_asked_for_again(paper: Paper, options: Settings, tmp_path: Path) -> None:
    paper.feeds["/one.xml"] += [Story("Brome"), Story("Corby")]
    paper.show()
    later = {**SOON, "revisit_hours": "24 168", "revisit_most_articles": 2}
    with polling(with_feeds(options, tmp_path, paper.urls(), **later)):
        until(lambda: len(articles(options)) == 3)
        polls_after(paper, 2)
    assert waiting(options) == 2


def test_none_is_asked_for_again_where_that_is_off(paper: Paper, options: Settings, tmp_path: Path) -> None:
    paper.show()
    with polling(with_feeds(options, tmp_path, paper.urls(), **{**SOON, "revisit_most_articles": 0})):
        until(lambda: articles(options))
        polls_after(paper, 4)
    assert asked(paper).count(ARDEN) == 1


def _child(options: Settings, ready: Connection) -> None:
    ready.send(True)
    poll.run(options, Service("ingest"))


def test_a_killed_poller_loses_no_revisit(paper: Paper, options: Settings, tmp_path: Path) -> None:
    paper.show()
    options = with_feeds(options, tmp_path, paper.urls(), **{**SOON, "revisit_hours": "0.0006"})
    context = multiprocessing.get_context("spawn")
    ready, told = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(options, told))
    child.start()
    try:
        assert ready.poll(60)
        until(lambda: articles(options))
        edit(paper)
        paper.site.behaviours[ARDEN] = Behaviour(delay=60)
        until(lambda: asked(paper).count(ARDEN) == 2)  # and it waits for the answer
    finally:
        child.kill()
        child.join()
    paper.site.behaviours.clear()
    assert [article.revision for article in articles(options)] == [1]
    with polling(options):
        until(lambda: len(articles(options)) == 2)
        until(lambda: waiting(options) == 0)
    assert articles(options)[1].changed == ("text",)
    assert asked(paper).count(ARDEN) == 3


def _revisits(options: Settings) -> list[Revisit]:
    return [each for state in states(options).values() for each in state.revisits]
