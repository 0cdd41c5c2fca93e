"""A poller that stands still until its feeds are another's, and then goes on: it says nothing of them any more."""

import asyncio
import os
import signal
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from ingest.feeds.entry import Entry
from ingest.frontier import waiting_entries
from ingest.frontier.published_articles import PublishedArticles, Version
from ingest.pages import PageVisits
from ingest.publish import AsyncPublisher, StateStore
from ingest.sandbox.parser_processes import Limits, ParserProcesses, Reports
from ingest.web.client import WebClient
from newsloom.demo.local_site import Site
from pipeline.kafka import broker
from pipeline.kafka.clients.lease import Lease
from pipeline.messages import FEEDS, FeedState, decode
from pipeline.settings import Settings
from tests.ingest.local_newspaper import HURRY, Paper, Story, articles, states, until, with_feeds
from tests.ingest.test_pollers import PATIENCE, on_hosts, polls, running, shared_by_three, site

__all__ = ["site"]
pytestmark = pytest.mark.timeout(600)

COUNT = 12
NOW = datetime(2026, 5, 4, tzinfo=UTC)


def owners(server: Site) -> dict[str, set[int]]:
    """Who asked for each feed in the last two seconds."""
    return {path: {who for _, who in asked} for path, asked in polls(server, time.monotonic() - 2).items()}


def is_shared_by(server: Site, pollers: set[int]) -> bool:
    found = owners(server)
    each_has_one = len(found) == COUNT and all(len(those) == 1 for those in found.values())
    return each_has_one and set().union(*found.values()) == pollers


def polls_in_order(options: Settings) -> dict[str, list[int]]:
    """How often each feed had been polled, by its states in the order in which they were written."""
    found: dict[str, list[int]] = {}
    for record in broker.read_topic(options.kafka, FEEDS):
        state = decode(record.value, FeedState)
        found.setdefault(state.url, []).append(state.polls)
    return found


@pytest.mark.stack
def test_a_poller_that_stood_still_says_nothing_of_feeds_that_are_another_s(
    site: Site, options: Settings, tmp_path: Path
) -> None:
    paper = Paper(site, {f"/{number}.xml": [Story(f"Town{number}")] for number in range(COUNT)})
    paper.show()
    two = shared_by_three(with_feeds(options, tmp_path, on_hosts(site, list(paper.feeds)), **HURRY))[:2]
    with running(*two) as (frozen, _):
        until(lambda: is_shared_by(site, {0, 1}), PATIENCE)
        until(lambda: len({article.id for article in articles(two[0])}) == COUNT, PATIENCE)  # no state, nothing pending
        until(lambda: not any(state.pending for state in states(two[0]).values()), PATIENCE)
        known = {article.id: article.revision for article in articles(two[0])}
        os.kill(frozen.pid or 0, signal.SIGSTOP)
        until(lambda: is_shared_by(site, {1}), PATIENCE)
        for number, stories in enumerate(paper.feeds.values()):
            [story] = stories
            story.title += ": it is to be built"
            story.text += f"\nOn Friday the council of Town{number} has decided that it is to be built."
        paper.show()
        until(lambda: sum(article.revision == 2 for article in articles(two[0])) == COUNT, PATIENCE)
        os.kill(frozen.pid or 0, signal.SIGCONT)
        until(lambda: is_shared_by(site, {0, 1}), PATIENCE)
    assert set(known.values()) == {1}
    after = Counter((article.id, article.revision) for article in articles(two[0]))
    assert {revision for _, revision in after} == {1, 2}
    assert max(after[id, 2] for id in known) == 1
    written = polls_in_order(two[0])
    assert {url: found for url, found in written.items() if found != sorted(found)} == {}


# --- what is given up while it is being sent ---


async def give_up_while_sending(site: Site, options: Settings, published: PublishedArticles) -> None:
    """A visit that can't send its article is given up, as when its feed goes; then the feed is back, and can."""
    entry = Entry(identity="1", url=f"{site.url}/Town.html", title="What Town decided about its bridge")
    waiting = waiting_entries.as_told("1", entry, None, datetime.now(UTC))
    feed = FeedState(url=f"{site.url}/feed.xml", host="127.0.0.1", name="Paper", pending=(waiting,))
    unsent = asyncio.Event()
    lease, knobs = Lease(options.kafka), options.ingest
    parsers = ParserProcesses(1, Limits(knobs.extract_timeout_seconds, knobs.extract_memory_bytes), Reports())
    publisher = AsyncPublisher(options, lease, lambda problem: unsent.set() if problem else None)
    store = StateStore(publisher)
    store.states.put(feed)
    try:
        async with WebClient(knobs) as web:
            visits = PageVisits(knobs, web, parsers, publisher, store, published)
            visit = asyncio.create_task(visits.visit(feed.url, waiting))
            await unsent.wait()
            visit.cancel()
            await asyncio.gather(visit, return_exceptions=True)
            assert visit.cancelled()
            lease.begin_term(lease.term)
            lease.confirm(lease.clock() + 60)
            await visits.visit(feed.url, waiting)
    finally:
        parsers.close()
        publisher.close()


@pytest.mark.stack
def test_an_article_that_was_given_up_while_it_was_sent_is_not_known(
    site: Site, options: Settings, tmp_path: Path
) -> None:
    """An hour of soak lost one so: its feed went while it was sent, came back, and its entry was "known"."""
    Paper(site, {"/feed.xml": [Story("Town")]}).show()
    short = replace(options.kafka, session_timeout_seconds=0.5)  # how long an unanswered heartbeat is waited for
    options = with_feeds(options, tmp_path, [], allow_private_addresses=True, robots=False, host_gap_seconds=0.0)
    published = PublishedArticles()
    asyncio.run(give_up_while_sending(site, replace(options, kafka=short), published))
    [article] = articles(options)
    assert published.get(article.id)


def test_what_was_not_sent_gives_way_to_what_is_known_of_it() -> None:
    before, sent = (Version(content, number, NOW) for number, content in ((1, "a"), (2, "b")))
    newer = Version("c", 3, NOW)
    published = PublishedArticles()
    published.put("id", sent)
    published.take_back("id", sent, None)
    assert "id" not in published
    published.put("id", sent)
    published.take_back("id", sent, before)
    assert published.get("id") == before
    published.put("id", newer)  # its feed came back, with what another poller had sent
    published.take_back("id", sent, before)
    assert published.get("id") == newer
