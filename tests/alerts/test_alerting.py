"""Alerts on real servers: each is told once when it begins and once when it ends, also after a restart or an outage."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
import pytest

from alerts.alerting import AlertService
from alerts.observation import observe
from alerts.open_alerts import read_open
from index import mapping, write
from index.searching import article_search
from index.writing.document_kinds import KINDS
from pipeline.feed_state import FeedError, FeedEvent, PageStatistics
from pipeline.kafka import broker
from pipeline.kafka.publisher import OutgoingMessage
from pipeline.messages import ALERTS, ARTICLES, FEEDS, FeedState
from pipeline.settings import Settings
from tests.enrich.samples import article
from tests.watches.on_servers import publish
from tests.watches.receivers import Receiver, webhook_receiver
from watches.last_look import PIPELINE, read_last_looks
from watches.looking import present

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

SECONDS = 60
[FEED_DOCUMENTS] = [kind for kind in KINDS if kind.topic is FEEDS]
NOW = datetime.now(UTC)
RULES = """
webhook = "{url}"
[[alerts]]
kind = "failing"
hold_minutes = 0
[[alerts]]
kind = "drift"
hold_minutes = 0
[[alerts]]
kind = "server"
hold_minutes = 0
"""


@pytest.fixture
def received() -> Iterator[Receiver]:
    with webhook_receiver() as receiver:
        yield receiver


@pytest.fixture
def watched(options: Settings, tmp_path: Path, received: Receiver) -> Settings:
    """Servers that are set up, and rules; looks follow each other at once, and what begins is told at once."""
    mapping.install(options.elasticsearch)
    (tmp_path / "alerts.toml").write_text(RULES.format(url=received.url))
    quick = msgspec.structs.replace(
        options.alerts, file=str(tmp_path / "alerts.toml"), interval_seconds=0.1, gather_seconds=0.0
    )
    retried = msgspec.structs.replace(options.watches, retry_first_seconds=0.1, retry_most_seconds=0.1)
    return msgspec.structs.replace(options, alerts=quick, watches=retried)


def feed(name: str, minute: int, **fields: Any) -> FeedState:
    """The state of a feed, polled in this minute of the last hour."""
    at = NOW - timedelta(minutes=60 - minute)
    return FeedState(
        url=f"https://{name}.example/feed", host=f"{name}.example", name=name, polls=9, last_poll_at=at, **fields
    )


def failing(name: str, minute: int) -> FeedState:
    """A feed that has not been read for seven hours."""
    at = NOW - timedelta(hours=7)
    return feed(name, minute, failures=9, last_success_at=at, error=FeedError(kind="http", detail="403", at=at))


def put(options: Settings, *states: FeedState) -> None:
    """Indexes the states of feeds."""
    write.stage(options.elasticsearch, kind=FEED_DOCUMENTS).handle(list(states))
    article_search.refresh(options.elasticsearch)


def told(received: Receiver) -> list[tuple[list[str], list[str]]]:
    """What the calls told: texts of what began and of what ended."""
    bodies = [msgspec.json.decode(body) for body in received.bodies]
    return [([each["text"] for each in body["began"]], [each["text"] for each in body["ended"]]) for body in bodies]


def run_until(service: AlertService, condition: Callable[[], bool]) -> None:
    deadline = monotonic() + SECONDS
    while not condition():
        assert monotonic() < deadline, "it never came true"
        service.step(present())


def test_a_feed_that_fails_is_told_and_so_is_its_end_but_no_healthy_one(watched: Settings, received: Receiver) -> None:
    put(watched, failing("ledger", 0), feed("post", 0, last_success_at=NOW))
    with AlertService(watched) as service:
        run_until(service, lambda: len(received.bodies) == 1)
        [([text], ended)] = told(received)
        assert "ledger could not be read since" in text
        assert "http: 403" in text
        assert ended == []
        [still] = read_open(watched.kafka)
        assert (still.rule, still.subject, len(still.told_begin)) == ("failing", "https://ledger.example/feed", 1)
        put(watched, feed("ledger", 1, last_success_at=NOW))
        run_until(service, lambda: len(received.bodies) == 2)
    assert told(received)[1] == ([], [text])
    assert read_open(watched.kafka) == []


def test_each_look_is_noted_with_what_it_could_not_say(watched: Settings) -> None:
    unset = msgspec.structs.replace(watched.elasticsearch, url="http://127.0.0.1:1")
    with AlertService(watched) as service:
        run_until(service, lambda: PIPELINE in read_last_looks(watched.kafka))
    look = read_last_looks(watched.kafka)[PIPELINE]
    assert not look.is_late(present(), watched.alerts.interval_seconds)
    assert (look.unknown, look.unjudged) == ((), ("failing", "drift"))  # no feed was ever indexed
    with AlertService(msgspec.structs.replace(watched, elasticsearch=unset)) as service:
        run_until(service, lambda: bool(read_last_looks(watched.kafka)[PIPELINE].unknown))
    assert read_last_looks(watched.kafka)[PIPELINE].unknown == ("failing", "drift")


def test_a_restart_tells_nothing_again_and_goes_on(watched: Settings, received: Receiver) -> None:
    put(watched, failing("ledger", 0))
    with AlertService(watched) as service:
        run_until(service, lambda: any(each.told_begin for each in read_open(watched.kafka)))
    drifting = feed("post", 0, page_statistics=PageStatistics(drifting_since=NOW))
    put(watched, drifting)
    with AlertService(watched) as service:
        run_until(service, lambda: len(received.bodies) == 2)
    assert ["ledger" in text or "post" in text for began, _ in told(received) for text in began] == [True, True]
    assert "post" in told(received)[1][0][0]


def test_a_receiver_that_is_away_is_told_later_once(watched: Settings, received: Receiver) -> None:
    received.status = 503
    put(watched, failing("ledger", 0))
    with AlertService(watched) as service:
        run_until(service, lambda: len(received.bodies) >= 3)
        received.status = 204
        before = len(received.bodies)
        run_until(service, lambda: any(each.told_begin for each in read_open(watched.kafka)))
        for _ in range(3):
            service.step(present() + timedelta(minutes=5))
    assert len(received.bodies) == before + 1
    assert len({each["webhook-id"] for each in received.headers}) == 1


def test_a_refusal_is_no_endless_loop_and_an_operator_hears_of_it(watched: Settings, received: Receiver) -> None:
    received.status = 410
    put(watched, failing("ledger", 0))
    with AlertService(watched) as service:
        run_until(service, lambda: bool(read_open(watched.kafka)))
        assert "refuses to be told: status 410" in service.warning
        for _ in range(3):
            service.step(present() + timedelta(minutes=5))
    assert len(received.bodies) == 1


def test_elasticsearch_away_is_told_and_nobody_is_accused_or_acquitted(
    watched: Settings, received: Receiver, free_port: int
) -> None:
    put(watched, failing("ledger", 0))
    with AlertService(watched) as service:
        run_until(service, lambda: len(received.bodies) == 1)
    nowhere = msgspec.structs.replace(watched.elasticsearch, url=f"http://127.0.0.1:{free_port}")
    with AlertService(msgspec.structs.replace(watched, elasticsearch=nowhere)) as service:
        run_until(service, lambda: len(received.bodies) == 2)
    began, ended = told(received)[1]
    assert ["elasticsearch does not answer" in text for text in began] == [True]
    assert ended == []
    with AlertService(watched) as service:
        run_until(service, lambda: len(received.bodies) == 3)
    assert told(received)[2] == ([], began)


def test_kafka_away_is_told_from_memory(watched: Settings, received: Receiver, free_port: int) -> None:
    kafka = msgspec.structs.replace(
        watched.kafka, bootstrap_servers=f"127.0.0.1:{free_port}", acknowledge_timeout_seconds=2.0
    )
    with AlertService(msgspec.structs.replace(watched, kafka=kafka)) as service:
        run_until(service, lambda: len(received.bodies) == 1)
        for _ in range(2):
            service.step(present())
    [([text], [])] = told(received)
    assert "kafka does not answer" in text


def test_a_wrong_file_is_warned_of_and_the_old_rules_go_on(watched: Settings, received: Receiver) -> None:
    path = Path(watched.alerts.file)
    with AlertService(watched) as service:
        service.step(present())
        assert service.warning == ""
        path.write_text('[[alerts]]\nkind = "silense"\n')
        run_until(service, lambda: "silense" in service.warning)
        put(watched, failing("ledger", 0))
        run_until(service, lambda: len(received.bodies) == 1)
        path.write_text(RULES.format(url=received.url) + "\n# mended\n")
        run_until(service, lambda: not service.warning)


def test_without_a_rule_nothing_is_connected(watched: Settings) -> None:
    Path(watched.alerts.file).unlink()
    with AlertService(watched) as service:
        service.step(present())
        assert service.idle_seconds > 0


def test_what_is_observed(watched: Settings) -> None:
    late = NOW - timedelta(hours=2)
    put(
        watched,
        failing("ledger", 0),
        feed("never", 0, failures=2, events=(FeedEvent(at=late, outcome="dns"),)),
        feed("gappy", 0, last_success_at=NOW, events=(FeedEvent(at=late, outcome="gap"),), next_poll_at=late),
        feed("gone", 0, failures=5, last_success_at=late, active=False),
    )
    publish(watched, OutgoingMessage(ARTICLES, article("a" * 32, "A title", "A text")))
    seen = observe(watched, {60.0}, datetime.now(UTC))
    assert seen.away == {}
    assert {each.name: each.since for each in seen.failing or ()} == {"ledger": NOW - timedelta(hours=7), "never": late}
    assert [(each.name, each.since) for each in seen.gaps or ()] == [("gappy", late)]
    assert [(each.name, each.since) for each in seen.overdue or ()] == [("gappy", late)]
    assert (seen.silent, seen.drifting, seen.dead_letters) == ((), (), {})
    assert seen.freshness[60.0].articles == 0
    assert seen.waiting_since is not None
    assert set(seen.waiting_since) == {"annotate"}
    assert abs(seen.waiting_since["annotate"] - datetime.now(UTC)) < timedelta(minutes=5)
    assert seen.disks is not None
    [disk] = seen.disks.values()
    assert 0 < disk.free < disk.total


def test_the_topic_holds_what_is_open_and_no_more(watched: Settings, received: Receiver) -> None:
    put(watched, failing("ledger", 0))
    with AlertService(watched) as service:
        run_until(service, lambda: len(received.bodies) == 1 and bool(read_open(watched.kafka)))
        put(watched, feed("ledger", 1, last_success_at=NOW))
        run_until(service, lambda: not read_open(watched.kafka) and len(received.bodies) == 2)
        run_until(service, lambda: not list(broker.read_topic(watched.kafka, ALERTS))[-1].value)
