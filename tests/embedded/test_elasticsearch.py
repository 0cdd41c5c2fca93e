"""The embedded node has the filters that index templates name, and refuses what it would do differently."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from embedded import analysis_plugin
from embedded.stack import Stack

pytestmark = pytest.mark.stack


def ask(stack: Stack, method: str, path: str, body: object = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", stack.elasticsearch.port, timeout=30)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Content-Type": "application/json"})
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
        ("arabic", "الكتاب", ["كتاب"]),
        ("bengali", "ব্যাংকের", ["ব্যাংক"]),
        ("greek", "δασκαλοι", ["δασκαλ"]),
        ("hindi", "किताबें", ["किताब"]),
        ("indonesian", "kebakaran", ["bakar"]),
        ("persian", "پزشكان", ["پزشك"]),
        ("turkish", "seçimler", ["seçim"]),
        ("russian", "выборы", ["выбор"]),
        ("light_russian", "выборы", ["выбор"]),
    ],
)
def test_stemmers(stack: Stack, language: str, words: str, stems: list[str]) -> None:
    assert tokens(stack, words, {"type": "stemmer", "language": language}) == stems


def test_normalizations(stack: Stack) -> None:
    assert tokens(stack, "أحمد مدرسة", "arabic_normalization") == ["احمد", "مدرسه"]
    assert tokens(stack, "كتاب کتاب", "persian_normalization") == ["كتاب", "كتاب"]
    assert tokens(stack, "क़लम हिन्दी", "indic_normalization", "hindi_normalization") == ["कलम", "हिंदि"]
    assert tokens(stack, "München Muenchen", "german_normalization") == ["munchen", "munchen"]
    assert tokens(stack, "ＡＢ ｱﾊﾟ", "cjk_width") == ["ab", "アパ"]
    assert tokens(stack, "Αθήνας", {"type": "lowercase", "language": "greek"}) == ["αθηνασ"]


def test_lower_case_is_that_of_the_language(stack: Stack) -> None:
    body = {"tokenizer": "standard", "filter": [{"type": "lowercase", "language": "turkish"}], "text": "IĞDIR İZMİR"}
    status, answer = ask(stack, "POST", "/_analyze", body)
    assert (status, [token["token"] for token in answer["tokens"]]) == (200, ["ığdır", "izmir"])


def test_pairs_of_characters(stack: Stack) -> None:
    assert tokens(stack, "東京都 Tokyo", "cjk_bigram") == ["東京", "京都", "tokyo"]
    both = {"type": "cjk_bigram", "output_unigrams": True, "ignored_scripts": ["hangul"]}
    assert tokens(stack, "東京 서울", both) == ["東", "東京", "京", "서울"]


@pytest.mark.parametrize(
    ("analyzer", "text", "words"),
    [
        ({"tokenizer": "icu_tokenizer"}, "มีน้ำท่วม 北京大学", ["มี", "น้ำ", "ท่วม", "北京", "大学"]),
        ({"tokenizer": "standard", "filter": ["icu_folding"]}, "Αθήνα שָׁלוֹם", ["αθηνα", "שלום"]),
        (
            {"tokenizer": "standard", "filter": [{"type": "icu_folding", "unicode_set_filter": "[^й]"}]},
            "й ё",
            ["й", "е"],
        ),
        (
            {"tokenizer": "icu_tokenizer", "filter": [{"type": "icu_transform", "id": "Traditional-Simplified"}]},
            "台灣",
            ["台湾"],
        ),
        (
            {
                "tokenizer": {"type": "kuromoji_tokenizer", "mode": "search", "discard_compound_token": True},
                "filter": ["kuromoji_baseform", "kuromoji_part_of_speech", "kuromoji_stemmer"],
            },
            "関西国際空港で遅れた。サーバー",
            ["関西", "国際", "空港", "遅れる", "サーバ"],
        ),
        (
            {"tokenizer": "nori_tokenizer", "filter": ["nori_part_of_speech", "nori_readingform"]},
            "서울에서 大韓民國",
            ["서울", "대한", "민국"],
        ),
        ({"tokenizer": "standard", "filter": ["lowercase", "polish_stem"]}, "rząd rządu", ["rząd", "rząd"]),
        ({"analyzer": "ukrainian"}, "міністри", ["міністр"]),
        (
            {"tokenizer": "standard", "char_filter": [{"type": "mapping", "mappings": ["\\u200C=>\\u0020", "ß=>ss"]}]},
            "می\u200cرود ß",
            ["می", "رود", "ss"],
        ),
    ],
    ids=lambda value: "" if isinstance(value, list | dict) else ascii(value)[:10],
)
def test_what_the_official_plugins_bring(
    stack: Stack, analyzer: dict[str, object], text: str, words: list[str]
) -> None:
    status, answer = ask(stack, "POST", "/_analyze", {**analyzer, "text": text})
    assert status == 200, answer
    assert [token["token"] for token in answer["tokens"]] == words


def test_it_says_that_it_has_the_plugins(stack: Stack) -> None:
    status, answer = ask(stack, "GET", "/_nodes/plugins")
    assert status == 200, answer
    [node] = answer["nodes"].values()
    assert set(analysis_plugin.MODULES) <= {module["name"] for module in node["modules"]}


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
        ({"type": "lowercase", "language": "klingon"}, "klingon"),
        ({"type": "icu_transform", "id": "Null", "dir": "reverse"}, "dir"),
        ({"type": "kuromoji_part_of_speech", "stoptags": ["x"]}, "stoptags"),
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
