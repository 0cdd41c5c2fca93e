"""The commands on a real Kafka and Elasticsearch in which hostile text lies: all end well, and steer no terminal."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from index import mapping, write
from index.searching import article_search
from pipeline.feed_state import FeedError
from pipeline.kafka.publisher import EncodedMessage, OutgoingMessage, Publisher
from pipeline.messages import ARTICLES, DEAD, FEEDS, DeadLetter, FeedState, Story
from pipeline.settings import Settings
from tests.conftest import environment_of
from tests.index.samples import enriched
from tests.newsloom.hostile_text import ADDRESS, HOSTILE, what_is_unsafe

pytestmark = pytest.mark.stack
NOW = datetime.now(UTC)
LETTER = DeadLetter(
    id="d" * 32, stage="ingest", reason="[/link]", detail=HOSTILE, failed_at=NOW, subject=ADDRESS, traceback=HOSTILE,
    original=b"\x1b[31m",
)  # fmt: skip
FEED = FeedState(
    url="https://a.example/rss", host="a.example", name=HOSTILE, polls=1, failures=1,
    error=FeedError(kind="http", detail=HOSTILE, at=NOW), location=ADDRESS,
)  # fmt: skip
STORY = Story(
    id="s" * 32, language="en", headline=HOSTILE[:300], size=1, sources=("a.example",), first_seen_at=NOW,
    last_seen_at=NOW,
)  # fmt: skip


@pytest.fixture
def filled(options: Settings) -> Settings:
    """Hostile letters, a feed, a story with an article."""
    mapping.install(options.elasticsearch)
    publisher = Publisher(options.kafka)
    publisher.publish(
        [
            publisher.encode(OutgoingMessage(DEAD, LETTER)),
            publisher.encode(OutgoingMessage(FEEDS, FEED)),
            EncodedMessage(f"{options.kafka.prefix}.{DEAD.name}", HOSTILE.encode(errors="replace"), b"\x1b[31m{"),
            EncodedMessage(f"{options.kafka.prefix}.{ARTICLES.name}", b"\x1b", b"\x1b[31m{"),
        ]
    )
    publisher.close()
    article = enriched("harbour", title=f"harbour {HOSTILE}", source_name="[/link]", story=STORY.id, first_seen_at=NOW)
    articles, stories, *_ = write.stages(options.elasticsearch)
    articles.handle([replace(article, tags=(HOSTILE,), section=HOSTILE)])
    stories.handle([STORY])
    article_search.refresh(options.elasticsearch)
    return options


@pytest.mark.timeout(300)
def test_every_command_that_reads_what_strangers_wrote(filled: Settings, tmp_path: Path) -> None:
    environment = {**os.environ, **environment_of(filled), "COLUMNS": "300"}
    # `doctor` finds no contact, and `status` nobody who looks for alerts
    for command, said in {
        "dead list": "[/link]",
        f"dead show {LETTER.id}": "[red]not red[/red]",
        "dead replay --yes": "came from the web",
        "feeds status": "[red]not red[/red]",
        "search harbour": "[/link]",
        "article harbour": "[/link]",
        "stories": "[red]not red[/red]",
        f"story {STORY.id}": "[/link]",
        "status": "dead letters",
        "doctor": "elasticsearch",
    }.items():
        arguments = [sys.executable, "-m", "newsloom", *command.split(), "--data", str(tmp_path)]
        done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False, timeout=60)
        assert "Traceback" not in done.stderr, (command, done.stderr)
        assert done.returncode == {"doctor": 1, "status": 4}.get(command, 0), (command, done.stderr)
        assert said in done.stdout + done.stderr, (command, done.stdout, done.stderr)
        assert what_is_unsafe(done.stdout + done.stderr) == [], command
