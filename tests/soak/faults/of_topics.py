"""Faults on the topics: messages that no program of ours would write, and one that an older program wrote."""

import json
import threading
from collections.abc import Mapping
from functools import partial

from ingest.urls import article_id
from pipeline.kafka import broker
from pipeline.kafka.dead_letter import ATTEMPT_HEADER
from pipeline.kafka.publisher import EncodedMessage
from pipeline.messages import ANNOTATED, ARTICLES, DEAD, ENRICHED, STORIES, Topic
from pipeline.settings import ROOT
from tests.soak.faults.schedule import PlannedFault
from tests.soak.newspapers import make_publication, title_of
from tests.soak.world import Injection, World, chance_of

STAGE_TOPICS = (ARTICLES, ANNOTATED, ENRICHED, STORIES)
# nested so deep that our decoder refuses it with an error of its own; it is text, and nothing recurses over it
NESTED = b'{"schema":1,"new":' + b"[" * 2_000 + b"]" * 2_000 + b"}"
GOLDEN = ROOT / "tests" / "data" / "messages" / "v1" / "articles.json"
LARGE_TEXT = "The lamp of the harbour was lit again, and the council said that it would stay so. " * 72_000


def _put(world: World, fault: PlannedFault, messages: Mapping[Topic, tuple[bytes | None, dict[str, bytes]]]) -> None:
    """Puts strange messages on topics, each under a key that its dead letter tells."""
    sent = []
    for topic, (value, headers) in messages.items():
        key = f"strange-{fault.number}-{topic.name}"
        world.expect(key, "dead", fault.kind.name)
        sent.append(EncodedMessage(broker.topic_name(world.options.kafka, topic), key.encode(), value, None, headers))
    world.publish(sent)


def _everywhere(value: bytes | None, world: World, fault: PlannedFault, _stop: threading.Event) -> None:
    topics = [topic for topic in STAGE_TOPICS if value is not None or topic.cleanup == "delete"]
    _put(world, fault, {topic: (value, {}) for topic in topics})


def _strange_headers(world: World, fault: PlannedFault, _stop: threading.Event) -> None:
    strange = {ATTEMPT_HEADER: b"\xff many", "x" * 300: b"\x00", "": b""}
    _put(world, fault, dict.fromkeys(STAGE_TOPICS, (b"not JSON", strange)))


def _unreadable_letter(world: World, fault: PlannedFault, _stop: threading.Event) -> None:
    _put(world, fault, {DEAD: (b"\x00\x01 no letter", {})})


def _large(world: World, fault: PlannedFault, _stop: threading.Event) -> None:
    """An article above our limit for messages, and below the broker's: what is made of it can't be sent."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    # its dead letter names the article, which is called as the key of the others is
    named = golden | {"id": f"strange-{fault.number}-{ARTICLES.name}", "text": LARGE_TEXT}
    _put(world, fault, {ARTICLES: (json.dumps(named).encode(), {})})


def _older(world: World, fault: PlannedFault, _stop: threading.Event) -> None:
    """The golden file of the first schema, with fields that today's program does not know, as an article of its own."""
    sentences = chance_of(fault).sample(world.papers.sentences, 9)
    made = make_publication(world.papers.seed, "http://older.example", f"older{fault.number}", "", sentences)
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    golden |= {"id": article_id(made.url), "url": made.url, "title": title_of(made), "field_of_another_time": [1]}
    golden |= {"text": f"{title_of(made)}\n" + "\n".join(made.paragraphs)}
    for newer in ("kind", "free", "opt_outs", "changed"):
        golden.pop(newer)
    world.expect(made.marker, "found", fault.kind.name)
    name = broker.topic_name(world.options.kafka, ARTICLES)
    world.publish([EncodedMessage(name, golden["id"].encode(), json.dumps(golden).encode())])


INJECTIONS: Mapping[str, Injection] = {
    "malformed messages": partial(_everywhere, b"{not JSON \xff"),
    "deeply nested messages": partial(_everywhere, NESTED),
    "messages of a newer schema": partial(_everywhere, b'{"schema":99}'),
    "message of an older program": _older,
    "empty messages": partial(_everywhere, None),
    "messages with strange headers": _strange_headers,
    "unreadable dead letter": _unreadable_letter,
    "message of 6 MB": _large,
}
