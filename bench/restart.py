"""Benchmark of a restart of the stories stage: `python -m bench.restart --kafka HOST:PORT [--articles N]`.

Publishes synthetic fingerprints of news length to a topic of its own in the given Kafka, lets the stage take over the
partition (as at a start, or after another worker has gone), and prints the seconds that it takes to rebuild its state.
"""

import argparse
import time
import uuid
from itertools import islice

import msgspec

from bench.machine_speed import measure_speed
from bench.stories import ARTICLES, synthesize_reports
from enrich import stories
from pipeline.kafka import broker
from pipeline.kafka.publisher import OutgoingMessage, Publisher, partition_for
from pipeline.messages import FINGERPRINTS
from pipeline.settings import Settings, load

BATCH = 500


def publish_fingerprints(kafka: str, count: int) -> Settings:
    """Publishes `count` synthetic fingerprints; returns the settings with the topic prefix under which they are."""
    options = load({"NEWSLOOM_KAFKA__BOOTSTRAP_SERVERS": kafka})
    options = msgspec.structs.replace(
        options, kafka=msgspec.structs.replace(options.kafka, prefix=f"bench{uuid.uuid4().hex[:8]}", partitions=1)
    )
    broker.create_topics(options.kafka)
    publisher = Publisher(options.kafka)
    reports = synthesize_reports(count, 1)
    while batch := [OutgoingMessage(FINGERPRINTS, each.fingerprint) for each in islice(reports, BATCH)]:
        publisher.publish([publisher.encode(each) for each in batch])
    publisher.close()
    return options


def main() -> None:
    """Prints the figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kafka", required=True)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    given = parser.parse_args()
    options = publish_fingerprints(given.kafka, given.articles)
    stage = stories.stage(options)
    print(measure_speed())
    wall, processor = time.perf_counter(), time.process_time()
    stage.assigned(frozenset({partition_for("en", options.kafka.partitions)}))
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(f"{given.articles} fingerprints read back from Kafka: {wall:.0f} s, {processor:.0f} s of processor time")


if __name__ == "__main__":
    main()
