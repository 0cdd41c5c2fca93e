"""An index is built anew while it is searched and written: nothing is missed or there twice, nobody notices."""

import json
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from index import mapping, write
from index.client import connect
from index.searching import article_search
from index.searching.article_search import Filters
from index.upkeep import rebuild
from index.writing.document_kinds import ARTICLES
from pipeline import settings
from pipeline.failures import Unavailable, WrongSetting
from pipeline.kafka.publisher import OutgoingMessage, Publisher
from pipeline.messages import ENRICHED, Enriched
from pipeline.settings import Settings
from tests.index.samples import NOVEMBER, enriched

pytestmark = pytest.mark.stack
COUNT = 400


@pytest.fixture
def filled(options: Settings) -> Settings:
    """Two months of articles."""
    mapping.install(options.elasticsearch)
    stage = write.stage(options.elasticsearch)
    stage.handle([enriched(f"a{number}", title=f"Report {number}") for number in range(COUNT)])
    stage.handle([enriched("b", first_seen_at=NOVEMBER)])
    article_search.refresh(options.elasticsearch)
    return options


def build(options: Settings, from_kafka: bool = False) -> list[str]:
    return rebuild.rebuild_indices(options, ARTICLES, from_kafka=from_kafka, report=print)


def everything(options: settings.Elasticsearch) -> dict[str, tuple[str, int]]:
    """Title and revision of every document, by id; none may be there twice."""
    article_search.refresh(options)
    with connect(options) as client:
        hits = client.search(index=options.prefix, size=2 * COUNT)["hits"]["hits"]
    assert Counter(hit["_id"] for hit in hits).most_common(1)[0][1] == 1
    return {hit["_id"]: (hit["_source"]["title"], hit["_source"]["revision"]) for hit in hits}


def test_it_is_searched_and_written_meanwhile(filled: Settings) -> None:
    there = filled.elasticsearch
    with searching(there) as counts, writing(there) as written:
        new = build(filled)
        counts.wait_for(5)
    assert new == [f"{there.prefix}-articles-2026.10-2", f"{there.prefix}-articles-2026.11-2"]
    assert counts.problems == []
    assert set(counts.found) == {COUNT + 1}
    assert written
    found = everything(there)
    assert len(found) == COUNT + 1 + len(written)
    assert {id_: found[id_] for id_ in written} == written
    with connect(there) as client:
        assert sorted(client.indices.get_alias(name=there.prefix)) == new
    assert len(build(filled)) == 2  # and once more
    assert everything(there) == found


def test_a_changed_mapping_takes_effect(filled: Settings, tmp_path: Path) -> None:
    there = filled.elasticsearch
    folder = shutil.copytree(mapping.TEMPLATE_FOLDER, tmp_path / "elasticsearch")
    file = folder / "index_templates" / "articles.json"
    body = json.loads(file.read_text(encoding="utf-8"))
    body["template"]["mappings"]["properties"]["section"] = {"type": "text", "analyzer": "news_folded"}
    file.write_text(json.dumps(body), encoding="utf-8")
    with pytest.raises(WrongSetting, match="run `newsloom index rebuild`"):
        mapping.install(there, folder)
    mapping.put_templates(there, folder)
    new, _ = build(filled)
    mapping.install(there, folder)
    with connect(there) as client:
        made = client.indices.get_mapping(index=new)[new]["mappings"]["properties"]
    assert made["section"]["type"] == "text"
    assert (
        len(article_search.search(there, "reports", size=5).hits) == 5
    )  # stemmed words, which no index keeps, are there


def test_from_kafka_fields_are_made_anew(filled: Settings) -> None:
    there = filled.elasticsearch
    publish(filled, [enriched("a1", title="Report 1", story="another"), enriched("b", first_seen_at=NOVEMBER)])
    publish(filled, [enriched("not indexed yet")])
    build(filled, from_kafka=True)
    assert len(everything(there)) == COUNT + 1
    [hit] = article_search.search(there, "", Filters(stories=("another",))).hits
    assert hit.article.id == "a1"


def test_from_kafka_what_was_edited_stays_known(filled: Settings) -> None:
    there = filled.elasticsearch
    revised = enriched("a1", revision=2, title="Report 1, corrected")
    write.stage(there).handle([revised])
    publish(filled, [enriched("a1", title="Report 1"), revised])
    build(filled, from_kafka=True)
    article_search.refresh(there)
    [hit] = article_search.search(there, "corrected", Filters(edited=True)).hits
    assert [(each.revision, each.parts) for each in hit.article.edits] == [(2, ("title",))]


def test_what_the_new_mapping_rejects_changes_nothing(filled: Settings, tmp_path: Path) -> None:
    there = filled.elasticsearch
    before = everything(there)
    folder = shutil.copytree(mapping.TEMPLATE_FOLDER, tmp_path / "elasticsearch")
    file = folder / "index_templates" / "articles.json"
    body = json.loads(file.read_text(encoding="utf-8"))
    body["template"]["mappings"]["properties"]["title"] = {"type": "date"}
    file.write_text(json.dumps(body), encoding="utf-8")
    mapping.put_templates(there, folder)
    with pytest.raises(WrongSetting, match="does not take document"):
        build(filled)
    write.stage(there).handle([enriched("a1", title="later", revision=2)])
    assert everything(there) == before | {"a1": ("later", 2)}


def test_a_rebuild_that_was_killed_is_undone_by_the_next(filled: Settings) -> None:
    there = filled.elasticsearch
    before, old = everything(there), f"{there.prefix}-articles-2026.10"
    with connect(there) as client:  # as it was when it was killed, before the switch
        client.indices.create(index=f"{old}-2")
        client.indices.add_block(index=old, block="write")
    assert everything(there) == before
    with pytest.raises(Unavailable, match="blocked"):
        write.stage(there, write.Timing(sleep=lambda _: None)).handle([enriched("a1", revision=2)])
    build(filled)
    write.stage(there).handle([enriched("a1", title="later", revision=2)])
    assert everything(there) == before | {"a1": ("later", 2)}


class Searches:
    """What searches have found so far."""

    def __init__(self) -> None:
        self.found: list[int] = []
        self.problems: list[str] = []
        self._more = threading.Condition()

    def add(self, found: int) -> None:
        with self._more:
            self.found.append(found)
            self._more.notify_all()

    def wait_for(self, more: int) -> None:
        """Until so many more searches have been answered."""
        with self._more:
            wanted = len(self.found) + more
            assert self._more.wait_for(lambda: len(self.found) >= wanted, timeout=60)


@contextmanager
def searching(options: settings.Elasticsearch) -> Iterator[Searches]:
    """Asks again and again how many articles there are that were there at the beginning."""
    done, counts = threading.Event(), Searches()

    def work() -> None:
        with connect(options) as client:
            while not done.is_set():
                answer = client.search(index=options.prefix, query={"match": {"title": "report harbour"}}, size=3)
                if answer["_shards"]["failed"] or answer["timed_out"]:
                    counts.problems.append(str(answer["_shards"]))
                counts.add(answer["hits"]["total"]["value"])

    thread = threading.Thread(target=work)
    thread.start()
    try:
        counts.wait_for(1)
        yield counts
    finally:
        done.set()
        thread.join()


@contextmanager
def writing(options: settings.Elasticsearch) -> Iterator[dict[str, tuple[str, int]]]:
    """Writes a new article and a later revision of it again and again; what is there at the end."""
    done, began, written = threading.Event(), threading.Event(), dict[str, tuple[str, int]]()
    stage = write.stage(msgspec.structs.replace(options, item_retries=50))

    def work() -> None:
        number = 0
        while not done.is_set():
            number += 1
            first = enriched(f"n{number}", title="New", text="-")
            stage.handle([first, msgspec.structs.replace(first, revision=2, title="New again")])
            written[first.id] = ("New again", 2)
            began.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert began.wait(60)
        yield written
    finally:
        done.set()
        thread.join()


def publish(options: Settings, messages: list[Enriched]) -> None:
    publisher = Publisher(options.kafka)
    publisher.publish([publisher.encode(OutgoingMessage(ENRICHED, each)) for each in messages])
    publisher.close()
