"""Lens columns: builds the columns of a Lens chart: metrics (what is computed) and buckets (what it is divided by).

In: a field and a label. Out: a column as Kibana's Lens defines it.
"""

from collections.abc import Mapping
from typing import Any

Column = dict[str, Any]


def count(label: str = "Articles", kql: str = "") -> Column:
    """Metric: the number of documents; `kql` filters them."""
    return _metric(label, "count", "___records___", kql, {"emptyAsNull": True})


def unique(field: str, label: str, kql: str = "") -> Column:
    """Metric: the number of different values; `kql` filters documents."""
    return _metric(label, "unique_count", field, kql, {"emptyAsNull": True})


def maximum(field: str, label: str) -> Column:
    """Metric: the largest value."""
    return _metric(label, "max", field, "", {"emptyAsNull": True})


def average(field: str, label: str) -> Column:
    """Metric: the mean."""
    return _metric(label, "average", field, "", {"emptyAsNull": True})


def total(field: str, label: str) -> Column:
    """Metric: the sum."""
    return _metric(label, "sum", field, "", {"emptyAsNull": True})


def percentile(field: str, percent: int, label: str) -> Column:
    """Metric: the value that `percent` percent of the values do not exceed."""
    return _metric(label, "percentile", field, "", {"percentile": percent})


def top_values(field: str, label: str, size: int = 10, *, by: str = "m", others: bool = False) -> Column:
    """Bucket for each of the `size` values with most of the column named `by`; `others` adds one for the rest."""
    params = {
        "size": size,
        "orderBy": {"type": "column", "columnId": by},
        "orderDirection": "desc",
        "otherBucket": others,
        "missingBucket": False,
        "parentFormat": {"id": "terms"},
        "include": [],
        "exclude": [],
        "includeIsRegex": False,
        "excludeIsRegex": False,
    }
    return _bucket(label, "terms", field, "string", "ordinal", params)


def over_time(field: str, label: str = "Time") -> Column:
    """Bucket for each interval of time; Kibana chooses the interval by the span that is shown."""
    params = {"interval": "auto", "includeEmptyRows": True, "dropPartials": False}
    return _bucket(label, "date_histogram", field, "date", "interval", params)


def query_buckets(label: str, kql: Mapping[str, str]) -> Column:
    """Bucket for each query: label -> query in Kibana's query language."""
    filters = [{"label": name, "input": kql_query(text)} for name, text in kql.items()]
    column = _bucket(label, "filters", "", "string", "ordinal", {"filters": filters})
    del column["sourceField"]
    return column


def kql_query(kql: str = "") -> dict[str, str]:
    """A query in Kibana's query language (KQL), as saved objects hold it."""
    return {"query": kql, "language": "kuery"}


def _metric(label: str, operation: str, field: str, kql: str, params: dict[str, Any]) -> Column:
    column = {
        "label": label,
        "customLabel": True,
        "dataType": "number",
        "operationType": operation,
        "isBucketed": False,
        "scale": "ratio",
        "sourceField": field,
        "params": params,
    }
    return column | ({"filter": kql_query(kql)} if kql else {})


def _bucket(label: str, operation: str, field: str, data: str, scale: str, params: dict[str, Any]) -> Column:
    return {
        "label": label,
        "customLabel": True,
        "dataType": data,
        "operationType": operation,
        "isBucketed": True,
        "scale": scale,
        "sourceField": field,
        "params": params,
    }
