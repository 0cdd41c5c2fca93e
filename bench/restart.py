"""How long the stories stage takes to stand where it stood: `python -m bench.restart --kafka HOST:PORT [--articles N]`.

In: a Kafka. Invented fingerprints of news length are put on a topic of their own; the stage then takes its partition
over, as at a start or when another worker has gone: it reads them back, and remembers each.
"""

import argparse
import time
import uuid
from itertools import islice

import msgspec

from bench.machine_speed import measure_speed
from bench.stories import ARTICLES, invented
from enrich import stories
from pipeline.kafka import broker
from pipeline.kafka.publisher import OutgoingMessage, Publisher, partition_for
from pipeline.messages import FINGERPRINTS
from pipeline.settings import Settings, load

BATCH = 500


def filled(kafka: str, count: int) -> Settings:
    """Settings under whose prefix so many fingerprints lie."""
    options = load({"NEWSLOOM_KAFKA__BOOTSTRAP_SERVERS": kafka})
    options = msgspec.structs.replace(
        options, kafka=msgspec.structs.replace(options.kafka, prefix=f"bench{uuid.uuid4().hex[:8]}", partitions=1)
    )
    broker.create_topics(options.kafka)
    publisher = Publisher(options.kafka)
    made = invented(count, 1)
    while batch := [OutgoingMessage(FINGERPRINTS, each.fingerprint) for each in islice(made, BATCH)]:
        publisher.publish([publisher.encode(each) for each in batch])
    publisher.close()
    return options


def main() -> None:
    """Prints the figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kafka", required=True)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    given = parser.parse_args()
    options = filled(given.kafka, given.articles)
    hop = stories.stage(options)
    print(measure_speed())
    wall, processor = time.perf_counter(), time.process_time()
    hop.assigned(frozenset({partition_for("en", options.kafka.partitions)}))
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(f"{given.articles} fingerprints read back from Kafka: {wall:.0f} s, {processor:.0f} s of processor time")


if __name__ == "__main__":
    main()
