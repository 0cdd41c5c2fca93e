"""Several pollers, bursts, and hosts that hang: who polls what when one dies, and what is published all the same."""

import multiprocessing
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest
from msgspec.structs import replace

from ingest import poll
from newsloom.demo.local_site import Behaviour, Request, Site
from pipeline.kafka import broker
from pipeline.service import Service
from pipeline.settings import Settings
from tests.ingest.local_newspaper import HURRY, Paper, Story, articles, states, until, with_feeds

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

SESSION_SECONDS = 6.0
FEEDS = 24
BURST = 2_000
GAP = 0.01
PATIENCE = 240.0  # seconds, on a machine that does other things too; else the burst takes half a minute
# of one host begun at a time (ingest/frontier/host_queues): what a kill may repeat, each with the same id and revision
IN_HAND = 2


def work(options: Settings) -> None:
    poll.run(options, Service("ingest"))


@contextmanager
def running(*each: Settings) -> Iterator[list[SpawnProcess]]:
    """Pollers in processes of their own, killed at the end."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=work, args=(options,)) for options in each]
    for process in processes:
        process.start()
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.join()


@pytest.fixture
def site() -> Iterator[Site]:
    """On all loopback addresses: each is a host."""
    with Site(host="0.0.0.0") as site:
        site.url = site.url.replace("0.0.0.0", "127.0.0.1")
        yield site


def on_hosts(site: Site, paths: list[str]) -> list[str]:
    return [f"{site.url.replace('127.0.0.1', f'127.0.1.{number + 1}')}{path}" for number, path in enumerate(paths)]


# --- several pollers ---


def shared_by_three(options: Settings) -> list[Settings]:
    """Settings of three pollers that a site can tell apart, on topics with a share for each."""
    kafka = replace(
        options.kafka, prefix=f"{options.kafka.prefix}-three", partitions=6, session_timeout_seconds=SESSION_SECONDS
    )
    broker.create_topics(kafka)
    return [
        replace(options, kafka=kafka, ingest=replace(options.ingest, contact=f"poller{number}@example.org"))
        for number in range(3)
    ]


def polls(site: Site, since: float = 0.0) -> dict[str, list[tuple[float, int]]]:
    """When each feed was asked for, and by which poller."""
    found: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for request in list(site.requests):
        if "?" not in request.path and request.path.endswith(".xml") and request.at >= since:
            found[request.path].append((request.at, int(request.headers["user-agent"].partition("poller")[2][0])))
    return found


def owners(site: Site) -> dict[str, set[int]]:
    """Who asked for each feed in the last two seconds, in which each is due three times."""
    return {path: {who for _, who in asked} for path, asked in polls(site, time.monotonic() - 2).items()}


def is_shared(site: Site, count: int) -> bool:
    found = owners(site)
    each_has_one = len(found) == FEEDS and all(len(those) == 1 for those in found.values())
    return each_has_one and len(set().union(*found.values())) == count


def seconds_of_two(asked: list[tuple[float, int]]) -> float:
    """How long two pollers asked for a feed in turns: from the first request that another poller's requests lie close
    around, to the last."""
    both = [
        at
        for at, who in asked
        if any(other != who and at - 1.5 < then < at for then, other in asked)
        and any(other != who and at < then < at + 1.5 for then, other in asked)
    ]
    return both[-1] - both[0] if both else 0.0


def bring_news(paper: Paper, slug: str) -> None:
    """Another story in each feed."""
    for number, stories in enumerate(paper.feeds.values()):
        stories.append(Story(f"{slug}{number}"))
    paper.show()


def test_three_pollers_share_and_the_feeds_of_a_killed_one_go_to_the_others(
    site: Site, options: Settings, tmp_path: Path
) -> None:
    paper = Paper(site, {f"/{number}.xml": [] for number in range(FEEDS)})
    paper.show()
    options = with_feeds(options, tmp_path, on_hosts(site, list(paper.feeds)), **HURRY)
    three = shared_by_three(options)
    with running(*three) as processes:
        until(lambda: is_shared(site, 3), PATIENCE)
        # not before: what is in hand while the three find each other may be published twice, with the same revision
        bring_news(paper, "Town")
        until(lambda: len(articles(three[0])) == FEEDS, PATIENCE)
        until(lambda: not any(state.pending for state in states(three[0]).values()), PATIENCE)
        orphans = [path for path, those in owners(site).items() if those == {1}]
        processes[1].kill()
        killed = time.monotonic()
        bring_news(paper, "Later")
        until(lambda: is_shared(site, 2), PATIENCE)
        until(lambda: len(articles(three[0])) == 2 * FEEDS, PATIENCE)
        until(lambda: not any(state.pending for state in states(three[0]).values()), PATIENCE)
    taken_over = [
        next(at for at, who in asked if who != 1) for asked in (polls(site, killed)[path] for path in orphans)
    ]
    assert orphans
    assert max(taken_over) - killed < SESSION_SECONDS + 10
    assert max(seconds_of_two(asked) for asked in polls(site).values()) <= SESSION_SECONDS
    published = Counter((article.id, article.revision) for article in articles(three[0]))
    assert set(published.values()) == {1}
    assert {revision for _, revision in published} == {1}
    assert {seen.article for state in states(three[0]).values() for seen in state.seen} == {id for id, _ in published}


# --- bursts ---


def pages(site: Site) -> list[Request]:
    return [request for request in list(site.requests) if request.path.startswith("/Town")]


def show_burst(paper: Paper, stories: list[Story]) -> None:
    """The feed, and no pages: what is gone is told from the feed, for a reader would take minutes for so many."""
    paper.feeds["/one.xml"] = stories
    paper.show()
    for story in stories:
        del paper.site.resources[f"/{story.slug}.html"]


def test_a_burst_is_spread_and_survives_a_kill(site: Site, options: Settings, tmp_path: Path) -> None:
    stories = {f"Town{number}": Story(f"Town{number}") for number in range(BURST)}
    paper = Paper(site)
    show_burst(paper, list(stories.values()))
    often = dict.fromkeys(HURRY, 2.0)
    options = with_feeds(options, tmp_path, paper.urls(), host_gap_seconds=GAP, connections_per_host=IN_HAND, **often)
    options = replace(options, kafka=replace(options.kafka, session_timeout_seconds=SESSION_SECONDS))
    with running(options):
        until(lambda: len(pages(site)) > BURST / 4, PATIENCE)
    [state] = states(options).values()
    waiting = {pending.url.rpartition("/")[0].rpartition("/")[2].partition(".")[0] for pending in state.pending}
    assert 0 < len(waiting) < BURST - len(state.seen)
    show_burst(paper, [story for name, story in stories.items() if name not in waiting])
    with running(options):
        until(lambda: len(pages(site)) >= BURST, PATIENCE)
        until(lambda: len({article.id for article in articles(options)}) == BURST)
        until(lambda: not any(state.pending for state in states(options).values()))
    published = Counter((article.id, article.revision) for article in articles(options))
    assert {revision for _, revision in published} == {1}
    assert len(published) == BURST
    assert published.total() <= BURST + IN_HAND
    starts = [request.at for request in pages(site)]
    assert all(later - first > 0.8 * 19 * GAP for first, later in zip(starts, starts[19:], strict=False))


# --- hosts that hang ---


def test_a_host_whose_pages_hang_delays_no_other(site: Site, options: Settings, tmp_path: Path) -> None:
    with Site(host="127.0.0.2") as slow:
        stuck = Paper(slow, {"/slow.xml": [Story(f"Stuck{number}") for number in range(20)]})
        flows = Paper(site, {"/one.xml": [Story(f"Town{number}") for number in range(20)]})
        for paper in (stuck, flows):
            paper.show()
        for story in stuck.feeds["/slow.xml"]:
            slow.behaviours[f"/{story.slug}.html?utm_source=/slow.xml"] = Behaviour(delay=60)
        urls = [*stuck.urls(), *flows.urls()]
        options = with_feeds(options, tmp_path, urls, connections=3, connections_per_host=2, **HURRY)
        with running(options):
            until(lambda: "/Stuck0.html?utm_source=/slow.xml" in slow.paths())
            until(lambda: len(articles(options)) == 20)
            assert all("Town" in article.url for article in articles(options))
            assert len([path for path in slow.paths() if "Stuck" in path]) == 2
