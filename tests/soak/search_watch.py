"""Looks during a soak what has arrived in Elasticsearch: how long each article took, and when a fault is overcome.

In: articles as they appear on the sites or are revised; faults as they end. Out: what still waits, the seconds from
site to search, and for each fault the seconds after its end until everything that the sites showed by then (and in the
few seconds after) is searchable in its last edition, from its page.
"""

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.urls import article_id
from pipeline.failures import Failure
from pipeline.kafka import consumer_lag
from pipeline.kafka.consumer_lag import STAGE_SOURCES
from pipeline.settings import Settings
from tests.soak.faults.schedule import PlannedFault
from tests.soak.newspapers import EDITION, Publication

LOOK_SECONDS = 1.5
ASK_SECONDS = 5.0
MOST_ASKED = 1_000  # articles in one look, the oldest first
BEFORE_SECONDS = 60.0  # what waited for longer when a fault began is no matter of it
AFTER_SECONDS = 5.0  # after a fault's end: what the sites show in these must arrive, too


@dataclass(frozen=True, slots=True)
class Waiting:
    """An article that is not searchable yet, since when, and in which edition."""

    publication: Publication
    since: float
    edition: int


@dataclass
class EndedFault:
    """A fault that is over; `recovered`: seconds after its end, None while it is not overcome."""

    fault: PlannedFault
    began: float
    ended: float
    recovered: float | None = None


@dataclass
class SearchWatch:
    """What is looked for. Its two threads run while it is a context manager; times are monotonic seconds."""

    options: Settings
    waiting: dict[str, Waiting] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)  # from site to search, of each edition that arrived
    ended: list[EndedFault] = field(default_factory=list)
    lag: dict[str, int] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)

    def expect(self, publication: Publication, now: float) -> None:
        """The article is on its site in this edition."""
        with self._lock:
            self.waiting[publication.marker] = Waiting(publication, now, publication.edition)

    def fault_ended(self, fault: PlannedFault, began: float, ended: float) -> None:
        """From now on its recovery is measured."""
        with self._lock:
            self.ended.append(EndedFault(fault, began, ended))

    def oldest(self, now: float) -> float:
        """The seconds that the oldest article waits."""
        with self._lock:
            return max((now - each.since for each in self.waiting.values()), default=0.0)

    def take_look(self, now: float) -> None:
        """Asks Elasticsearch for what waits, and notes what is there."""
        with self._lock:
            asked = {article_id(each.publication.url): each for each in list(self.waiting.values())[:MOST_ASKED]}
        arrived = {key for key in self._arrived(asked) if key in asked} if asked else set()
        with self._lock:
            for each in (asked[key] for key in arrived):
                if self.waiting.get(each.publication.marker) == each:
                    del self.waiting[each.publication.marker]
                    self.seconds.append(now - each.since)
            self.note_recoveries(now)

    def note_recoveries(self, now: float) -> None:
        """Which faults are overcome now."""
        since = [each.since for each in self.waiting.values()]
        for each in self.ended:
            first, last = each.began - BEFORE_SECONDS, each.ended + AFTER_SECONDS
            if each.recovered is None and now > last and not any(first < at <= last for at in since):
                each.recovered = now - each.ended

    def _arrived(self, asked: dict[str, Waiting]) -> Iterator[str]:
        """The ids of those that are there in the edition that waits, from their page."""
        body = {"size": len(asked), "query": {"ids": {"values": list(asked)}}, "_source": ["title", "text_from"]}
        found = ask(self.options, f"/{self.options.elasticsearch.prefix}-articles-*/_search", body)
        for hit in found["hits"]["hits"]:
            edition, source = EDITION.search(hit["_source"]["title"]), hit["_source"]
            if edition and int(edition[2]) >= asked[hit["_id"]].edition and source["text_from"] == "page":
                yield hit["_id"]

    def take_lag(self) -> None:
        """Asks Kafka what waits for each stage; None while it does not answer."""
        try:
            self.lag = consumer_lag.lag(self.options.kafka, STAGE_SOURCES)
        except (Failure, OSError):
            self.lag = None

    def forget_lag(self) -> None:
        """What was measured before says nothing of what waits from now on."""
        self.lag = None

    # --- threads ---

    def _look_on(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.take_look(time.monotonic())
            except (OSError, ValueError, KeyError):  # it is away, or its answer broke off: that is what this run is for
                continue

    def _lag_on(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self.take_lag()

    def __enter__(self) -> "SearchWatch":
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._look_on, self._lag_on)]
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for each in self._threads:
            each.join(60)


def ask(options: Settings, path: str, body: object) -> dict[str, Any]:
    """Elasticsearch's answer to a search. Raises OSError, ValueError."""
    request = urllib.request.Request(
        options.elasticsearch.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=ASK_SECONDS) as answer:
        found: dict[str, Any] = json.load(answer)
        return found
