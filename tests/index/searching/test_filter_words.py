"""What a query means that has filters among its words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.searching.filter_words import (
    WORDS,
    Reader,
    close_quotes,
    find_filter_words,
    read_query,
    with_filter,
    without,
    write_filter,
)
from index.searching.query import Filters, NamedEntity

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
LANGUAGES = {"turkish": "tr", "tr": "tr", "en": "en"}
READER = Reader(NOW, BERLIN, lambda name: LANGUAGES.get(name.lower()), {"Peru": "PE", "PE": "PE"}.get)


@pytest.mark.parametrize(
    ("typed", "words", "filters"),
    [
        ("harbour", "harbour", Filters()),
        ('source:"The Paper" harbour', "harbour", Filters(source="The Paper")),
        ("source:https://paper.example/politics a", "a", Filters(source="paper.example")),
        ("SOURCE:paper.example", "", Filters(source="paper.example")),
        ("a language:Turkish -b", "a -b", Filters(language="tr")),
        ("country:Peru", "", Filters(country="PE")),
        (
            'person:"Ada Lovelace" org:NATO place:Velm name:X',
            "",
            Filters(
                names=(
                    *(NamedEntity("Ada Lovelace", "person"), NamedEntity("NATO", "organisation")),
                    *(NamedEntity("Velm", "place"), NamedEntity("X")),
                )
            ),
        ),
        ("kind:Video", "", Filters(kind="video")),
        ("after:2026-11-02", "", Filters(since=datetime(2026, 11, 1, 23, tzinfo=UTC))),
        ("after:2026-11-02T10:30", "", Filters(since=datetime(2026, 11, 2, 9, 30, tzinfo=UTC))),
        ("since:2026-11", "", Filters(since=datetime(2026, 10, 31, 23, tzinfo=UTC))),
        ("after:36h", "", Filters(since=datetime(2026, 11, 29, 0, tzinfo=UTC))),
        ("before:2026-11-02", "", Filters(until=datetime(2026, 11, 1, 22, 59, 59, 999000, tzinfo=UTC))),
        # no filters
        ('"the source:paper said"', '"the source:paper said"', Filters()),
        ("source: paper", "source: paper", Filters()),
        ("https://paper.example/a", "https://paper.example/a", Filters()),
        ("score:3 resource:a", "score:3 resource:a", Filters()),
        ("“central bank” source:a", '"central bank"', Filters(source="a")),
    ],
)
def test_filters_are_told_from_words(typed: str, words: str, filters: Filters) -> None:
    found = read_query(typed, READER)
    assert found.problems == ()
    assert (found.words, found.filters) == (words, filters)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("language:klingon", "no language is called klingon: it is left out"),
        ("country:Atlantis", "no country is called Atlantis: it is left out"),
        ("kind:poem", "no kind of article is called poem: there are article, liveblog"),
        ("after:yesterday", "after:yesterday is no time: write after:2026-11-01, or after:7d for a week ago"),
        ("before:0001-01-01", "before:0001-01-01 is no time"),
        ("after:9999-99-99", "after:9999-99-99 is no time"),
        ("source:a source:b", "source: stands twice, and the last counts"),
    ],
)
def test_what_is_not_understood_is_said_and_left_out(typed: str, problem: str) -> None:
    [told] = read_query(typed, READER).problems
    assert told.startswith(problem)


def test_a_story_is_for_the_caller_to_find() -> None:
    assert read_query("a story:5555", READER).story == "5555"


def test_filters_are_added_replaced_and_taken_out() -> None:
    typed = with_filter("harbour", "source", "The Paper")
    assert typed == 'harbour source:"The Paper"'
    assert with_filter(typed, "source", "b.example") == "harbour source:b.example"
    both = with_filter(with_filter(typed, "person", "A B"), "person", "C")
    assert both == 'harbour source:"The Paper" person:"A B" person:C'
    assert with_filter(both, "person", "a b") == 'harbour source:"The Paper" person:C person:"a b"'
    assert without(both, find_filter_words(both)) == "harbour"


@given(st.text(max_size=60))
def test_no_query_is_an_error_and_its_quotes_are_closed(text: str) -> None:
    read_query(text, READER)
    assert close_quotes(close_quotes(text)) == close_quotes(text)


@given(st.text(max_size=40), st.sampled_from(sorted(set(WORDS.values()))), st.text(min_size=1, max_size=20))
def test_a_filter_that_is_written_is_read_as_it_was_meant(text: str, name: str, value: str) -> None:
    bare = " ".join(value.replace('"', " ").split())
    if not bare or write_filter(name, value) == f"{name}:":
        return
    found = find_filter_words(with_filter(close_quotes(text).replace("\\", ""), name, value))
    assert (found[-1].name, found[-1].value) == (name, bare)
