"""The whole poller: a newspaper on localhost, a real broker, and what lies on the topics afterwards."""

import multiprocessing
import threading
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic

import pytest
from msgspec.structs import replace

from ingest import poll
from newsloom.demo.local_site import Behaviour, Resource, Site
from pipeline.failures import WrongSetting
from pipeline.service import Service
from pipeline.settings import Settings
from tests.ingest.local_newspaper import HURRY, Paper, Story, articles, asked, letters, once, states, until, with_feeds

pytestmark = pytest.mark.stack


@pytest.fixture
def paper() -> Iterator[Paper]:
    with Site() as site:
        yield Paper(site, {"/one.xml": [Story("Arden"), Story("Brome"), Story("Corby")]})


def test_new_entries_are_published_once_and_a_second_run_asks_for_nothing_again(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    paper.show()
    options = with_feeds(options, tmp_path, paper.urls())
    once(options)
    found = {article.url: article for article in articles(options)}
    assert found.keys() == {f"{paper.site.url}/{name}.html" for name in ("Arden", "Brome", "Corby")}
    arden = found[f"{paper.site.url}/Arden.html"]
    assert "four thousand signatures" in arden.text
    assert "About us" not in arden.text
    assert (arden.revision, arden.text_from, arden.claimed_language) == (1, "page", "en")
    assert arden.published_at is not None
    assert arden.published_at.isoformat() == "2024-11-05T10:00:00+00:00"
    before = len(paper.site.requests)
    once(options)
    assert len(articles(options)) == 3
    assert asked(paper, before) == ["/one.xml"]
    assert paper.site.requests[-1].headers["if-none-match"] == paper.site.resources["/one.xml"].etag
    [state] = states(options).values()
    assert (state.polls, state.articles, state.pending, state.failures) == (2, 3, (), 0)


def test_a_changed_entry_is_a_new_revision_of_the_same_article(paper: Paper, options: Settings, tmp_path: Path) -> None:
    paper.show()
    options = with_feeds(options, tmp_path, paper.urls())
    once(options)
    paper.feeds["/one.xml"][0] = Story(
        "Arden",
        summary="Corrected.",
        text=Story("Arden").text + "\nCorrection: the bridge of Arden will cost twelve million, not eleven.",
    )
    paper.feeds["/one.xml"][1] = Story("Brome", summary="The feed says it otherwise, the page says the same.")
    paper.show()
    once(options)
    first, second = [article for article in articles(options) if "Arden" in article.url]
    assert (first.revision, second.revision) == (1, 2)
    assert (first.id, first.first_seen_at) == (second.id, second.first_seen_at)
    assert "twelve" in second.text
    assert Counter(article.revision for article in articles(options)) == {1: 3, 2: 1}


def test_an_unreadable_page_is_a_dead_letter_with_its_bytes_and_an_article_from_the_feed(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    nothing = b"<html><body><script>load()</script></body></html>"
    paper.feeds["/one.xml"] += [Story("Dover", page=nothing), Story("Elgin", page=b"%PDF-1.7", summary="")]
    paper.show()
    options = with_feeds(options, tmp_path, paper.urls())
    once(options)
    buried = {letter.subject.partition("?")[0]: letter for letter in letters(options)}
    assert buried.keys() == {f"{paper.site.url}/Dover.html", f"{paper.site.url}/Elgin.html"}
    dover = buried[f"{paper.site.url}/Dover.html"]
    assert (dover.stage, dover.reason, dover.original) == ("ingest", "unreadable_page", nothing)
    from_feed = [article for article in articles(options) if article.text_from == "feed"]
    assert [(article.url, article.text) for article in from_feed] == [
        (f"{paper.site.url}/Dover.html", "The council decides about the bridge.")
    ]
    assert len(articles(options)) == 4


def test_a_page_that_can_not_be_had_is_told_by_the_feed_and_replaced_when_it_comes(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    paper.show()
    page = "/Arden.html?utm_source=/one.xml"
    paper.site.behaviours[page] = Behaviour(status=403)
    options = with_feeds(options, tmp_path, paper.urls())
    once(options)
    [told] = [article for article in articles(options) if article.text_from == "feed"]
    assert (told.url, told.text, told.revision) == (
        f"{paper.site.url}/Arden.html",
        "The council decides about the bridge.",
        1,
    )
    [state] = states(options).values()
    assert [(each.url, each.attempts) for each in state.pending] == [(paper.site.url + page, 1)]
    paper.site.behaviours.clear()
    once(options)
    [same, page_of_it] = [article for article in articles(options) if article.id == told.id]
    assert same == told
    assert (page_of_it.revision, page_of_it.text_from, page_of_it.changed) == (2, "page", ("text",))
    assert "four thousand signatures" in page_of_it.text
    assert page_of_it.first_seen_at == told.first_seen_at
    assert not any(state.pending for state in states(options).values())


def test_a_film_is_not_read_to_its_end_and_its_news_is_told_by_the_feed(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    paper.show()
    paper.site.resources["/Arden.html"] = Resource(b"\0" * 1_000_000, "video/mp4")
    options = with_feeds(options, tmp_path, paper.urls())
    once(options)
    [told] = [article for article in articles(options) if article.text_from == "feed"]
    assert told.title == Story("Arden").title
    assert not any(state.pending for state in states(options).values())


def test_a_page_that_never_comes_is_given_up_and_the_news_is_not(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    paper.show()
    paper.site.behaviours["/Arden.html?utm_source=/one.xml"] = Behaviour(status=403)
    options = with_feeds(options, tmp_path, paper.urls(), page_attempts=2)
    once(options)
    once(options)
    assert [article.revision for article in articles(options) if article.text_from == "feed"] == [1]
    assert not any(state.pending for state in states(options).values())


def test_one_article_in_two_feeds_is_published_once(paper: Paper, options: Settings, tmp_path: Path) -> None:
    paper.feeds["/two.xml"] = [Story("Arden"), Story("Dover")]
    paper.show()
    options = with_feeds(options, tmp_path, paper.urls())
    once(options)
    once(options)
    published = Counter(article.url.rpartition("/")[2] for article in articles(options))
    assert published == {"Arden.html": 1, "Brome.html": 1, "Corby.html": 1, "Dover.html": 1}
    assert not any(state.pending for state in states(options).values())


def test_a_feed_that_does_not_answer_delays_no_other_and_stopping_is_quick(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    paper.show()
    paper.site.behaviours["/slow.xml"] = Behaviour(delay=60)
    options = with_feeds(options, tmp_path, [f"{paper.site.url}/slow.xml", *paper.urls()])
    service = Service("ingest")
    poller = threading.Thread(target=poll.run, args=(options, service))
    poller.start()
    try:
        until(lambda: len(articles(options)) == 3)
    finally:
        asked = monotonic()
        service.stop.set()
        poller.join(30)
    assert not poller.is_alive()
    assert monotonic() - asked < 10
    assert service.health()[0] == 200


def test_a_running_poller_follows_a_feed(paper: Paper, options: Settings, tmp_path: Path) -> None:
    paper.show()
    options = with_feeds(options, tmp_path, paper.urls(), **HURRY)
    service = Service("ingest")
    poller = threading.Thread(target=poll.run, args=(options, service))
    poller.start()
    try:
        until(lambda: len(articles(options)) == 3)
        paper.feeds["/one.xml"].append(Story("Dover"))
        paper.show()
        until(lambda: len(articles(options)) == 4)
        until(lambda: not any(state.pending for state in states(options).values()))
    finally:
        service.stop.set()
        poller.join(30)
    assert not poller.is_alive()


def test_a_killed_poller_loses_nothing(paper: Paper, options: Settings, tmp_path: Path) -> None:
    names = [f"Town{number}" for number in range(12)]
    paper.feeds["/one.xml"] = [Story(name) for name in names]
    paper.show()
    for number, name in enumerate(names):
        paper.site.behaviours[f"/{name}.html?utm_source=/one.xml"] = Behaviour(delay=0.05 if number < 4 else 60)
    options = with_feeds(options, tmp_path, paper.urls())
    child = multiprocessing.get_context("spawn").Process(target=once, args=(options,))
    child.start()
    try:
        until(lambda: len(articles(options)) >= 2)
    finally:
        child.kill()
        child.join()
    [state] = states(options).values()
    assert state.pending
    paper.site.behaviours.clear()
    paper.feeds["/one.xml"] = []  # the feed no longer shows them: what was found is remembered
    paper.show()
    once(options)
    assert {article.url for article in articles(options)} == {f"{paper.site.url}/{name}.html" for name in names}
    assert all(article.revision == 1 for article in articles(options))
    [state] = states(options).values()
    assert state.pending == ()
    assert len(state.seen) == 12


def test_a_missing_topic_stops_the_poller_with_what_to_do(paper: Paper, options: Settings, tmp_path: Path) -> None:
    options = with_feeds(options, tmp_path, paper.urls())
    nowhere = replace(options, kafka=replace(options.kafka, prefix="never-set-up"))
    with pytest.raises(WrongSetting, match="newsloom setup"):
        once(nowhere)


def be_without_kafka(options: Settings, told: Connection) -> None:
    service = Service("ingest")
    poller = threading.Thread(target=poll.run, args=(options, service))
    poller.start()
    try:
        until(lambda: "kafka is unavailable" in str(service.health()[1]["status"]))
        told.send(service.health())
    finally:
        service.stop.set()
        poller.join(30)


def test_without_kafka_the_poller_waits_says_so_and_asks_no_site(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    paper.show()
    options = with_feeds(options, tmp_path, paper.urls())
    options = replace(options, kafka=replace(options.kafka, bootstrap_servers="127.0.0.1:9"))
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    # a process of its own: kafka-python 3.0.12 leaves the sockets of refused connections to the garbage collector
    poller = context.Process(target=be_without_kafka, args=(options, theirs))
    poller.start()
    assert ours.poll(60)
    status, body = ours.recv()
    poller.join(30)
    assert (status, poller.exitcode) == (503, 0)
    assert "kafka" in body["status"]
    assert paper.site.requests == []
