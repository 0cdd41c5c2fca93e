"""Measures what compression costs and saves on Kafka: `python -m bench.kafka_compression --kafka HOST:PORT`.

In: articles of the background corpus (`--corpus FOLDER`). Out: messages per second and bytes on the topic, for our
publisher with each codec and for a bare producer of kafka-python (no idempotence, no compression). Messages go in
batches of a worker's size, each acknowledged before the next. Rounds alternate and medians are compared
(docs/decisions/0003).
"""

import argparse
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
from kafka import KafkaAdminClient, KafkaProducer

from bench.index_write import DEFAULT_CORPUS, articles
from pipeline import settings
from pipeline.kafka import broker
from pipeline.kafka.publisher import EncodedMessage, OutgoingMessage, Publisher
from pipeline.messages import ENRICHED, Enriched

CODECS = ("none", "gzip", "zstd")
BATCH = 64
ROUNDS = 5
MIB = 1024 * 1024


def batches(sample: Sequence[EncodedMessage]) -> Iterator[Sequence[EncodedMessage]]:
    """The sample in batches of a worker's size."""
    return (sample[start : start + BATCH] for start in range(0, len(sample), BATCH))


def publish_with_ours(options: settings.Kafka, sample: Sequence[EncodedMessage]) -> None:
    """Publishes the sample with our publisher, a batch at a time."""
    publisher = Publisher(options)
    for batch in batches(sample):
        publisher.publish(batch)
    publisher.close()


def publish_with_kafka_python(options: settings.Kafka, sample: Sequence[EncodedMessage]) -> None:
    """Publishes the sample with a plain producer of kafka-python, a batch at a time."""
    producer = KafkaProducer(bootstrap_servers=options.bootstrap_servers, acks="all", enable_idempotence=False)
    for batch in batches(sample):
        for future in [producer.send(each.topic, each.value, each.key) for each in batch]:
            future.get(timeout=30)
    producer.close()


PublishMethod = Callable[[settings.Kafka, Sequence[EncodedMessage]], None]


def measure_round(method: PublishMethod, options: settings.Kafka, sample: Sequence[Enriched]) -> tuple[float, float]:
    """One round on topics of its own: messages per second, and MiB on the topic."""
    fresh = msgspec.structs.replace(options, prefix=f"bench{uuid.uuid4().hex[:8]}")
    broker.create_topics(fresh)
    encoder = Publisher(fresh)
    encoded = [encoder.encode(OutgoingMessage(ENRICHED, each)) for each in sample]
    started = time.perf_counter()
    method(fresh, encoded)
    rate = len(sample) / (time.perf_counter() - started)
    return rate, topic_size(fresh)


def topic_size(options: settings.Kafka) -> float:
    """MiB of the topic's log, as the broker counts it; deletes the topic."""
    admin = broker.connect_client(KafkaAdminClient, options)
    try:
        name = broker.topic_name(options, ENRICHED)
        topics = (topic for node in admin.describe_log_dirs() for log in node["log_dirs"] for topic in log["topics"])
        sizes = [part["partition_size"] for topic in topics if topic["name"] == name for part in topic["partitions"]]
        admin.delete_topics([name])
        return float(sum(sizes)) / MIB
    finally:
        admin.close()


def measure(options: settings.Kafka, sample: Sequence[Enriched]) -> None:
    """Measures all methods in turn and prints a line for each. The first round warms up and does not count."""
    methods: dict[str, tuple[PublishMethod, settings.Kafka]] = {"bare": (publish_with_kafka_python, options)}
    for codec in CODECS:
        methods[codec] = (publish_with_ours, msgspec.structs.replace(options, compression=codec))
    rounds = [
        {name: measure_round(method, knobs, sample) for name, (method, knobs) in methods.items()}
        for _ in range(ROUNDS + 1)
    ]
    baseline = statistics.median(each["bare"][0] for each in rounds[1:])
    print(f"{len(sample)} articles in batches of {BATCH}, median of {ROUNDS} rounds")
    for name in methods:
        rate = statistics.median(each[name][0] for each in rounds[1:])
        size = statistics.median(each[name][1] for each in rounds[1:])
        print(f"  {name:5} {rate:7.0f} /s   {rate / baseline:.2f} of the bare producer   {size:6.1f} MiB on the topic")


def main() -> None:
    """Prints the figures of this broker."""
    parser = argparse.ArgumentParser(description="Speed and size of messages with each compression.")
    parser.add_argument("--kafka", required=True, help="a broker, for example 127.0.0.1:9092")
    parser.add_argument("--corpus", type=Path, default=DEFAULT_CORPUS)
    parser.add_argument("--articles", type=int, default=3_000)
    arguments = parser.parse_args()
    if not arguments.corpus.is_dir():
        sys.exit(f"skipped: the corpus is not at {arguments.corpus}")
    options = msgspec.structs.replace(settings.load({}).kafka, bootstrap_servers=arguments.kafka)
    measure(options, articles(arguments.corpus, arguments.articles))


if __name__ == "__main__":
    main()
