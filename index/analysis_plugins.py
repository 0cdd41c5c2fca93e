"""Analysis plugins: fits our analyzers to what a server has, and says which language is searched worse. Pure but for
`find_missing_plugins`.

In: the analysis settings and mappings of config/elasticsearch, and the names of plugins. Out: settings that name
nothing that is missing, mappings that name no analyzer that is missing, and lines for people. A field whose analyzer is
missing takes the analyzers of the words as they are written: its language is found, but not in every form.
"""

from collections.abc import Collection, Mapping
from typing import Any

from elasticsearch import Elasticsearch

from index.client import call_server

# what our analyzers name of each official plugin. The embedded server has modules of the same names
COMPONENTS = {
    "analysis-icu": frozenset({"icu_tokenizer", "icu_folding", "icu_transform"}),
    "analysis-kuromoji": frozenset(
        {"kuromoji_tokenizer", "kuromoji_baseform", "kuromoji_part_of_speech", "kuromoji_stemmer"}
    ),
    "analysis-nori": frozenset({"nori_tokenizer", "nori_part_of_speech", "nori_readingform"}),
    "analysis-stempel": frozenset({"polish_stem"}),
    "analysis-ukrainian": frozenset({"ukrainian"}),
}
CONSEQUENCES = {
    "analysis-icu": "Thai, Lao, Khmer and Burmese are found by whole runs of letters only, Chinese by pairs of "
    "characters; accents and marks count in Greek, Cyrillic, Hebrew and Arabic letters",
    "analysis-kuromoji": "Japanese is found by pairs of characters, and not by other forms of a word",
    "analysis-nori": "Korean is found by pairs of characters, and not by other forms of a word",
    "analysis-stempel": "Polish is found as it is written, and not by other forms of a word",
    "analysis-ukrainian": "Ukrainian is found as it is written, and not by other forms of a word",
}
# without ICU: the folding of Latin letters, which every server has
_FOLDING_WITHOUT_ICU = {"type": "asciifolding"}
# the analyzers of words as they are written, which every index of ours has
PLAIN_ANALYZERS = {
    "analyzer": "news_folded",
    "search_analyzer": "news_folded_search",
    "search_quote_analyzer": "news_folded_exact",
}


def find_missing_plugins(client: Elasticsearch) -> frozenset[str]:
    """Asks which of the plugins some node of the cluster has not. Raises Unavailable."""
    nodes = call_server(lambda: client.nodes.info(metric="plugins"))["nodes"].values()
    there = [{each["name"] for kind in ("plugins", "modules") for each in node.get(kind, ())} for node in nodes]
    return frozenset(plugin for plugin in COMPONENTS if not all(plugin in names for names in there))


def describe_missing_plugins(missing: Collection[str]) -> list[str]:
    """A line for each missing plugin: which languages are worse off, and how."""
    return [f"Elasticsearch has no plugin {plugin}: {CONSEQUENCES[plugin]}" for plugin in sorted(missing)]


def without_plugins(analysis: Mapping[str, Any], missing: Collection[str]) -> dict[str, Any]:
    """The analysis settings without what needs a missing plugin: folding is replaced, an analyzer is left out."""
    gone = frozenset[str]().union(*(COMPONENTS[plugin] for plugin in missing))
    folding = {
        name: _FOLDING_WITHOUT_ICU
        for name, each in analysis.get("filter", {}).items()
        if each.get("type") == "icu_folding" and "icu_folding" in gone
    }
    parts = {kind: _without_types(analysis.get(kind, {}), gone) for kind in ("filter", "tokenizer")}
    parts["filter"] |= folding
    defined = {name for kind in ("filter", "tokenizer") for name in analysis.get(kind, {})}
    unknown = gone | (defined - parts["filter"].keys() - parts["tokenizer"].keys())
    kept = {name: each for name, each in analysis.get("analyzer", {}).items() if not _names_of(each) & unknown}
    return {**analysis, **parts, "analyzer": kept}


def _without_types(definitions: Mapping[str, Any], gone: Collection[str]) -> dict[str, Any]:
    return {name: each for name, each in definitions.items() if each.get("type") not in gone}


def _names_of(analyzer: Mapping[str, Any]) -> frozenset[str]:
    return frozenset({analyzer.get("type"), analyzer.get("tokenizer"), *analyzer.get("filter", ())})


def with_known_analyzers(properties: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """The properties of a mapping, where a field whose analyzer is not among the known has the plain ones."""
    return {name: _with_known_analyzer(field, known) for name, field in properties.items()}


def _with_known_analyzer(field: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    if "properties" in field:
        return {**field, "properties": with_known_analyzers(field["properties"], known)}
    named = {field[key] for key in PLAIN_ANALYZERS if key in field}
    return {**field, **PLAIN_ANALYZERS} if named - set(known) else dict(field)
