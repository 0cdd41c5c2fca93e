"""Panels as the requests that Kibana makes for them: in: the objects; out: for each panel what is asked of which alias.

After Kibana's own translation (lens operations -> aggregations), for the operations that the objects use. Equivalent to
what Kibana sends, not equal byte by byte.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]
CLAUSE = re.compile(r"(?P<no>not )?(?P<field>[\w.]+)\s*(?P<is>:|>=|<=|>|<)\s*(?P<value>\S+)")
RANGES = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
METRICS = {"unique_count": "cardinality", "sum": "sum", "average": "avg", "max": "max"}


@dataclass(frozen=True, slots=True)
class Request:
    """A search that a panel makes; `hits` where it shows documents, and not counts."""

    panel: str
    index: str
    body: dict[str, Any]
    hits: bool = False


def requests(objects: list[Object], since: str) -> Iterator[Request]:
    """Everything that the dashboards ask for the time from `since` to now, their lists of choices included."""
    known = {each["id"]: each for each in objects}
    for dashboard in (each for each in objects if each["type"] == "dashboard"):
        attributes = dashboard["attributes"]
        outer = {each["name"]: each["id"] for each in dashboard["references"]}
        for panel in json.loads(attributes["panelsJSON"]):
            name = f"{attributes['title']}: {panel['title']}"
            yield from _panel(name, panel, outer, known, since)
        for key, control in json.loads(attributes["controlGroupInput"]["panelsJSON"]).items():
            view = known[outer[f"controlGroup_{key}:optionsListDataView"]]
            field = control["explicitInput"]["fieldName"]
            aggs = {"a": {"terms": {"field": field, "size": 10}}, "n": {"cardinality": {"field": field}}}
            yield _request(f"{attributes['title']}: choose {field}", view, since, [], aggs)


def _panel(name: str, panel: Object, outer: dict[str, str], known: dict[str, Object], since: str) -> Iterator[Request]:
    at = panel["panelIndex"]
    if panel["type"] == "search":
        yield _rows(name, known[outer[f"{at}:{panel['panelRefName']}"]], known, since)
        return
    attributes = panel["embeddableConfig"]["attributes"]
    inner = {each["name"]: each["id"] for each in attributes["references"]}
    if panel["type"] == "map":
        source = json.loads(attributes["layerListJSON"])[1]["sourceDescriptor"]
        grid = {"geotile_grid": {"field": source["geoField"], "precision": 4}}
        centre = {"c": {"geo_centroid": {"field": source["geoField"]}}}
        yield _request(name, known[inner[source["indexPatternRefName"]]], since, [], {"a": {**grid, "aggs": centre}})
        return
    for layer_id, layer in attributes["state"]["datasourceStates"]["formBased"]["layers"].items():
        view = known[inner[f"indexpattern-datasource-layer-{layer_id}"]]
        chosen = kuery(attributes["state"]["query"]["query"])
        yield _request(name, view, since, chosen, _levels(layer["columnOrder"], layer["columns"]))


def _rows(name: str, search: Object, known: dict[str, Object], since: str) -> Request:
    source = json.loads(search["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    view = known[search["references"][0]["id"]]
    asked = _request(name, view, since, kuery(source["query"]["query"]), {})
    sort = [{field: {"order": way, "unmapped_type": "boolean"}} for field, way in search["attributes"]["sort"]]
    fields = [{"field": each} for each in search["attributes"]["columns"]]
    return Request(name, asked.index, {**asked.body, "size": 50, "sort": sort, "fields": fields}, hits=True)


def _request(name: str, view: Object, since: str, chosen: list[Object], aggs: Object) -> Request:
    span = {"range": {view["attributes"]["timeFieldName"]: {"gte": since, "lte": "now"}}}
    body = {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": [span, *chosen]}}, "aggs": aggs}
    return Request(name, view["attributes"]["title"], body)


def _levels(order: list[str], columns: dict[str, Any]) -> Object:
    """Buckets within buckets, the metrics in the innermost, and those that a bucket is ordered by beside it."""
    buckets = [name for name in order if columns[name]["isBucketed"]]
    metrics = {name: _metric(columns[name]) for name in order if not columns[name]["isBucketed"]}
    below: Object = {name: agg for name, agg in metrics.items() if agg}
    for name in reversed(buckets):
        own = {name: _bucket(columns[name], metrics) | ({"aggs": below} if below else {})}
        below = {**own, **(metrics if name != buckets[0] else {})}
        below = {key: agg for key, agg in below.items() if agg}
    return below


def _bucket(column: Object, metrics: dict[str, Object]) -> Object:
    params, operation = column["params"], column["operationType"]
    if operation == "terms":
        by = params["orderBy"]["columnId"]
        order = {by if metrics.get(by) else "_count": params["orderDirection"]}
        return {"terms": {"field": column["sourceField"], "size": params["size"], "order": order}}
    if operation == "date_histogram":
        return {"date_histogram": {"field": column["sourceField"], "fixed_interval": "30m", "min_doc_count": 0}}
    cases = {each["label"]: {"bool": {"filter": kuery(each["input"]["query"])}} for each in params["filters"]}
    return {"filters": {"filters": cases}}


def _metric(column: Object) -> Object:
    """Empty for the number of documents, which comes by itself."""
    operation, field = column["operationType"], column["sourceField"]
    if operation == "percentile":
        return {"percentiles": {"field": field, "percents": [column["params"]["percentile"]]}}
    own = {METRICS[operation]: {"field": field}} if operation in METRICS else {}
    if "filter" in column:
        return {
            "filter": {"bool": {"filter": kuery(column["filter"]["query"])}},
            **({"aggs": {"v": own}} if own else {}),
        }
    return own


def kuery(text: str) -> list[Object]:
    """A query in Kibana's language as filters: `[not] field: value`, `field > value`, joined by `and`."""
    clauses = [part.strip() for part in text.split(" and ")] if text else []
    return [_clause(part) for part in clauses]


def _clause(text: str) -> Object:
    found = CLAUSE.fullmatch(text)
    if not found:
        raise ValueError(f"not a query that can be replayed: {text}")
    field, value = found["field"], found["value"]
    if found["is"] in RANGES:
        made: Object = {"range": {field: {RANGES[found["is"]]: value}}}
    else:
        made = {"exists": {"field": field}} if value == "*" else {"match": {field: value}}
    return {"bool": {"must_not": [made]}} if found["no"] else made
