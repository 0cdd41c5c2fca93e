"""What a search's articles are made up of, and how a word may go on: on the real server."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from index import mapping, write
from index.searching.article_search import refresh
from index.searching.facet_search import FIELDS, MOST_COLUMNS, Facets, build_columns, facets
from index.searching.query import Filters, NamedEntity, SearchRequest
from index.searching.suggestion_search import Suggestion, respell, suggest_names, suggest_spelling
from pipeline import settings
from pipeline.entity import Entity
from pipeline.settings import Settings
from tests.index.samples import OCTOBER, enriched

UTC_ZONE = ZoneInfo("UTC")
ADA = Entity(name="Lovelace", key="ada lovelace", type="person", count=1, canonical="Ada Lovelace")
NATO = Entity(name="NATO", key="nato", type="organisation", count=1)
ADA_PLACE = Entity(name="Ada", key="ada", type="place", count=1, canonical="Ada")


@pytest.fixture
def filled(options: Settings) -> settings.Elasticsearch:
    there = options.elasticsearch
    mapping.install(there)
    days = [OCTOBER - timedelta(days=number) for number in (0, 1, 1, 3)]
    write.stage(there).handle(
        [
            enriched("a", published_at=days[0], entities=(ADA, NATO), source_name="Ada's Post"),
            enriched("b", published_at=days[1], entities=(ADA,), language="de", source="b.example"),
            enriched("c", published_at=days[2], entities=(ADA_PLACE,), countries=("GH",), kind="video"),
            enriched("d", published_at=days[3], title="Other", text="Nothing of it."),
        ]
    )
    refresh(there)
    return there


@pytest.mark.stack
def test_the_articles_of_a_search_are_counted_by_what_they_have_and_by_time(filled: settings.Elasticsearch) -> None:
    found = facets(filled, SearchRequest(query_text="harbour"), UTC_ZONE)
    assert found.articles == 3
    assert found.values["source"] == {"The Paper": 2, "Ada's Post": 1}
    assert found.values["language"] == {"en": 2, "de": 1}
    assert (found.values["person"], found.values["organisation"]) == ({"Ada Lovelace": 2}, {"NATO": 1})
    assert (found.values["place"], found.values["country"]) == ({"Ada": 1}, {"GH": 1})
    assert found.values["kind"] == {"article": 2, "video": 1}
    assert sum(each.articles for each in found.columns) == 3
    assert all(each.end == after.start for each, after in zip(found.columns, found.columns[1:], strict=False))
    assert found.columns[0].start <= OCTOBER - timedelta(days=1) < OCTOBER < found.columns[-1].end


@pytest.mark.stack
def test_names_are_looked_for_as_what_they_are(filled: settings.Elasticsearch) -> None:
    def count(*names: NamedEntity) -> int:
        return facets(filled, SearchRequest(query_text="", filters=Filters(names=names)), UTC_ZONE).articles

    assert count(NamedEntity("ada lovelace", "person")) == 2
    assert count(NamedEntity("Lovelace", "person"), NamedEntity("nato", "organisation")) == 1
    assert count(NamedEntity("Ada", "place")) == count(NamedEntity("Ada")) == 1
    assert count(NamedEntity("Ada", "person")) == 0


@pytest.mark.stack
def test_what_is_written_later_can_be_left_out_or_asked_for_alone(filled: settings.Elasticsearch) -> None:
    def count(**limits: Any) -> int:
        return facets(filled, SearchRequest(query_text="", filters=Filters(**limits)), UTC_ZONE).articles

    now = datetime.now(UTC)
    assert count(indexed_until=now) == 4
    assert count(indexed_after=now) == 0
    assert count(indexed_after=now - timedelta(hours=1)) == 4


@pytest.mark.stack
def test_a_beginning_is_completed_by_names_and_sources(filled: settings.Elasticsearch) -> None:
    assert suggest_names(filled, "ada") == [
        Suggestion("person", "Ada Lovelace", 2),
        Suggestion("place", "Ada", 1),
        Suggestion("source", "Ada's Post", 1),
    ]
    assert [each.name for each in suggest_names(filled, "LOVE")] == ["Ada Lovelace"]
    for nothing in ("velace", " ", "", "x" * 50, ".*", '"', "\\", "[a-z", "a@b~<1-9>", "ı", "ß", "😀"):
        assert suggest_names(filled, nothing) == [], nothing


@pytest.mark.stack
def test_a_word_that_is_nowhere_is_spelt_as_articles_spell_it(filled: settings.Elasticsearch) -> None:
    assert suggest_spelling(filled, "harbuor Monday") == "harbour Monday"
    assert suggest_spelling(filled, "harbour") == suggest_spelling(filled, "") == ""


@pytest.mark.stack
def test_before_the_first_article_there_is_nothing(options: Settings) -> None:
    there = options.elasticsearch
    assert facets(there, SearchRequest(query_text="a"), UTC_ZONE) == Facets(values={name: {} for name in FIELDS})
    assert suggest_names(there, "a") == []
    assert suggest_spelling(there, "harbuor") == ""


BERLIN = ZoneInfo("Europe/Berlin")


def test_columns_are_of_the_shortest_unit_of_which_there_are_few() -> None:
    first = datetime(2026, 1, 5, tzinfo=BERLIN)  # a Monday
    for days, length, number in ((39, 1, 40), (40, 7, 6), (300, 28, 11), (1_100, 28, 37), (2_000, 365, 6)):
        last = first + timedelta(days=days)
        found = build_columns({first: 2, last: 1}, "day", BERLIN)
        assert (len(found), sum(each.articles for each in found)) == (number, 3)
        assert (found[0].end - found[0].start).days >= length
        assert found[0].start <= first < found[0].end
        assert found[-1].start <= last < found[-1].end


def test_days_and_hours_are_those_of_the_zone_when_clocks_are_set() -> None:
    midnight = datetime(2026, 10, 25, tzinfo=BERLIN)  # a day of 25 hours
    hours = build_columns({midnight: 1, datetime(2026, 10, 25, 23, tzinfo=BERLIN): 1}, "hour", BERLIN)
    assert len(hours) == 25
    assert {each.end.timestamp() - each.start.timestamp() for each in hours} == {3600}
    days = build_columns({midnight: 1, datetime(2026, 10, 27, tzinfo=BERLIN): 1}, "day", BERLIN)
    assert [each.start.hour for each in days] == [0, 0, 0]


def test_of_centuries_the_last_decades_are_shown_with_what_was_before() -> None:
    found = build_columns({datetime(1700, 1, 1, tzinfo=UTC): 1, datetime(2026, 1, 1, tzinfo=UTC): 2}, "day", UTC_ZONE)
    assert len(found) == MOST_COLUMNS
    assert found[-1].articles == 2
    assert build_columns({}, "day", UTC_ZONE) == ()


def test_words_are_replaced_where_they_stand_though_java_counts_otherwise() -> None:
    entries = [{"offset": 3, "length": 4, "options": [{"text": "word"}]}, {"offset": 8, "length": 1, "options": []}]
    assert respell("😀 wrod x", entries) == "😀 word x"
