"""What becomes of documents: on the real server, and on one that says what the real one can't be made to say."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import mapping, write
from index.client import connect
from index.searching import article_search
from index.writing import bulk_write
from index.writing.article_document import build_article_document
from index.writing.index_routing import RoutingCache
from pipeline import observability, settings
from pipeline.entity import Entity
from pipeline.failures import Poison, Unavailable
from pipeline.kafka.stage import StageOutput
from pipeline.settings import Settings
from tests.index.samples import NOVEMBER, OCTOBER, enriched


@pytest.fixture
def elasticsearch(options: Settings) -> settings.Elasticsearch:
    """A server with our templates, and a prefix of our own."""
    mapping.install(options.elasticsearch)
    return options.elasticsearch


def documents(options: settings.Elasticsearch) -> dict[str, list[dict[str, Any]]]:
    """Everything that is there, by id: each with its index, version and source."""
    article_search.refresh(options)
    with connect(options) as client:
        hits = client.search(index=options.prefix, version=True, size=1000)["hits"]["hits"]
    found: dict[str, list[dict[str, Any]]] = {}
    for hit in hits:
        place = {"index": hit["_index"].removeprefix(f"{options.prefix}-articles-"), "version": hit["_version"]}
        found.setdefault(hit["_id"], []).append({**place, **hit["_source"]})
    return found


def only(options: settings.Elasticsearch, id_: str) -> dict[str, Any]:
    """The document with this id; there must be one."""
    [one] = documents(options)[id_]
    return one


# --- the real server ---


@pytest.mark.stack
def test_a_batch_is_written_and_a_replay_changes_nothing(elasticsearch: settings.Elasticsearch) -> None:
    stage = write.stage(elasticsearch)
    batch = [
        enriched("a", entities=(Entity(name="Velm", key="velm", type="place", count=2),), tags=("ports", "sea")),
        enriched("b", first_seen_at=NOVEMBER, duplicate_of="a", duplicate_kind="near", resemblance=0.93),
    ]
    assert list(stage.handle(batch)) == [StageOutput(), StageOutput()]
    before = documents(elasticsearch)
    assert {id_: [each["index"] for each in found] for id_, found in before.items()} == {
        "a": ["2026.10"],
        "b": ["2026.11"],
    }
    assert before["a"][0]["places"] == ["Velm"]
    stale = observability.DOCUMENTS.labels("articles", "stale")
    count = stale._value.get()
    assert list(write.stage(elasticsearch).handle(batch)) == [StageOutput(), StageOutput()]
    assert stale._value.get() == count  # the same version is written again, and repairs
    assert {id_: len(found) for id_, found in documents(elasticsearch).items()} == {"a": 1, "b": 1}


@pytest.mark.stack
def test_a_better_enricher_takes_effect_and_an_old_message_does_not(elasticsearch: settings.Elasticsearch) -> None:
    stage = write.stage(elasticsearch)
    stage.handle([enriched("a", revision=2, title="second", enricher=1)])
    stage.handle([enriched("a", revision=2, title="second, better read", enricher=2)])
    stale = observability.DOCUMENTS.labels("articles", "stale")
    before = stale._value.get()
    assert list(stage.handle([enriched("a", revision=1, title="first", annotator=9, enricher=9)])) == [StageOutput()]
    assert stale._value.get() == before + 1
    assert only(elasticsearch, "a")["title"] == "second, better read"


@pytest.mark.stack
def test_what_a_revision_changed_is_in_its_document_also_after_a_replay_and_a_better_enricher(
    elasticsearch: settings.Elasticsearch,
) -> None:
    stage = write.stage(elasticsearch)
    first = enriched("a", text="It would cost eleven million.")
    revised = enriched("a", revision=2, text="It would cost twelve million.", changed=("text",), fetched_at=NOVEMBER)
    for message in (first, revised, first, revised, msgspec.structs.replace(revised, enricher=2)):
        stage.handle([message, enriched("b")])  # read as it was written a moment ago: nothing is refreshed in between
    [edit] = only(elasticsearch, "a")["edits"]
    assert (edit["revision"], edit["parts"], edit["removed"], edit["added"]) == (2, ["text"], ["eleven"], ["twelve"])
    assert (edit["words_removed"], edit["words_added"]) == (1, 1)
    assert "edits" not in only(elasticsearch, "b")
    dated = enriched("a", revision=3, text=revised.text, enricher=2, changed=("date",))
    stage.handle([dated])
    assert [each["revision"] for each in only(elasticsearch, "a")["edits"]] == [2]


@pytest.mark.stack
def test_a_revision_whose_index_is_gone_is_written(elasticsearch: settings.Elasticsearch) -> None:
    stage = write.stage(elasticsearch)
    stage.handle([enriched("a")])
    with connect(elasticsearch) as client:
        client.indices.delete(index=f"{elasticsearch.prefix}-articles-2026.10")
    stage.handle([enriched("a", revision=2, text="Another text.", changed=("text",))])
    [edit] = only(elasticsearch, "a")["edits"]
    assert (edit["revision"], "words_added" in edit) == (2, False)


@pytest.mark.stack
@pytest.mark.parametrize("revisions", [(1, 2, 3), (3, 1, 2), (2, 3, 1), (3, 2, 1)])
def test_the_newest_of_one_batch_stays_whatever_the_order(
    elasticsearch: settings.Elasticsearch, revisions: Sequence[int]
) -> None:
    batch = [enriched("a", revision=number, title=f"revision {number}") for number in revisions]
    assert list(write.stage(elasticsearch).handle(batch)) == [StageOutput()] * 3
    assert only(elasticsearch, "a")["title"] == "revision 3"


@pytest.mark.stack
def test_an_article_that_another_feed_shows_next_month_stays_where_it_is(
    elasticsearch: settings.Elasticsearch,
) -> None:
    first, again = enriched("a"), enriched("a", revision=2, first_seen_at=NOVEMBER, feed_url="https://other.example/")
    one = write.stage(elasticsearch)
    one.handle([first])
    one.handle([again])  # at once: not searchable yet, but remembered
    assert only(elasticsearch, "a")["index"] == "2026.10"
    other = write.stage(elasticsearch)  # another process: it finds what is searchable
    other.handle([enriched("a", revision=3, first_seen_at=NOVEMBER)])
    assert only(elasticsearch, "a")["index"] == "2026.10"
    assert only(elasticsearch, "a")["revision"] == 3
    other.handle([enriched("b"), enriched("b", revision=2, first_seen_at=NOVEMBER)])  # one batch: only the newest
    assert only(elasticsearch, "b")["index"] == "2026.11"
    one.handle([enriched("b", revision=3)])  # it looks it up
    assert only(elasticsearch, "b")["index"] == "2026.11"


@pytest.mark.stack
def test_who_takes_partitions_over_sees_what_was_written_just_before(elasticsearch: settings.Elasticsearch) -> None:
    mine, theirs = write.stage(elasticsearch), write.stage(elasticsearch)
    for number in range(20):  # without the refresh most of these would be there twice
        theirs.handle([enriched(f"a{number}")])
        mine.assigned(frozenset({0, 1}))
        mine.handle([enriched(f"a{number}", revision=2, first_seen_at=NOVEMBER)])
    assert Counter(len(found) for found in documents(elasticsearch).values()) == {1: 20}


@pytest.mark.stack
def test_a_document_that_the_mapping_rejects_is_poison_and_the_rest_is_written(
    elasticsearch: settings.Elasticsearch,
) -> None:
    batch = [enriched("a"), enriched("b", url="https://paper.example/" + "x" * 40_000), enriched("c"), enriched("")]
    fine, immense, also_fine, nameless = write.stage(elasticsearch).handle(batch)
    assert fine == also_fine == StageOutput()
    assert isinstance(immense, Poison)
    assert immense.reason == "rejected_document"
    assert "immense term" in immense.detail
    assert isinstance(nameless, Poison)
    assert set(documents(elasticsearch)) == {"a", "c"}


@pytest.mark.stack
def test_an_older_message_is_written_where_the_newer_one_of_its_batch_is_rejected(
    elasticsearch: settings.Elasticsearch,
) -> None:
    immense = enriched("a", revision=3, url="https://paper.example/" + "x" * 40_000)
    batch = [enriched("a", revision=2), immense, enriched("a")]
    outcomes = write.stage(elasticsearch).handle(batch)
    assert [isinstance(each, Poison) for each in outcomes] == [False, True, False]
    assert only(elasticsearch, "a")["revision"] == 2


@pytest.mark.stack
def test_what_no_source_should_send_is_taken_all_the_same(elasticsearch: settings.Elasticsearch) -> None:
    hostile = enriched(
        "a",
        title="",
        text="\x00 " + "word" * 100_000 + " 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
        tags=("x" * 40_000, ""),
        authors=("ü" * 40_000,),
        section="s" * 40_000,
        image="data:image/png;base64," + "A" * 40_000,
        entities=tuple(Entity(name="n" * 40_000, key="k" * 40_000, type="person", count=1) for _ in range(3)),
        published_at=OCTOBER - timedelta(days=700_000),
    )
    assert list(write.stage(elasticsearch).handle([hostile])) == [StageOutput()]


@pytest.mark.stack
def test_parts_of_a_batch_that_is_too_large_for_one_request(elasticsearch: settings.Elasticsearch) -> None:
    small = msgspec.structs.replace(elasticsearch, bulk_bytes=2_000)
    batch = [enriched(f"a{number}", text="word " * (number * 40)) for number in range(30)]
    assert list(write.stage(small).handle(batch)) == [StageOutput()] * 30
    assert len(documents(elasticsearch)) == 30


@pytest.mark.stack
def test_without_templates_nothing_is_written_and_with_them_it_goes_on(options: Settings) -> None:
    stage = write.stage(options.elasticsearch)
    with pytest.raises(Unavailable, match="newsloom setup"):
        stage.handle([enriched("a")])
    mapping.install(options.elasticsearch)
    assert list(stage.handle([enriched("a")])) == [StageOutput()]


@pytest.mark.stack
def test_an_index_that_went_away_is_made_again(elasticsearch: settings.Elasticsearch) -> None:
    stage = write.stage(elasticsearch)
    stage.handle([enriched("a")])
    with connect(elasticsearch) as client:
        client.indices.delete(index=f"{elasticsearch.prefix}-articles-2026.10")
    assert list(stage.handle([enriched("a"), enriched("b")])) == [StageOutput(), StageOutput()]
    assert set(documents(elasticsearch)) == {"a", "b"}


@pytest.mark.stack
def test_a_closed_index_holds_the_batch_and_blames_no_document(elasticsearch: settings.Elasticsearch) -> None:
    waits: list[float] = []
    stage = write.stage(elasticsearch, write.Timing(sleep=waits.append))
    stage.handle([enriched("a")])
    with connect(elasticsearch) as client:
        index = f"{elasticsearch.prefix}-articles-2026.10"
        client.indices.close(index=index)
        with pytest.raises(Unavailable):
            stage.handle([enriched("a", revision=2)])
        client.indices.open(index=index)
    assert len(waits) == elasticsearch.item_retries
    assert list(stage.handle([enriched("a", revision=2)])) == [StageOutput()]


# --- pure ---


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 3)), max_size=30))
def test_positions_by_id_are_in_the_order_in_which_documents_stay(given_: list[tuple[str, int]]) -> None:
    documents = {
        n: build_article_document(enriched(id_, revision=revision), "news", NOVEMBER)
        for n, (id_, revision) in enumerate(given_)
    }
    found = bulk_write.positions_by_id(documents)
    assert sorted(n for positions in found for n in positions) == list(documents)
    assert len(found) == len({each.id for each in documents.values()})
    for positions in found:
        assert len({documents[n].id for n in positions}) == 1
        assert [(documents[n].version, n) for n in positions] == sorted((documents[n].version, n) for n in positions)


def test_the_routing_cache_forgets_what_was_put_longest_ago() -> None:
    cache = RoutingCache(2)
    cache.put("a", "1")
    cache.put("b", "1")
    cache.put("a", "2")
    cache.put("c", "1")
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == ("2", None, "1")
