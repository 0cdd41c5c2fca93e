"""The embedded node has the filters that index templates name, and refuses what it would do differently."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from embedded.stack import Stack

pytestmark = pytest.mark.stack


def ask(stack: Stack, method: str, path: str, body: object = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", stack.elasticsearch.port, timeout=30)
    try:
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def tokens(stack: Stack, text: str, *filters: object) -> list[str]:
    body = {"tokenizer": "standard", "filter": ["lowercase", *filters], "text": text}
    status, answer = ask(stack, "POST", "/_analyze", body)
    assert status == 200, answer
    return [token["token"] for token in answer["tokens"]]


def test_a_wrong_index_name_is_an_error(stack: Stack) -> None:
    status, answer = ask(stack, "POST", "/no-such-index/_doc", {"a": 1})
    assert (status, answer["error"]["type"]) == (404, "index_not_found_exception")


def test_filters_without_parameters(stack: Stack) -> None:
    assert tokens(stack, "Türkiye’de Çağrı", "asciifolding") == ["turkiye'de", "cagri"]
    assert tokens(stack, "ministers talking", "porter_stem") == ["minist", "talk"]
    assert tokens(stack, "ministers talking", "stemmer") == ["minist", "talk"]
    assert tokens(stack, "the end of it", "stop") == ["end"]
    assert tokens(stack, "l'avion", "elision") == ["avion"]


def test_filters_with_parameters(stack: Stack) -> None:
    folding = {"type": "asciifolding", "preserve_original": True}
    assert tokens(stack, "Çağrı", folding) == ["cagri", "çağrı"]
    assert tokens(stack, "d'Orsay", {"type": "elision", "articles": ["d"]}) == ["orsay"]
    status, _ = ask(stack, "POST", "/_analyze", {"tokenizer": "standard", "filter": [{"type": "elision"}], "text": "x"})
    assert status == 400


@pytest.mark.parametrize(
    ("language", "words", "stems"),
    [
        ("english", "governments voting", ["govern", "vote"]),
        ("light_english", "governments voting", ["government", "vote"]),
        ("possessive_english", "minister's", ["minister"]),
        ("german", "häuser", ["haus"]),
        ("light_german", "häuser", ["haus"]),
        ("french", "continuellement", ["continuel"]),
        ("light_french", "continuellement", ["continuel"]),
        ("spanish", "elecciones", ["eleccion"]),
        ("light_spanish", "elecciones", ["eleccion"]),
        ("italian", "elezioni", ["elezion"]),
        ("light_italian", "elezioni", ["elezion"]),
        ("portuguese", "eleições", ["eleiçõ"]),
        ("light_portuguese", "eleições", ["eleica"]),
        ("dutch", "verkiezingen", ["verkiez"]),
        ("turkish", "seçimler", ["seçim"]),
        ("russian", "выборы", ["выбор"]),
        ("light_russian", "выборы", ["выбор"]),
    ],
)
def test_stemmers(stack: Stack, language: str, words: str, stems: list[str]) -> None:
    assert tokens(stack, words, {"type": "stemmer", "language": language}) == stems


def test_synonyms_are_read_through_the_filters_before_them(stack: Stack) -> None:
    folding = {"type": "asciifolding", "preserve_original": True}
    synonyms = {"type": "synonym_graph", "synonyms": ["Türkiye, Turkey", "UN => united nations"]}
    assert set(tokens(stack, "türkiye", "asciifolding", synonyms)) == {"turkiye", "turkey"}
    assert set(tokens(stack, "turkey", folding, synonyms)) == {"turkiye", "turkey"}
    assert tokens(stack, "un", synonyms) == ["united", "nations"]
    contracted = {"type": "synonym_graph", "synonyms": ["turkey, türkiye"], "expand": False}
    assert tokens(stack, "türkiye", contracted) == ["turkey"]


def test_a_synonym_that_the_analyzer_removes_is_refused_unless_lenient(stack: Stack) -> None:
    synonyms: dict[str, object] = {"type": "synonym_graph", "synonyms": ["the, la", "uk, britain"]}
    body = {"tokenizer": "standard", "filter": ["lowercase", "stop", synonyms], "text": "uk"}
    status, answer = ask(stack, "POST", "/_analyze", body)
    assert status == 400, answer
    assert set(tokens(stack, "uk", "stop", synonyms | {"lenient": True})) == {"uk", "britain"}


@pytest.mark.parametrize(
    ("definition", "word"),
    [
        ({"type": "stemmer", "language": "klingon"}, "klingon"),
        ({"type": "synonym_graph", "synonyms_path": "list.txt"}, "synonyms_path"),
        ({"type": "synonym_graph", "synonyms": ["a, b"], "format": "wordnet"}, "format"),
        ({"type": "elision", "articles_path": "list.txt"}, "articles_path"),
    ],
)
def test_what_would_work_differently_on_the_full_server_is_refused(
    stack: Stack, definition: dict[str, object], word: str
) -> None:
    status, answer = ask(stack, "POST", "/_analyze", {"tokenizer": "standard", "filter": [definition], "text": "x"})
    assert status == 400
    assert word in json.dumps(answer)


@pytest.fixture
def index(stack: Stack) -> Iterator[str]:
    yield "embedded-filters"
    ask(stack, "DELETE", "/embedded-filters")


def test_an_index_uses_them_by_name(stack: Stack, index: str) -> None:
    analysis = {
        "filter": {"names": {"type": "synonym_graph", "synonyms": ["türkiye, turkey"]}},
        "analyzer": {
            "text": {"tokenizer": "standard", "filter": ["lowercase", "asciifolding", "porter_stem"]},
            "query": {"tokenizer": "standard", "filter": ["lowercase", "asciifolding", "names", "porter_stem"]},
        },
        "normalizer": {"plain": {"type": "custom", "filter": ["lowercase", "asciifolding"]}},
    }
    fields = {
        "body": {"type": "text", "analyzer": "text", "search_analyzer": "query"},
        "english": {"type": "text", "analyzer": "english"},
        "source": {"type": "keyword", "normalizer": "plain"},
    }
    settings = {"number_of_replicas": 0, "analysis": analysis}
    assert ask(stack, "PUT", f"/{index}", {"settings": settings, "mappings": {"properties": fields}})[0] == 200
    document = {"body": "Türkiye'yi ziyaret etti; visits to Türkiye", "english": "talking", "source": "Le Café"}
    assert ask(stack, "PUT", f"/{index}/_doc/1?refresh=true", document)[0] == 201
    for query in ({"body": "visited turkey"}, {"english": "talks"}, {"source": "le cafe"}):
        status, answer = ask(stack, "POST", f"/{index}/_search", {"query": {"match": query}})
        assert (status, answer["hits"]["total"]["value"]) == (200, 1), query
