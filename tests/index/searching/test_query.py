"""What is asked of Elasticsearch for what was typed, without a server."""

from typing import Any

import pytest

from index.mapping import STEMMED_LANGUAGES
from index.searching.query import (
    LANGUAGES_BY_LETTERS,
    MAX_QUERY_WORDS,
    Cursor,
    SearchRequest,
    build_page_body,
    languages_by_letters,
)
from tests.index.samples import OCTOBER


def words_clause(typed: str) -> dict[str, Any]:
    """The part of the request that is about words."""
    body = build_page_body(SearchRequest(query_text=typed, order="newest"), Cursor(OCTOBER), 10)
    clause: dict[str, Any] = body["query"]["bool"]["must"]
    return clause


def test_every_language_with_an_analyzer_is_known_by_its_letters() -> None:
    assert {each for languages in LANGUAGES_BY_LETTERS.values() for each in languages} == STEMMED_LANGUAGES


@pytest.mark.parametrize(
    ("typed", "languages"),
    [
        ("Αθήνα", {"el"}),
        ("Київ", {"ru", "uk"}),
        ("کتاب", {"ar", "fa"}),
        ("東京", {"ja", "ko", "zh"}),
        ("ワクチン", {"ja"}),
        ("ﾜｸﾁﾝ", {"ja"}),
        ("서울", {"ko"}),
        ("กรุงเทพ", {"th"}),
        ("iPhone発売", {"de", "en", "es", "fr", "id", "it", "nl", "pl", "pt", "tr", "ja", "ko", "zh"}),
        ("שלום 2026 ☂", set()),
    ],
)
def test_a_word_is_looked_for_in_the_languages_of_its_letters(typed: str, languages: set[str]) -> None:
    assert languages_by_letters(typed) == languages


def test_what_is_joined_without_a_space_is_one_word_of_which_three_quarters_must_occur() -> None:
    each = words_clause("東京都知事 Helios")["bool"]["should"][0]["bool"]
    assert [clause["multi_match"]["query"] for clause in each["should"]] == ["東京都知事", "Helios"]
    assert {clause["multi_match"]["minimum_should_match"] for clause in each["should"]} == {"3<75%"}
    first, second = (clause["multi_match"]["fields"] for clause in each["should"])
    assert "stemmed.ja.text^0.5" in first
    assert "stemmed.ja.text^0.5" not in second


def test_marks_between_words_are_no_words() -> None:
    clauses = words_clause("black & white – …")["bool"]["should"][0]["bool"]["should"]
    assert [clause["multi_match"]["query"] for clause in clauses] == ["black", "white"]
    assert words_clause("??? …") == {"match_none": {}}
    assert words_clause("") == {"match_all": {}}


def test_a_phrase_looks_at_words_and_at_no_stems() -> None:
    fields = words_clause('"น้ำท่วม London"')["simple_query_string"]["fields"]
    assert "stemmed.th.text^0.5" in fields
    assert not any(".en." in field for field in fields)


@pytest.mark.parametrize("typed", ["minist*", "minister~1", '"the ministers"'])
def test_what_is_meant_as_it_is_written_looks_at_no_stems(typed: str) -> None:
    assert "stemmed." not in str(words_clause(typed))
    assert "stemmed.en.text^0.5" in str(words_clause("minister -president"))


def test_of_very_many_words_the_first_count() -> None:
    clauses = words_clause("a " * 400)["bool"]["should"][0]["bool"]["should"]
    assert len(clauses) == MAX_QUERY_WORDS
    assert words_clause("a* " * 400)["simple_query_string"]["query"].split() == ["a*"] * MAX_QUERY_WORDS
