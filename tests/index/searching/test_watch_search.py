"""Which of many saved searches find which articles: on the real server, over a few invented articles."""

import pytest

from index import mapping, write
from index.searching.query import Filters, SearchRequest
from index.searching.watch_search import SEARCHES_AT_A_TIME, WatchSearcher
from pipeline.settings import Settings
from tests.index.samples import enriched

pytestmark = pytest.mark.stack

HARBOUR = SearchRequest(query_text="harbour")
TOO_MANY = SearchRequest(query_text="", filters=Filters(stories=tuple(map(str, range(65_537)))))  # terms of one clause


@pytest.fixture
def filled(options: Settings) -> Settings:
    mapping.install(options.elasticsearch)
    articles = [enriched("a"), enriched("b", title="A match", text="It was a draw.", language="de"), enriched("c")]
    write.stage(options.elasticsearch).handle(articles)
    return options


def pairs(options: Settings, searches: dict[str, SearchRequest], ids: list[str]) -> set[tuple[str, str]]:
    with WatchSearcher(options.elasticsearch) as searcher:
        return {(match.search, match.article.id) for match in searcher.find(searches, ids).found}


def test_each_search_finds_its_own_among_the_articles_that_are_asked_about(filled: Settings) -> None:
    searches = {
        "words": HARBOUR,
        "phrase": SearchRequest(query_text='"harbour of velm"'),
        "without": SearchRequest(query_text="harbour -velm"),
        "other": SearchRequest(query_text="draw | nothing", filters=Filters(language="de")),
        "everything": SearchRequest(query_text="", filters=Filters(source="paper.example")),
        "elsewhere": SearchRequest(query_text="harbour", filters=Filters(source="other.example")),
    }
    assert pairs(filled, searches, ["a", "b"]) == {
        *(("words", "a"), ("phrase", "a"), ("other", "b"), ("everything", "a"), ("everything", "b")),
    }


def test_what_is_not_there_and_before_the_first_index_is_nothing(options: Settings) -> None:
    assert pairs(options, {"words": HARBOUR}, ["a"]) == set()
    assert pairs(options, {}, ["a"]) == pairs(options, {"words": HARBOUR}, []) == set()


def test_a_search_that_is_refused_holds_up_no_other(filled: Settings) -> None:
    others = {f"words-{number}": HARBOUR for number in range(SEARCHES_AT_A_TIME + 5)}
    with WatchSearcher(filled.elasticsearch) as searcher:
        found = searcher.find({"wrong": TOO_MANY, **others}, ["a"])
    assert found.refused.keys() == {"wrong"}
    assert {match.search for match in found.found} == others.keys()
