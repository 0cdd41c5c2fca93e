"""A poller that stands still until its feeds are another's, and then goes on: it says nothing of them any more."""

import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from newsloom.demo.local_site import Site
from pipeline.kafka import broker
from pipeline.messages import FEEDS, FeedState, decode
from pipeline.settings import Settings
from tests.ingest.local_newspaper import HURRY, Paper, Story, articles, states, until, with_feeds
from tests.ingest.test_pollers import PATIENCE, on_hosts, polls, running, shared_by_three, site

__all__ = ["site"]
pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

COUNT = 12


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


def test_a_poller_that_stood_still_says_nothing_of_feeds_that_are_another_s(
    site: Site, options: Settings, tmp_path: Path
) -> None:
    paper = Paper(site, {f"/{number}.xml": [Story(f"Town{number}")] for number in range(COUNT)})
    paper.show()
    two = shared_by_three(with_feeds(options, tmp_path, on_hosts(site, list(paper.feeds)), **HURRY))[:2]
    with running(*two) as (frozen, _):
        until(lambda: is_shared_by(site, {0, 1}), PATIENCE)
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
