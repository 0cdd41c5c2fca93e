"""Faults of Kafka and Elasticsearch: killed, restarted, frozen, away; and an Elasticsearch that refuses its work."""

import json
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from embedded.elasticsearch import Elasticsearch
from embedded.kafka import Kafka
from ingest.urls import article_id
from pipeline.kafka import broker
from pipeline.kafka.publisher import EncodedMessage
from pipeline.messages import ARTICLES, Article, encode
from tests.soak.faults.schedule import PlannedFault
from tests.soak.faulty_door import DoorMood
from tests.soak.newspapers import make_publication, title_of
from tests.soak.world import PATIENCE_SECONDS, Injection, World, chance_of

ASK_SECONDS = 20.0
SLICE_SECONDS = 0.2
MONTHS_BACK = 400  # days: another month than that of any index that is there


def _server(world: World, name: str) -> Kafka | Elasticsearch:
    return world.stack.kafka if name == "kafka" else world.stack.elasticsearch


def _down(name: str, kill: bool, world: World, fault: PlannedFault, stop: threading.Event) -> None:
    """Away for the fault's length, then started again."""
    world.servers_down.add(name)
    try:
        server = _server(world, name)
        server.kill() if kill else server.stop()
        stop.wait(fault.seconds)
        server.start()
    finally:
        world.servers_down.discard(name)


def _freeze(name: str, world: World, fault: PlannedFault, stop: threading.Event) -> None:
    """SIGSTOP: connections stand, and nobody answers."""
    pid = _server(world, name).child.pid
    os.kill(pid, signal.SIGSTOP)
    stop.wait(fault.seconds)
    os.kill(pid, signal.SIGCONT)


def _slow(world: World, fault: PlannedFault, stop: threading.Event) -> None:
    """The broker runs for a fifth of the time, as on a machine with too much to do."""
    pid, deadline = world.stack.kafka.child.pid, time.monotonic() + fault.seconds
    while time.monotonic() < deadline:
        os.kill(pid, signal.SIGSTOP)
        stop.wait(4 * SLICE_SECONDS)
        os.kill(pid, signal.SIGCONT)
        stop.wait(SLICE_SECONDS)


def _door(mood: DoorMood, world: World, fault: PlannedFault, stop: threading.Event) -> None:
    world.door.mood = mood
    stop.wait(fault.seconds)
    world.door.mood = "open"


def _read_only(world: World, fault: PlannedFault, stop: threading.Event) -> None:
    path = f"/{world.options.elasticsearch.prefix}-*/_settings?expand_wildcards=all"
    _put(world, path, {"index.blocks.read_only_allow_delete": True})
    stop.wait(fault.seconds)
    _put(world, path, {"index.blocks.read_only_allow_delete": None})


def _no_new_index(world: World, fault: PlannedFault, stop: threading.Event) -> None:
    """An article of a month that has no index yet, while the server may not open another one."""
    _put(world, "/_cluster/settings", {"persistent": {"cluster.max_shards_per_node": 1}})
    try:
        world.publish([_of_another_month(world, fault)])
    finally:
        stop.wait(fault.seconds)
        _put(world, "/_cluster/settings", {"persistent": {"cluster.max_shards_per_node": None}})


def _of_another_month(world: World, fault: PlannedFault) -> EncodedMessage:
    then = datetime.now(UTC) - timedelta(days=MONTHS_BACK + 31 * (fault.salt % 40))
    sentences = chance_of(fault).sample(world.papers.sentences, 9)
    made = make_publication(world.papers.seed, "http://archive.example", f"month{fault.number}", "", sentences)
    world.expect(made.marker, "found", fault.kind.name)
    article = Article(
        id=article_id(made.url),
        revision=1,
        url=made.url,
        source="archive.example",
        source_name="Archive",
        feed_url="http://archive.example/feed.xml",
        title=title_of(made),
        text=f"{title_of(made)}\n" + "\n".join(made.paragraphs),
        text_from="page",
        first_seen_at=then,
        fetched_at=then,
    )
    return EncodedMessage(broker.topic_name(world.options.kafka, ARTICLES), article.id.encode(), encode(article))


def _put(world: World, path: str, body: object) -> None:
    """Asks Elasticsearch until it answers: what was changed has to be changed back."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _put_once(world.options.elasticsearch.url + path, body):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Elasticsearch did not take {path}")


def _put_once(url: str, body: object) -> bool:
    """Whether it was taken. Raises HTTPError when it is wrong."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=ASK_SECONDS):
            return True
    except urllib.error.HTTPError as error:
        if error.code < 429:
            raise
    except OSError:
        pass
    return False


INJECTIONS: Mapping[str, Injection] = {
    **{f"{name} killed": partial(_down, name, True) for name in ("kafka", "elasticsearch")},
    **{f"{name} restarted": partial(_down, name, False) for name in ("kafka", "elasticsearch")},
    **{f"{name} away": partial(_down, name, True) for name in ("kafka", "elasticsearch")},
    **{f"{name} frozen": partial(_freeze, name) for name in ("kafka", "elasticsearch")},
    "kafka slow": _slow,
    "elasticsearch answers 429": partial(_door, "429"),
    "elasticsearch answers 503": partial(_door, "503"),
    "elasticsearch does not answer": partial(_door, "silent"),
    "elasticsearch is slow": partial(_door, "slow"),
    "bulk answers are lost": partial(_door, "lost"),
    "half of each bulk is refused with 429": partial(_door, "half"),
    "index read-only as by the flood stage": _read_only,
    "no new index allowed at a month's change": _no_new_index,
}
