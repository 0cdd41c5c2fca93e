"""Every indexed article is held against every watch, whatever is killed, late, rebuilt or set back: on real servers."""

import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
import pytest

from index import mapping
from index.upkeep import rebuild
from index.writing.document_kinds import ARTICLES
from pipeline.failures import Unavailable
from pipeline.kafka import broker, dead_letter, reset_offsets
from pipeline.kafka.publisher import Publisher
from pipeline.messages import ENRICHED, WATCHES, Enriched
from pipeline.settings import Settings
from tests.index.samples import enriched
from tests.watches.on_servers import SECONDS, add, enrich, hits, index, run_until, told
from tests.watches.receivers import Receiver, webhook_receiver
from tests.watches.samples import watch
from watches.looking import LOOKED, Looker, present, read_progress
from watches.new_hits import ToldArticles
from watches.watch import WatchService
from watches.watch_list import read_topic

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]


@pytest.fixture
def watched(options: Settings, tmp_path: Path) -> Settings:
    """Servers that are set up; looks follow each other at once, and failed deliveries are repeated at once."""
    mapping.install(options.elasticsearch)
    quick = msgspec.structs.replace(
        options.watches,
        file=str(tmp_path / "watches.toml"),
        interval_seconds=0.1,
        articles_at_a_time=2,
        feeds_dir=str(tmp_path / "feeds"),
        timeout_seconds=5.0,
        retry_first_seconds=0.1,
        retry_most_seconds=0.1,
    )
    return msgspec.structs.replace(options, watches=quick)


@pytest.fixture
def received() -> Iterator[Receiver]:
    with webhook_receiver() as receiver:
        yield receiver


def article(id_: str, /, **fields: Any) -> Enriched:
    """An article that the watch "harbour" finds."""
    return enriched(id_, **fields)


HARBOUR = watch("harbour", "harbour velm")


def test_a_new_article_is_told_everywhere_once(watched: Settings, received: Receiver) -> None:
    add(watched, msgspec.structs.replace(HARBOUR, webhook=received.url), watch("none", "nothing of the kind"))
    enrich(watched, article("a"), article("b", title="A match", text="It ended in a draw."), article("c"))
    index(watched)
    with WatchService(watched) as service:
        run_until(service, lambda: told(received).total() == 2)
    assert told(received) == {"a": 1, "c": 1}
    assert {(each.watch, each.article) for each in hits(watched)} == {("harbour", "a"), ("harbour", "c")}
    folder = Path(watched.watches.feeds_dir)
    assert sorted(each.name for each in folder.iterdir()) == ["harbour.atom", "harbour.json"]
    enrich(watched, article("d"))
    index(watched)
    with WatchService(watched) as service:
        run_until(service, lambda: told(received)["d"] == 1)
    assert told(received) == {"a": 1, "c": 1, "d": 1}


def test_what_is_not_written_yet_is_told_when_it_is(watched: Settings) -> None:
    """However long the index stage takes, and however old the article says it is."""
    add(watched, HARBOUR)
    enrich(watched, article("a"))
    looker, told_before = Looker(watched, Publisher(watched.kafka)), ToldArticles()
    first = looker.find({}, told_before, present())
    assert (first.hits, first.messages) == ((), 0)
    index(watched)
    second = looker.find(first.positions, told_before, present())
    assert [each.article for each in second.hits] == ["a"]
    assert looker.find(second.positions, told_before, present()).messages == 0
    looker.end()


def test_what_is_written_and_not_searchable_is_found(watched: Settings) -> None:
    """An index that is refreshed in an hour."""
    add(watched, HARBOUR)
    enrich(watched, article("a"))
    index(watched)
    setting = b'{"index": {"refresh_interval": "1h"}}'
    url = f"{watched.elasticsearch.url}/{watched.elasticsearch.prefix}-articles-*/_settings"
    request = urllib.request.Request(url, setting, {"Content-Type": "application/json"}, method="PUT")
    with urllib.request.urlopen(request, timeout=10):
        pass
    enrich(watched, article("b"))
    index(watched)
    looker = Looker(watched, Publisher(watched.kafka))
    assert sorted(each.article for each in looker.find({}, ToldArticles(), present()).hits) == ["a", "b"]
    looker.end()


@pytest.mark.parametrize("killed", ["before", "found", "hits", "positions"])
def test_a_kill_at_any_point_of_a_look_loses_nothing_and_repeats_no_hit(
    watched: Settings, received: Receiver, killed: str
) -> None:
    add(watched, msgspec.structs.replace(HARBOUR, webhook=received.url))
    enrich(watched, article("a"), article("b"))
    index(watched)
    looker = Looker(watched, Publisher(watched.kafka))
    if killed != "before":
        found = looker.find({}, ToldArticles(), present())
        assert len(found.hits) == 2
        if killed != "found":
            looker.record_hits(found)
        if killed == "positions":
            looker.record_positions(found)
    looker.end()
    enrich(watched, article("c"))
    index(watched)
    with WatchService(watched) as service:
        run_until(service, lambda: told(received).total() >= 3)
    assert told(received) == {"a": 1, "b": 1, "c": 1}
    assert Counter(each.article for each in hits(watched)) == {"a": 1, "b": 1, "c": 1}


def test_a_kill_between_a_delivery_and_its_note_repeats_it_under_the_same_id(
    watched: Settings, received: Receiver
) -> None:
    add(watched, msgspec.structs.replace(HARBOUR, webhook=received.url))
    enrich(watched, article("a"))
    index(watched)
    killed = WatchService(watched)
    run_until(killed, lambda: told(received)["a"] == 1)
    noted = "webhook harbour" in read_progress(watched.kafka)
    killed._table.close()  # it ends here without a word: what it had delivered is not noted
    with WatchService(watched) as service:
        run_until(service, lambda: "webhook harbour" in read_progress(watched.kafka))
    assert told(received)["a"] == (1 if noted else 2)
    assert len({headers["webhook-id"] for headers in received.headers}) == 1
    killed._looker.end()
    killed._threads.shutdown()


def test_a_rebuilt_index_and_a_stage_that_is_set_back_make_nothing_new(watched: Settings) -> None:
    add(watched, HARBOUR)
    enrich(watched, article("a"))
    index(watched)
    with WatchService(watched) as service:
        run_until(service, lambda: len(hits(watched)) == 1)
        list(rebuild.rebuild_indices(watched, ARTICLES, from_kafka=False, report=lambda _: None))
        reset_offsets.rewind(watched.kafka, "index", ENRICHED)
        service.step(present() + timedelta(seconds=1))
        enrich(watched, article("b"))
        index(watched)
        run_until(service, lambda: len(hits(watched)) == 2)
    assert Counter(each.article for each in hits(watched)) == {"a": 1, "b": 1}


def test_an_article_that_is_enriched_again_is_not_told_again(watched: Settings) -> None:
    add(watched, HARBOUR)
    enrich(watched, article("a"), article("b"))
    index(watched)
    with WatchService(watched) as service:
        run_until(service, lambda: len(hits(watched)) == 2)
        enrich(watched, article("a", enricher=2), article("b", enricher=2, duplicate_of="a"), article("c"))
        index(watched)
        run_until(service, lambda: len(hits(watched)) == 3)
    assert Counter(each.article for each in hits(watched)) == {"a": 1, "b": 1, "c": 1}


def test_a_changed_text_is_told_again_where_that_is_asked_for(watched: Settings) -> None:
    add(watched, HARBOUR, msgspec.structs.replace(HARBOUR, name="again", revisions=True))
    enrich(watched, article("a"))
    index(watched)
    with WatchService(watched) as service:
        run_until(service, lambda: len(hits(watched)) == 2)
        enrich(watched, article("a", revision=2, changed=("text",), text="The harbour of Velm is closed again."))
        index(watched)
        run_until(service, lambda: len(hits(watched)) == 3)
    assert [(each.watch, each.changed) for each in hits(watched)[2:]] == [("again", ("text",))]


def test_a_refusal_is_a_dead_letter_that_can_be_replayed(watched: Settings, received: Receiver) -> None:
    add(watched, msgspec.structs.replace(HARBOUR, webhook=received.url))
    enrich(watched, article("a"))
    index(watched)
    received.status = 410
    with WatchService(watched) as service:
        run_until(service, lambda: bool(list(dead_letter.read_dead_letters(watched.kafka, lambda _: True))))
        [letter] = dead_letter.read_dead_letters(watched.kafka, lambda _: True)
        assert (letter.stage, letter.reason, letter.subject) == ("watch", "refused_webhook", "https://paper.example/a")
        received.status = 503
        publisher = Publisher(watched.kafka)
        publisher.publish([dead_letter.original_message(letter)])
        publisher.close()
        run_until(service, lambda: told(received)["a"] >= 3)
        received.status = 204
        run_until(service, lambda: "webhook harbour" in read_progress(watched.kafka) and not waiting(service))
    assert len(list(dead_letter.read_dead_letters(watched.kafka, lambda _: True))) == 1


def waiting(service: WatchService) -> int:
    return service._outbox.waiting()["webhook"]


def test_a_second_process_waits_and_takes_over(watched: Settings, received: Receiver) -> None:
    add(watched, msgspec.structs.replace(HARBOUR, webhook=received.url))
    enrich(watched, article("a"))
    index(watched)
    with WatchService(watched) as second:
        with WatchService(watched) as first:
            deadline = monotonic() + SECONDS
            while not told(received):
                assert monotonic() < deadline
                first.step(present())
                second.step(present())
        enrich(watched, article("b"))
        index(watched)
        run_until(second, lambda: told(received)["b"] == 1)
    assert told(received) == {"a": 1, "b": 1}


def test_the_file_s_watches_come_and_go_with_it(watched: Settings) -> None:
    file = Path(watched.watches.file)
    file.write_text('[[watches]]\nname = "harbour"\nquery = "harbour"\n', encoding="utf-8")
    enrich(watched, article("old"), article("new", fetched_at=datetime.now(UTC) + timedelta(minutes=1)))
    index(watched)
    with WatchService(watched) as service:
        run_until(service, lambda: LOOKED in read_progress(watched.kafka) and bool(hits(watched)))
        assert [each.article for each in hits(watched)] == ["new"]
        file.write_text("[[watches]", encoding="utf-8")
        run_until(service, lambda: "is wrong" in service.warning)
        file.unlink()
        run_until(service, lambda: not service.warning)
        run_until(service, lambda: not any(each.value for each in newest(watched)))


def newest(options: Settings) -> list[broker.Record]:
    return list({each.key: each for each in broker.read_topic(options.kafka, WATCHES)}.values())


def test_a_watch_on_the_topic_that_nobody_could_have_made_is_none(watched: Settings) -> None:
    add(watched, HARBOUR, watch("../etc", "harbour"), watch("file", "harbour", webhook="file:///etc/passwd"))
    assert read_topic(watched.kafka).keys() == {"harbour"}


def test_without_elasticsearch_nothing_is_passed_over(watched: Settings) -> None:
    add(watched, HARBOUR)
    enrich(watched, article("a"))
    index(watched)
    nowhere = msgspec.structs.replace(watched.elasticsearch, url="http://127.0.0.1:9")
    looker = Looker(msgspec.structs.replace(watched, elasticsearch=nowhere), Publisher(watched.kafka))
    with pytest.raises(Unavailable):
        looker.find({}, ToldArticles(), present())
    looker.end()
    with WatchService(watched) as service:
        run_until(service, lambda: len(hits(watched)) == 1)
