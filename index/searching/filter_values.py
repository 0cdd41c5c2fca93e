"""Filter values: which sources, languages and countries the index has, for a person whose filter found nothing.

In: settings. Out: values with their numbers of articles, most first.
"""

from collections.abc import Mapping
from typing import Any, Literal

from index.client import call_server, connect
from pipeline import settings

Field = Literal["source", "source_name", "language", "countries"]
MOST_VALUES = 10_000


def count_values(options: settings.Elasticsearch, field: Field, size: int = MOST_VALUES) -> dict[str, int]:
    """The values of a field, with the number of articles that have each, most first. Raises Unavailable."""
    body: dict[str, Any] = {"size": 0, "aggs": {"values": {"terms": {"field": field, "size": size}}}}
    with connect(options) as client:
        answer: Mapping[str, Any] = call_server(
            lambda: client.search(index=options.prefix, body=body, ignore_unavailable=True)
        ).body
    buckets = answer.get("aggregations", {}).get("values", {}).get("buckets", [])
    return {each["key"]: each["doc_count"] for each in buckets}
