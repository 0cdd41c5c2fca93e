"""Where an article lies, and which of two versions of it stays."""

import json
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.writing.article_document import (
    VERSION_LIMIT,
    StemmedText,
    article_version,
    body_from_source,
    build_article_document,
)
from index.writing.document import monthly_index
from pipeline.entity import Entity, Place
from pipeline.failures import Poison
from tests.index.samples import NOVEMBER, OCTOBER, enriched

NOW = NOVEMBER + timedelta(minutes=5)
MINISTER = Entity(name="Keçeli", key="keceli", type="person", count=2, offsets=((0, 6), (9, 15)), salience=0.5)
numbers = st.integers(0, VERSION_LIMIT - 1)
makings = st.tuples(st.integers(1, 10_000), numbers, numbers)  # revision, annotator, enricher


def _version(making: tuple[int, int, int]) -> int:
    return article_version(enriched("a", revision=making[0], annotator=making[1], enricher=making[2]))


@given(makings, makings)
def test_versions_are_ordered_by_revision_then_annotator_then_enricher(
    one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    assert (_version(one) < _version(other)) == (one < other)
    assert (_version(one) == _version(other)) == (one == other)
    assert 0 < _version(one) < 2**63


@pytest.mark.parametrize(
    "wrong", [{"revision": 0}, {"revision": -1}, {"revision": 2**60}, {"annotator": VERSION_LIMIT}, {"enricher": -1}]
)
def test_numbers_that_would_break_the_order_are_poison(wrong: dict[str, int]) -> None:
    with pytest.raises(Poison, match="no version can be made"):
        build_article_document(enriched("a", **wrong), "news", NOW)


@pytest.mark.parametrize("id_", ["", "x" * 513, "ü" * 257])
def test_an_id_that_would_fail_the_whole_request_is_poison(id_: str) -> None:
    with pytest.raises(Poison, match="an id must have"):
        build_article_document(enriched(id_), "news", NOW)


@pytest.mark.slow
@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.timezones()),  # noqa: DTZ001 - zones are added
    st.integers(-12, 14),
)
def test_an_instant_has_one_index_whatever_its_zone(instant: datetime, hours: int) -> None:
    elsewhere = instant.astimezone(timezone(timedelta(hours=hours)))
    assert monthly_index("news", elsewhere) == monthly_index("news", instant)


def test_the_month_is_that_of_the_first_sight_in_utc() -> None:
    evening_in_new_york = datetime(2026, 10, 31, 21, tzinfo=timezone(timedelta(hours=-4)))
    assert monthly_index("news", evening_in_new_york) == "news-2026.11"
    later_revision = enriched("a", revision=7, first_seen_at=OCTOBER, published_at=NOVEMBER, fetched_at=NOVEMBER)
    assert build_article_document(later_revision, "news", NOW).index == "news-articles-2026.10"


def test_a_date_from_the_future_does_not_count() -> None:
    body = build_article_document(enriched("a", published_at=datetime(2099, 1, 1, tzinfo=UTC)), "news", NOW).body
    assert body.date == OCTOBER
    assert body.published_at == datetime(2099, 1, 1, tzinfo=UTC)


def test_an_undated_article_is_as_old_as_its_first_sight() -> None:
    body = build_article_document(enriched("a", published_at=None), "news", NOW).body
    assert body.date == OCTOBER
    assert body.seconds_from_publication is None


def test_a_copy_is_in_its_originals_group() -> None:
    original = build_article_document(enriched("a"), "news", NOW).body
    copy = build_article_document(
        enriched("b", duplicate_of="a", duplicate_kind="near", resemblance=0.9), "news", NOW
    ).body
    assert original.group == copy.group == "a"


def test_names_for_facets_are_canonical_there_once_and_most_often_named_first() -> None:
    entities = (
        Entity(name="Keçeli", canonical="Öncü Keçeli", key="keceli", type="person", count=1),
        Entity(name="Ankara", key="ankara", type="place", count=2),
        Entity(name="Fidan", key="fidan", type="person", count=3),
        Entity(name="Oncu Keçeli", canonical="Öncü Keçeli", key="keceli", type="person", count=1),
    )
    body = build_article_document(enriched("a", entities=entities), "news", NOW).body
    assert body.people == ("Fidan", "Öncü Keçeli")
    assert body.places == ("Ankara",)
    assert body.organisations == ()
    assert body.entity_keys == ("keceli", "ankara", "fidan")


def test_words_are_repeated_for_the_stemmer_of_their_language_alone() -> None:
    german = build_article_document(
        enriched("a", language="de", title="Häuser", summary="Alte", text="Neue"), "news", NOW
    ).body
    assert german.stemmed == {"de": StemmedText("Häuser", "Alte", "Neue")}
    assert build_article_document(enriched("a", language="he"), "news", NOW).body.stemmed == {}


def test_a_document_that_was_read_back_is_the_one_that_was_written() -> None:
    places = (
        Place(name="Izmir", kind="city", country="TR", latitude=38.4, longitude=27.1, geoname=311046, count=2),
        Place(name="Malta", kind="country", country="MT"),
    )
    written = build_article_document(
        enriched("a", places=places, entities=(MINISTER,), countries=("TR", "MT")), "news", NOW
    ).body
    kept = json.loads(msgspec.json.encode(written))
    del kept["stemmed"]  # the index does not keep it
    assert body_from_source({**kept, "of an older program": 1}) == written
    assert [each["point"] for each in kept["located"] if "point" in each] == [{"lat": 38.4, "lon": 27.1}]
