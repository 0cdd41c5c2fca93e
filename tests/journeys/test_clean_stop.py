"""Stops and kills while pages are read cost no article its text: the stop signals go to the whole process group of the
poller, and a parser process that is killed alone is no verdict on its page."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest
from msgspec.structs import replace

from ingest import poll
from newsloom.demo.local_site import Site
from pipeline.service import running_service
from pipeline.settings import Settings
from tests.ingest.local_newspaper import HURRY, Paper, Story, articles, asked, letters, states, until, with_feeds

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

STOPS = 4
KILLS = 3
# of a page: a parser takes about a second for it
SENTENCES = 4_000
PATIENCE = 240.0


def long_story(name: str) -> Story:
    lines = (f"Witness {number} of {name} told the council of bridge {number * 7}." for number in range(SENTENCES))
    return Story(name, summary="In short.", text="\n".join(lines))


def work_in_own_group(options: Settings) -> None:
    os.setpgid(0, 0)
    with running_service("ingest", options.service) as service:
        poll.run(options, service)


@contextmanager
def poller(options: Settings) -> Iterator[SpawnProcess]:
    process = multiprocessing.get_context("spawn").Process(target=work_in_own_group, args=(options,))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def is_empty(group: int | None) -> bool:
    with suppress(ProcessLookupError):
        os.killpg(group or 0, 0)
        return False
    return True


@pytest.fixture
def paper() -> Iterator[Paper]:
    with Site() as site:
        paper = Paper(site, {"/one.xml": [long_story(f"Town{number}") for number in range(3 * STOPS)]})
        paper.show()
        yield paper


def pages_asked(paper: Paper) -> int:
    return len([path for path in asked(paper) if ".html" in path])


def hurried(options: Settings, tmp_path: Path, paper: Paper) -> Settings:
    options = with_feeds(options, tmp_path, paper.urls(), host_gap_seconds=0.01, extract_timeout_seconds=120.0, **HURRY)
    return replace(options, kafka=replace(options.kafka, session_timeout_seconds=6.0))


def check_every_page_is_told(options: Settings, count: int) -> None:
    until(lambda: len(articles(options)) >= count, PATIENCE)
    until(lambda: not any(state.pending for state in states(options).values()), PATIENCE)
    assert letters(options) == []
    assert {(article.revision, article.text.startswith("Witness 0")) for article in articles(options)} == {(1, True)}
    assert len({article.id for article in articles(options)}) == count


def test_stops_while_pages_are_read_degrade_no_article(paper: Paper, options: Settings, tmp_path: Path) -> None:
    options = hurried(options, tmp_path, paper)
    for number in (signal.SIGTERM, signal.SIGINT) * (STOPS // 2):
        before = pages_asked(paper)
        with poller(options) as process:
            until(lambda before=before: pages_asked(paper) >= before + 2, PATIENCE)
            os.killpg(process.pid or 0, number)
            process.join(60)
            assert process.exitcode == 0
        until(lambda process=process: is_empty(process.pid))
        assert letters(options) == []
    assert any(state.pending for state in states(options).values())
    with poller(options):
        check_every_page_is_told(options, 3 * STOPS)


def test_parsers_that_are_killed_degrade_no_article_and_fail_no_feed(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    """That of the feeds too."""
    options = hurried(options, tmp_path, paper)
    stories = paper.feeds["/one.xml"]
    killed: set[int] = set()
    told = 0
    with poller(options) as process:
        for number in range(KILLS):
            # what a killed parser had in hand is published: a page whose parser dies twice is given up
            until(lambda told=told: len(articles(options)) >= told + 2, PATIENCE)
            until(lambda: len(parsers_of(process.pid) - killed) == 2, PATIENCE)
            for parser in parsers_of(process.pid) - killed:
                os.kill(parser, signal.SIGKILL)
                killed.add(parser)
            told = len(articles(options))
            stories.append(long_story(f"Later{number}"))  # else the feed is unchanged, and not read
            paper.show()
        check_every_page_is_told(options, len(stories))
    until(lambda: is_empty(process.pid))  # the poller was killed
    assert len(killed) == 2 * KILLS
    assert {event.outcome for state in states(options).values() for event in state.events} == {"changed"}


def parsers_of(poller: int | None) -> set[int]:
    """The processes that read its feeds and its pages."""
    found = set()
    for children in Path(f"/proc/{poller}/task").glob("*/children"):
        found |= {int(child) for child in children.read_text().split() if is_parser(child)}
    return found


def is_parser(pid: str) -> bool:
    with suppress(OSError):
        return "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()
    return False
