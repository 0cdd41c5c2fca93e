"""What our poller finds when it starts in bench/poller: its settings, its feed list, and what Kafka knows of each feed.

In: the feeds' addresses. Out: settings, the list as a file, and on Kafka a FeedState for each feed as a poller that
has polled it for long would have left it: 20 entries shown and more remembered, their articles published, 30 events,
due within one interval. Its validators are not known, so that its first poll reads it whole, as after every start: only
then is a poll that brings one new entry what it is for the rest of a poller's life.
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
from ingest.frontier import poll_history
from ingest.frontier.known_entries import entry_digest, entry_key
from ingest.urls import article_id, canonical_url
from pipeline.feed_state import FeedEvent, Seen
from pipeline.kafka import broker
from pipeline.kafka.publisher import Outgoing, Publisher
from pipeline.messages import FEEDS, FeedState
from pipeline.settings import Settings, load


def options_for(kafka: str, folder: Path, interval: float) -> Settings:
    """Every feed is due each `interval` seconds; the hosts are ours, so there is no gap between requests to one."""
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
    [health] = ports.choose({"the poller's health page": 0})
    return replace(
        options,
        ingest=knobs,
        kafka=replace(options.kafka, session_timeout_seconds=300.0),  # it is stopped while the other has its turn
        service=replace(options.service, health_port=health),
    )


def prepare(options: Settings, urls: list[str], port: int, remembered: int) -> None:
    """Writes the feed list, and to Kafka what is known of the feeds."""
    tables = (f'[[feeds]]\nurl = "{url}"\nname = "Paper {number}"\n' for number, url in enumerate(urls))
    Path(options.ingest.feeds).write_text("".join(tables), encoding="utf-8")
    broker.create_topics(options.kafka)
    publisher = Publisher(options.kafka)
    states = known_states(urls, port, options.ingest.interval_seconds, remembered)
    publisher.publish(publisher.encode(Outgoing(FEEDS, state)) for state in states)
    publisher.close()


def known_states(urls: list[str], port: int, interval: float, remembered: int) -> Iterator[FeedState]:
    """What is known of each feed; `remembered`: entries that it no longer shows."""
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
            events=(FeedEvent(at=now, outcome="changed", new=1, shown=len(entries)),) * poll_history.EVENTS,
            seen=(
                *(_gone(now) for _ in range(remembered)),
                *(_seen(replace(entry, identity=entry.identity.replace("/0.xml", path)), now) for entry in entries),
            ),
        )


def _seen(entry: Entry, now: datetime) -> Seen:
    return Seen(
        entry=entry_key(entry),
        digest=entry_digest(entry),
        article=article_id(canonical_url(entry.url) or ""),
        content="0" * 24,
        revision=1,
        first_seen_at=now,
    )


def _gone(now: datetime) -> Seen:
    """Random: hashes can't be packed well."""
    entry, digest, article, content = (random.randbytes(size).hex() for size in (8, 8, 16, 12))
    then = now - timedelta(seconds=random.uniform(0, 1e6))
    return Seen(entry=entry, digest=digest, article=article, content=content, revision=1, first_seen_at=then)
