"""Suggestions: how a word may go on, and what may have been meant by one that is nowhere.

In: what has been typed. Out: names and sources that have a word beginning so, by their number of articles; or the query
with its words as articles spell them.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from index.client import call_server, connect
from pipeline import settings

# what is suggested -> the field that has it
FIELDS: Mapping[str, str] = {
    "person": "people",
    "organisation": "organisations",
    "place": "places",
    "source": "source_name",
}
OF_EACH = 4
MOST_LETTERS = 40  # of a beginning; longer ones are no help
# what Lucene's regular expressions read as an operator
_OPERATORS = re.compile(r'([.?+*|{}\[\]()"\\#@&<>~^$-])')


class Suggestion(msgspec.Struct, frozen=True):
    """A name, of what it is one (person, organisation, place, source), and how many articles have it."""

    kind: str
    name: str
    articles: int


def suggest_names(options: settings.Elasticsearch, beginning: str) -> list[Suggestion]:
    """The names of which a word begins so (case does not matter), those of most articles first. Raises Unavailable."""
    if not beginning.strip() or len(beginning) > MOST_LETTERS:
        return []
    include = f"(.*[ .'’\\-])?{_any_case(beginning.strip())}.*"
    terms = {kind: {"terms": {"field": field, "size": OF_EACH, "include": include}} for kind, field in FIELDS.items()}
    counted = _ask(options, {"size": 0, "track_total_hits": False, "aggs": terms}).get("aggregations", {})
    found = [
        Suggestion(kind, each["key"], each["doc_count"])
        for kind in FIELDS
        for each in counted.get(kind, {}).get("buckets", ())
    ]
    return sorted(found, key=lambda each: -each.articles)


def suggest_spelling(options: settings.Elasticsearch, words: str) -> str:
    """The words with those that no article has as the most similar word of articles; "" when none is other.

    Raises Unavailable.
    """
    asked = {"text": words, "spelling": {"term": {"field": "text", "suggest_mode": "missing", "size": 1}}}
    entries = _ask(options, {"size": 0, "suggest": asked}).get("suggest", {}).get("spelling", ())
    return respell(words, entries)


def respell(words: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """The words with the first option of each entry in its place; "" when no entry has one. Pure."""
    spelt = words
    for each in sorted(entries, key=lambda each: -each["offset"]):
        if each["options"]:
            start = _from_utf16(words, each["offset"])
            end = _from_utf16(words, each["offset"] + each["length"])
            spelt = spelt[:start] + each["options"][0]["text"] + spelt[end:]
    return spelt if spelt != words else ""


def _from_utf16(text: str, offset: int) -> int:
    """The place in characters of one in UTF-16 units, as Java counts."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * offset].decode("utf-16-le", "ignore"))


def _any_case(text: str) -> str:
    """A regular expression of Lucene for the text in any case."""
    return "".join(f"[{each.lower()}{each.upper()}]" if _has_case(each) else _escaped(each) for each in text)


def _has_case(letter: str) -> bool:
    return letter.isalpha() and len(letter.lower()) == len(letter.upper()) == 1


def _escaped(letter: str) -> str:
    return _OPERATORS.sub(r"\\\1", letter)


def _ask(options: settings.Elasticsearch, body: dict[str, Any]) -> Mapping[str, Any]:
    with connect(options) as client:
        answer = call_server(lambda: client.search(index=options.prefix, body=body, ignore_unavailable=True))
    return dict(answer.body)
