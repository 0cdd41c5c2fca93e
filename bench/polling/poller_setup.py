"""Prepares bench/poller: the poller's settings, its feed list, and the feed states on Kafka that it starts with.

In: the feeds' addresses. Out: settings, the list as a file, and on Kafka a FeedState for each feed as a poller leaves
it that has run for long: 20 entries shown and more remembered, their articles published, 30 events, due within one
interval. It has no HTTP validators, so that the first poll reads the whole feed, as after every start: the polls after
it are then as they are for the rest of a poller's life.
"""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from bench.polling.poller_site import feed_body
from embedded import ports
from ingest.feeds.feed_list import Feed
from ingest.feeds.parse import Entry, parse_feed
from ingest.frontier import feed_events
from ingest.frontier.known_entries import entry_key
from ingest.frontier.waiting_entries import entry_digest
from ingest.urls import article_id, canonical_url
from pipeline.feed_state import FeedEvent, SeenEntry
from pipeline.kafka import broker
from pipeline.kafka.publisher import OutgoingMessage, Publisher
from pipeline.messages import FEEDS, FeedState
from pipeline.settings import Settings, load


def poller_settings(kafka: str, folder: Path, interval: float) -> Settings:
    """Settings with every feed due each `interval` seconds, and no gap between requests to a host, which is ours."""
    options = load({"NEWSLOOM_KAFKA__BOOTSTRAP_SERVERS": kafka, "NEWSLOOM_KAFKA__PREFIX": f"b{uuid.uuid4().hex[:8]}"})
    knobs = replace(
        options.ingest,
        feeds=str(folder / "feeds.toml"),
        allow_private_addresses=True,
        host_gap_seconds=0.0,
        interval_seconds=interval,
        interval_least_seconds=interval,
        interval_most_seconds=interval,
    )
    [health] = ports.choose_ports({"the poller's health page": 0})
    return replace(
        options,
        ingest=knobs,
        kafka=replace(options.kafka, session_timeout_seconds=300.0),  # it is stopped while the other has its turn
        service=replace(options.service, health_port=health),
    )


def write_feeds_and_states(options: Settings, urls: list[str], port: int, remembered: int) -> None:
    """Writes the feed list to its file, and a state for each feed to Kafka."""
    tables = (f'[[feeds]]\nurl = "{url}"\nname = "Paper {number}"\n' for number, url in enumerate(urls))
    Path(options.ingest.feeds).write_text("".join(tables), encoding="utf-8")
    broker.create_topics(options.kafka)
    publisher = Publisher(options.kafka)
    states = feed_states(urls, port, options.ingest.interval_seconds, remembered)
    publisher.publish(publisher.encode(OutgoingMessage(FEEDS, state)) for state in states)
    publisher.close()


def feed_states(urls: list[str], port: int, interval: float, remembered: int) -> Iterator[FeedState]:
    """The state of each feed; `remembered`: number of known entries that it no longer shows."""
    now = datetime.now(UTC)
    entries = parse_feed(feed_body("/0.xml", 0, port), urls[0], {}).entries
    for number, url in enumerate(urls):
        path = "/" + url.rpartition("/")[2]
        yield FeedState(
            url=url,
            host=Feed(url=url, name="-").host,
            name=f"Paper {number}",
            interval=interval,
            shown=len(entries),
            arrivals=1.0,
            observed=interval,
            next_poll_at=now + timedelta(seconds=random.uniform(0, interval)),
            last_poll_at=now,
            last_success_at=now,
            polls=1,
            articles=len(entries),
            events=(FeedEvent(at=now, outcome="changed", new=1, shown=len(entries)),) * feed_events.EVENTS,
            seen=(
                *(_forgotten_entry(now) for _ in range(remembered)),
                *(
                    _shown_entry(replace(entry, identity=entry.identity.replace("/0.xml", path)), now)
                    for entry in entries
                ),
            ),
        )


def _shown_entry(entry: Entry, now: datetime) -> SeenEntry:
    return SeenEntry(
        entry=entry_key(entry),
        digest=entry_digest(entry),
        article=article_id(canonical_url(entry.url) or ""),
        content="0" * 24,
        revision=1,
        first_seen_at=now,
    )


def _forgotten_entry(now: datetime) -> SeenEntry:
    """A known entry that the feed no longer shows. Random, as hashes are: they can't be compressed."""
    entry, digest, article, content = (random.randbytes(size).hex() for size in (8, 8, 16, 12))
    then = now - timedelta(seconds=random.uniform(0, 1e6))
    return SeenEntry(entry=entry, digest=digest, article=article, content=content, revision=1, first_seen_at=then)
