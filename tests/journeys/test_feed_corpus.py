"""Every feed file of the corpus, served over HTTP, through the real poller: none stops it, each says what is in it.

What the entries link to lies on hosts that nobody runs: the poller runs where no name resolves (own_names).
"""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from ingest.feeds.parse import parse_feed
from ingest.frontier.known_entries import MOST_ENTRIES, entry_key
from newsloom.demo.local_site import Resource, Site
from pipeline.settings import Settings
from tests.conftest import environment_of
from tests.ingest.local_newspaper import articles, states, with_feeds
from tests.journeys import own_names

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]
FEWEST_FILES = 1_400


def test_every_feed_of_the_corpus_is_polled_and_says_what_is_in_it(
    options: Settings, corpus: Path, tmp_path: Path
) -> None:
    files = [path for path in sorted(corpus.glob("feeds/*/*")) if path.name != "expected.jsonl"]
    assert len(files) >= FEWEST_FILES
    with Site() as site:
        urls = {}
        for path in files:
            name = f"/{path.parent.name}/{path.name}"
            site.resources[name] = Resource(path.read_bytes(), "application/xml")
            urls[site.url + name] = path
        options = with_feeds(options, tmp_path, list(urls), page_attempts=1)
        command = [*own_names.command_with_names(tmp_path, {}), sys.executable, "-m", "newsloom", "ingest", "--once"]
        done = subprocess.run(
            command, env=environment_of(options), capture_output=True, text=True, check=False, timeout=500
        )
        assert done.returncode == 0, done.stderr[-3000:]
        found = states(options)
    assert found.keys() == urls.keys()
    assert {state.polls for state in found.values()} == {1}
    assert Counter(state.error.kind for state in found.values() if state.error).keys() <= {"parse"}
    expected = {url: shown(path, url) for url, path in urls.items()}
    assert {url: state.shown for url, state in found.items()} == expected
    assert sum(expected.values()) > 500
    assert articles(options)


def shown(path: Path, url: str) -> int:
    """The entries of the file that have an address or a text, read without a poller."""
    entries = parse_feed(path.read_bytes(), url, {"content-type": "application/xml"}).entries
    told = [entry for entry in entries if entry.url or entry.content or entry.summary]
    return len({entry_key(entry) for entry in told[:MOST_ENTRIES]})
