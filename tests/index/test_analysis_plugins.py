"""What a server has no plugin for is left out and named; an index that was made with older analyzers goes on."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from index import mapping, write
from index.analysis_plugins import (
    COMPONENTS,
    PLAIN_ANALYZERS,
    describe_missing_plugins,
    find_missing_plugins,
    with_known_analyzers,
    without_plugins,
)
from index.client import connect
from index.searching import article_search
from pipeline.settings import Settings
from tests.index.samples import enriched

ANALYSIS: dict[str, Any] = json.loads(
    (mapping.TEMPLATE_FOLDER / "component_templates" / "analysis.json").read_text(encoding="utf-8")
)["template"]["settings"]["analysis"]
ARTICLES: dict[str, Any] = json.loads(
    (mapping.TEMPLATE_FOLDER / "index_templates" / "articles.json").read_text(encoding="utf-8")
)["template"]["mappings"]["properties"]


def text_fields(properties: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for field in properties.values():
        yield from text_fields(field.get("properties", {}))
        if field.get("type") == "text":
            yield field


def named(definitions: Any) -> set[str]:
    """Every string in there."""
    if isinstance(definitions, dict):
        return {name for each in definitions.values() for name in named(each)}
    if isinstance(definitions, list):
        return {name for each in definitions for name in named(each)}
    return {definitions} if isinstance(definitions, str) else set()


def test_every_component_is_named_by_some_analyzer_and_every_field_has_an_analyzer() -> None:
    assert frozenset().union(*COMPONENTS.values()) <= named(ANALYSIS)
    used = {field[key] for field in text_fields(ARTICLES) for key in PLAIN_ANALYZERS if key in field}
    assert used == ANALYSIS["analyzer"].keys()


def test_with_every_plugin_nothing_changes() -> None:
    assert without_plugins(ANALYSIS, frozenset()) == ANALYSIS
    assert with_known_analyzers(ARTICLES, ANALYSIS["analyzer"]) == ARTICLES
    assert describe_missing_plugins(frozenset()) == []


@pytest.mark.parametrize(
    ("plugin", "worse"),
    [
        ("analysis-icu", {"news_words", "news_zh"}),
        ("analysis-kuromoji", {"news_ja"}),
        ("analysis-nori", {"news_ko"}),
        ("analysis-stempel", {"news_pl"}),
        ("analysis-ukrainian", {"news_uk"}),
    ],
)
def test_without_a_plugin_its_languages_are_searched_as_they_are_written(plugin: str, worse: set[str]) -> None:
    left = without_plugins(ANALYSIS, {plugin})
    assert not named(left) & COMPONENTS[plugin]
    assert ANALYSIS["analyzer"].keys() - left["analyzer"].keys() == worse
    fields = with_known_analyzers(ARTICLES, left["analyzer"])
    changed = [new for old, new in zip(text_fields(ARTICLES), text_fields(fields), strict=True) if old != new]
    assert changed
    assert all({key: each[key] for key in PLAIN_ANALYZERS} == PLAIN_ANALYZERS for each in changed)
    [line] = describe_missing_plugins({plugin})
    assert line.startswith(f"Elasticsearch has no plugin {plugin}: ")


@pytest.mark.stack
def test_a_server_without_any_plugin_takes_what_is_left_and_finds(options: Settings) -> None:
    """The embedded server has them all: what a bare one would be given is given to it by hand."""
    analysis = without_plugins(ANALYSIS, COMPONENTS)
    fields = with_known_analyzers(ARTICLES, analysis["analyzer"])
    there = options.elasticsearch
    with connect(there) as client:
        assert find_missing_plugins(client) == frozenset()
        client.indices.create(
            index=f"{there.prefix}-articles-2026.10",
            settings={"number_of_replicas": 0, "analysis": analysis},
            mappings={"dynamic": "strict", "properties": fields, "_source": {"excludes": ["stemmed"]}},
            aliases={there.prefix: {}},
        )
    check_found_and_named(options, "ja", "東京都知事が会見した", "東京都知事")


@pytest.mark.stack
def test_an_index_of_an_older_program_goes_on_and_is_named(options: Settings) -> None:
    there = options.elasticsearch
    plain = {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "asciifolding"]}
    old = {name: {"type": "text", **PLAIN_ANALYZERS} for name in ("title", "summary", "text", "alternative_titles")}
    with connect(there) as client:
        client.indices.create(
            index=f"{there.prefix}-articles-2026.10",
            settings={"analysis": {"analyzer": dict.fromkeys(PLAIN_ANALYZERS.values(), plain),
                                   "normalizer": {"news_folded": {"type": "custom", "filter": ["lowercase"]}}}},
            mappings={"dynamic": "strict", "properties": old, "_source": {"excludes": ["stemmed"]}},
            aliases={there.prefix: {}},
        )  # fmt: skip
    check_found_and_named(options, "pl", "Powódź w Krakowie", "krakowie")


def check_found_and_named(options: Settings, language: str, title: str, typed: str) -> None:
    there = options.elasticsearch
    mapping.install(there)
    write.stage(there).handle([enriched("a", language=language, title=title)])
    article_search.refresh(there)
    assert [hit.article.id for hit in article_search.search(there, typed).hits] == ["a"]
    [line] = mapping.describe_shortcomings(there)
    assert line.startswith(f"{there.prefix}-articles-2026.10 cuts words as it did when it was made")


@pytest.mark.stack
def test_a_new_index_has_no_shortcomings(options: Settings) -> None:
    there = options.elasticsearch
    mapping.install(there)
    write.stage(there).handle([enriched("a")])
    assert mapping.describe_shortcomings(there) == []
