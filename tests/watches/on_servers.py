"""What is done to the servers of a test of the watches, and what is there afterwards."""

import threading
from collections import Counter
from collections.abc import Callable
from time import monotonic

import msgspec

from index import write
from index.writing.document_kinds import ARTICLES, DocumentKind
from pipeline.kafka import broker, consumer_lag
from pipeline.kafka.publisher import OutgoingMessage, Publisher
from pipeline.kafka.worker import Worker
from pipeline.messages import ENRICHED, WATCH_HITS, WATCHES, Enriched, decode
from pipeline.service import Service
from pipeline.settings import Settings
from pipeline.watch_messages import Watch, WatchHit
from tests.watches.receivers import Receiver
from watches.looking import present
from watches.watch import WatchService

SECONDS = 60


def publish(options: Settings, *messages: OutgoingMessage) -> None:
    publisher = Publisher(options.kafka)
    publisher.publish([publisher.encode(each) for each in messages])
    publisher.close()


def add(options: Settings, *made: Watch) -> None:
    publish(options, *(OutgoingMessage(WATCHES, each) for each in made))


def enrich(options: Settings, *articles: Enriched) -> None:
    publish(options, *(OutgoingMessage(ENRICHED, each) for each in articles))


def index(options: Settings, kind: DocumentKind = ARTICLES) -> None:
    """The index stage of a kind of documents, until it has written all that is there."""
    service = Service("index")
    thread = threading.Thread(target=Worker(write.stage(options.elasticsearch, kind=kind), options, service).run)
    thread.start()
    try:
        deadline = monotonic() + SECONDS
        while consumer_lag.lag(options.kafka, [(kind.stage, kind.topic)])[kind.stage]:
            assert monotonic() < deadline, "it was never written"
    finally:
        service.stop.set()
        thread.join(SECONDS)


def run_until(service: WatchService, condition: Callable[[], bool]) -> None:
    deadline = monotonic() + SECONDS
    while not condition():
        assert monotonic() < deadline, "it never came true"
        service.step(present())


def hits(options: Settings) -> list[WatchHit]:
    return [decode(record.value, WatchHit) for record in broker.read_topic(options.kafka, WATCH_HITS)]


def told(received: Receiver) -> Counter[str]:
    return Counter(each["article"] for body in received.bodies for each in msgspec.json.decode(body)["hits"])
