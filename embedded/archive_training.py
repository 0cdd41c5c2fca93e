"""Makes the class data archives: runs both servers once, lets them do what every start asks of them, and ends them.

In: the servers' files, a cache. Out: the archives in the cache (embedded/class_archive.py). Made once for the files
they are of, in half a minute. What fails here is told and else without effect: a start does without.
"""

import http.client
import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic
from kafka.errors import KafkaError

from embedded import jars, ports
from embedded.class_archive import ClassArchive, remove_unused
from embedded.elasticsearch import Elasticsearch, ElasticsearchFiles
from embedded.embedded_error import EmbeddedError
from embedded.kafka import Kafka, KafkaFiles

ProgressReporter = Callable[[str], None]
# runs and uses a server once; its archive is made at the given place, and its other files lie beside that
Training = Callable[[ClassArchive], None]
RECORDS = 20

INDEX = {
    "settings": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "1s"},
    "mappings": {
        "dynamic": "strict",
        "properties": {
            "name": {"type": "keyword", "fields": {"words": {"type": "text", "analyzer": "standard"}}},
            "text": {"type": "text"},
            "size": {"type": "integer"},
            "share": {"type": "float"},
            "seen": {"type": "date"},
            "free": {"type": "boolean"},
            "point": {"type": "geo_point"},
            "moons": {"type": "nested", "properties": {"name": {"type": "keyword"}, "size": {"type": "long"}}},
        },
    },
}
DOCUMENT = {
    "name": "Mars",
    "text": "Mars is the fourth planet from the Sun",
    "size": 6779,
    "share": 0.1,
    "seen": "2026-11-01T00:00:00Z",
    "free": True,
    "point": {"lat": 1.0, "lon": 2.0},
    "moons": [{"name": "Phobos", "size": 22}],
}
SEARCH = {
    "query": {
        "bool": {
            "must": {"multi_match": {"query": "fourth planet", "fields": ["text", "name.words"]}},
            "filter": [{"range": {"seen": {"gte": "2026-01-01"}}}, {"terms": {"name": ["Mars"]}}],
        }
    },
    "sort": [{"seen": "desc"}],
    "aggs": {"names": {"terms": {"field": "name"}}, "newest": {"max": {"field": "seen"}}},
    "highlight": {"fields": {"text": {}}},
}


def make_archives(
    kafka: KafkaFiles, elasticsearch: ElasticsearchFiles, settings: Path, cache: Path, report_progress: ProgressReporter
) -> None:
    """Makes the archives that are missing. `settings`: the broker's. Raises nothing that a start could do without."""
    wanted: dict[str, tuple[ClassArchive, Training]] = {
        "Kafka": (kafka.archive, partial(_train_kafka, kafka, settings)),
        "Elasticsearch": (elasticsearch.archive, partial(_train_elasticsearch, elasticsearch)),
    }
    for archive, _ in wanted.values():
        archive.note_use()
    if all(archive.path.exists() for archive, _ in wanted.values()):
        return
    with jars.alone(cache.expanduser() / "archiving", "another process makes the class archives", report_progress):
        for name, (archive, train) in wanted.items():
            if not archive.path.exists():
                report_progress(f"{name}: making a class archive, which halves the cost of every later start (once)")
                _try_to_make(name, archive, train, report_progress)
    remove_unused(cache)


def _try_to_make(name: str, archive: ClassArchive, train: Training, report_progress: ProgressReporter) -> None:
    try:
        with tempfile.TemporaryDirectory(dir=archive.path.parent, prefix="archiving-") as place:
            recording = archive.record_at(Path(place) / archive.path.name)
            train(recording)
            archive.keep(recording.path)
    except (EmbeddedError, KafkaError, http.client.HTTPException, OSError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        report_progress(f"{name}: no class archive was made, which every start does without: {first}")


def _train_kafka(installed: KafkaFiles, settings: Path, recording: ClassArchive) -> None:
    folder, files = recording.path.parent, replace(installed, archive=recording)
    port, controller = ports.choose_ports({"Kafka": 0, "Kafka's controller": 0})
    broker = Kafka(folder / "kafka", folder / "kafka.log", files=files, settings=settings, ports=(port, controller))
    try:
        broker.start()
        _use_kafka(broker.bootstrap_servers)
    finally:
        broker.stop()


def _use_kafka(servers: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=servers)
    admin.create_topics(
        [NewTopic("planets", 1, 1), NewTopic("states", 1, 1, topic_configs={"cleanup.policy": "compact"})]
    )
    admin.close()
    producer = KafkaProducer(bootstrap_servers=servers, acks="all", compression_type="gzip")
    for number in range(RECORDS):
        producer.send("planets", b"Mars", key=b"%d" % number).get(timeout=30)
    producer.close()
    consumer = KafkaConsumer("planets", bootstrap_servers=servers, group_id="readers", auto_offset_reset="earliest")
    for _ in range(3):
        consumer.poll(timeout_ms=1000)
    consumer.commit()
    consumer.close()


def _train_elasticsearch(installed: ElasticsearchFiles, recording: ClassArchive) -> None:
    folder, files = recording.path.parent, replace(installed, archive=recording)
    port, transport = ports.choose_ports({"Elasticsearch": 0, "Elasticsearch's transport": 0})
    node = Elasticsearch(folder / "node", folder / "elasticsearch.log", files=files, ports=(port, transport))
    try:
        node.start()
        _use_elasticsearch(port)
    finally:
        node.stop()


def _use_elasticsearch(port: int) -> None:
    pattern = {"index_patterns": ["planets*"], "template": INDEX, "priority": 1}
    actions = [{"add": {"index": "planets", "alias": "worlds"}}]
    lines: list[object] = []
    for number in range(RECORDS):
        action = {"_index": "planets", "_id": str(number), "version": 2, "version_type": "external_gte"}
        lines += [{"index": action}, DOCUMENT]
    asked: list[tuple[str, str, object]] = [
        ("PUT", "/_component_template/planets", {"template": {"settings": {"refresh_interval": "1s"}}}),
        ("PUT", "/_index_template/planets", pattern),
        ("PUT", "/planets", None),
        ("GET", "/planets/_mapping", None),
        ("POST", "/_aliases", {"actions": actions}),
        ("POST", "/_bulk?refresh=true", "".join(json.dumps(line) + "\n" for line in lines)),
        ("POST", "/worlds/_search", {"query": {"ids": {"values": ["1", "2"]}}, "_source": False}),
        ("POST", "/worlds/_search", SEARCH),
        ("POST", "/worlds/_count", None),
        ("GET", "/_cluster/health", None),
        ("GET", "/worlds/_stats/store", None),
        ("POST", "/worlds/_flush", None),
    ]
    for method, path, body in asked * 2:
        _ask(port, method, path, body)


def _ask(port: int, method: str, path: str, body: object) -> None:
    """What is answered is of no interest: that it was asked loads the classes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        connection.request(method, path, text, {"Content-Type": "application/json"})
        connection.getresponse().read()
    finally:
        connection.close()
