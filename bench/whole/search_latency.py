"""Latency of a running pipeline: from Kafka's timestamp of an article to the first search that finds it.

In: a running pipeline, how many articles are to come. Out: seconds for each. Elasticsearch is asked for the articles
that are on their way, by id, again and again: the figures are as fine as LOOK_SECONDS, and asking has its price, so CPU
is not measured at the same time.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from kafka import KafkaConsumer, TopicPartition

from bench.whole.whole_run import ALIAS, STALLED_SECONDS, WholeRun

TOPIC = "news.articles"
LOOK_SECONDS = 0.03
MOST_ASKED = 500


class SearchLatency:
    """Watches from now on; `take` returns what `count` articles took."""

    def __init__(self, running: WholeRun, consumer: KafkaConsumer) -> None:
        self._running, self._consumer = running, consumer
        self._on_their_way: dict[str, float] = {}  # id -> when it was published, in seconds since 1970
        self.seconds: list[float] = []

    def take(self, count: int) -> list[float]:
        """Seconds of each of so many articles that come now; of fewer where no more come."""
        heard_at, known = time.monotonic(), 0
        while len(self.seconds) < count and time.monotonic() - heard_at < STALLED_SECONDS:
            self._read_published()
            self._look_for_them()
            if (seen := len(self.seconds)) != known:
                heard_at, known = time.monotonic(), seen
        return self.seconds

    def _read_published(self) -> None:
        for records in self._consumer.poll(timeout_ms=int(LOOK_SECONDS * 1000)).values():
            for record in records:
                article = json.loads(record.value)
                if article["revision"] == 1:
                    self._on_their_way[article["id"]] = record.timestamp / 1000

    def _look_for_them(self) -> None:
        if not self._on_their_way:
            return
        asked = list(self._on_their_way)[:MOST_ASKED]
        query = {"query": {"ids": {"values": asked}}, "_source": False, "size": len(asked)}
        found = self._running.ask_elasticsearch(f"/{ALIAS}/_search", query)
        now = time.time()
        for hit in found["hits"]["hits"]:
            self.seconds.append(now - self._on_their_way.pop(hit["_id"]))


@contextmanager
def watching_latency(running: WholeRun) -> Iterator[SearchLatency]:
    """Watches the articles that are published from now on."""
    consumer = KafkaConsumer(bootstrap_servers=running.addresses["kafka"], enable_auto_commit=False)
    try:
        consumer.assign([TopicPartition(TOPIC, number) for number in consumer.partitions_for_topic(TOPIC) or ()])
        consumer.seek_to_end()
        for partition in consumer.assignment():
            consumer.position(partition)  # seeks are lazy
        yield SearchLatency(running, consumer)
    finally:
        consumer.close()


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies; not a number where there are none."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else float("nan")
