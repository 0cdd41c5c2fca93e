"""Fixtures: the real Kafka and Elasticsearch, once for the session, and fresh topics and indices for each test."""

import os
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import hypothesis
import msgspec
import pytest
from kafka import KafkaAdminClient

from embedded import ports
from embedded.stack import Stack
from pipeline import observability
from pipeline.kafka import broker
from pipeline.messages import TOPICS
from pipeline.settings import ROOT, Settings, load

# a busy machine is no reason to fail
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

CORPUS = ROOT.parent / "shared" / "corpus"


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    observability.configure_logs("console", "info")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Third-party data that is read where it lies; tests that need it are skipped, with a word, where it is not."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus (../shared/corpus) is not here")
    return CORPUS


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Kafka and Elasticsearch for the whole session."""
    with Stack(
        tmp_path_factory.mktemp("stack"), ROOT / "config" / "kafka.properties", report_progress=print
    ) as running:
        yield running


@pytest.fixture
def offline_options() -> Settings:
    """The defaults, for tests that need no server."""
    return load({})


@pytest.fixture
def options(stack: Stack) -> Iterator[Settings]:
    """Settings of a test: fresh topics (created) and a fresh index prefix on the session's stack."""
    with _fresh_options(stack) as settings:
        yield settings


@pytest.fixture(scope="module")
def shared_options(stack: Stack) -> Iterator[Settings]:
    """As `options`, once for all tests of a module, which look at one run."""
    with _fresh_options(stack) as settings:
        yield settings


@contextmanager
def _fresh_options(stack: Stack) -> Iterator[Settings]:
    prefix = f"t{uuid.uuid4().hex[:10]}"
    settings = load(
        {
            "NEWSLOOM_KAFKA__BOOTSTRAP_SERVERS": stack.bootstrap_servers,
            "NEWSLOOM_KAFKA__PREFIX": prefix,
            "NEWSLOOM_KAFKA__PARTITIONS": "2",
            "NEWSLOOM_ELASTICSEARCH__URL": stack.elasticsearch_url,
            "NEWSLOOM_ELASTICSEARCH__PREFIX": prefix,
            "NEWSLOOM_INGEST__ALLOW_PRIVATE_ADDRESSES": "true",
            "NEWSLOOM_INGEST__HOST_GAP_SECONDS": "0",
            "NEWSLOOM_WORKER__RETRY_MOST_SECONDS": "1",
            "NEWSLOOM_WORKER__POLL_SECONDS": "0.1",
        }
    )
    broker.create_topics(settings.kafka)
    yield settings
    _remove(settings)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment in which a child process has these settings."""
    variables = {
        f"NEWSLOOM_{section}__{knob}".upper(): str(value).lower() if isinstance(value, bool) else str(value)
        for section, knobs in msgspec.structs.asdict(settings).items()
        for knob, value in msgspec.structs.asdict(knobs).items()
    }
    return {**os.environ, **variables}


def _remove(settings: Settings) -> None:
    """Topics and indices of a test that is over: best effort, a test may have killed the servers."""
    with suppress(Exception):
        admin = broker.connect_client(KafkaAdminClient, settings.kafka)
        try:
            admin.delete_topics([broker.topic_name(settings.kafka, topic) for topic in TOPICS])
        finally:
            admin.close()
    for target in (f"{settings.elasticsearch.prefix}-*", f"_index_template/{settings.elasticsearch.prefix}-*"):
        request = urllib.request.Request(f"{settings.elasticsearch.url}/{target}", method="DELETE")
        with suppress(OSError), urllib.request.urlopen(request, timeout=10):
            pass


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    return ports.choose_ports({"a test": 0})[0]
