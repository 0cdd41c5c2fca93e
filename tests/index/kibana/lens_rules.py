"""What holds for one panel: its columns, its visualization, its references, its fields."""

import json
from collections.abc import Iterator
from typing import Any

from tests.index.kibana.fields import NUMBERS, VALUES, Fields

Panel = dict[str, Any]
Outer = dict[str, dict[str, str]]
# operation -> types of the fields that it takes
TAKES = {
    "terms": {"keyword", "boolean", *NUMBERS},
    "date_histogram": {"date"},
    "unique_count": VALUES,
    **dict.fromkeys(("sum", "average", "max", "min", "median", "percentile"), NUMBERS),
}
# visualization -> the keys under which it names columns
ACCESSORS = {
    "lnsXY": ("xAccessor", "splitAccessor", "accessors"),
    "lnsPie": ("primaryGroups", "secondaryGroups", "metrics"),
    "lnsMetric": ("metricAccessor",),
    "lnsDatatable": ("columns",),
}
NO_FIELD = {"count": "___records___", "filters": None}


def references(panel: Panel) -> list[dict[str, str]]:
    """What a panel refers to, named as inside of it; of a saved search, its own name."""
    if "panelRefName" in panel:
        return [{"name": panel["panelRefName"], "type": "search", "id": ""}]
    found: list[dict[str, str]] = panel["embeddableConfig"]["attributes"]["references"]
    return found


def breaches(panel: Panel, outer: Outer, views: dict[str, Fields]) -> Iterator[str]:
    """A line for each rule that is broken."""
    name = panel["panelIndex"]
    if "panelRefName" in panel:
        if outer[f"{name}:{panel['panelRefName']}"]["type"] != panel["type"]:
            yield "REF-TYPE"
    elif panel["type"] == "map":
        yield from _map(panel["embeddableConfig"]["attributes"], name, outer, views)
    elif panel["type"] == "lens":
        yield from _lens(panel["embeddableConfig"]["attributes"], name, outer, views)
    else:
        yield f"PANEL type {panel['type']}"


def _map(attributes: dict[str, Any], name: str, outer: Outer, views: dict[str, Fields]) -> Iterator[str]:
    for layer in json.loads(attributes["layerListJSON"]):
        source = layer["sourceDescriptor"]
        if source["type"] == "ES_GEO_GRID":
            view = outer.get(f"{name}:{source['indexPatternRefName']}")
            why = views[view["id"]].why_not(source["geoField"], {"geo_point"}) if view else "no view"
            if why:
                yield f"MAP {why}"


def _lens(attributes: dict[str, Any], name: str, outer: Outer, views: dict[str, Fields]) -> Iterator[str]:
    state = attributes["state"]
    for layer_id, layer in state["datasourceStates"]["formBased"]["layers"].items():
        view = outer.get(f"{name}:indexpattern-datasource-layer-{layer_id}")
        if not view:
            yield f"LENS-LAYER {layer_id} has no data view"
            continue
        fields = views[view["id"]]
        yield from fields.unknown_in(state["query"]["query"])
        yield from _layer(layer, fields)
        yield from _visualization(attributes["visualizationType"], state["visualization"], layer_id, layer)


def _layer(layer: dict[str, Any], fields: Fields) -> Iterator[str]:
    columns, order = layer["columns"], layer["columnOrder"]
    if sorted(order) != sorted(columns) or layer["incompleteColumns"]:
        yield "LENS-LAYER columnOrder names other columns"
    buckets = [columns[name]["isBucketed"] for name in order if name in columns]
    if buckets != sorted(buckets, reverse=True):
        yield "LENS-LAYER buckets must come first"
    operations = [columns[name]["operationType"] for name in order if name in columns]
    if "date_histogram" in operations[:-1] and "terms" in operations[operations.index("date_histogram") :]:
        yield "LENS-LAYER values would be ranked anew in each stretch of time"
    for column in columns.values():
        yield from _column(column, columns, fields)


def _column(column: dict[str, Any], columns: dict[str, Any], fields: Fields) -> Iterator[str]:
    operation, field = column["operationType"], column.get("sourceField")
    if operation in NO_FIELD:
        if field != NO_FIELD[operation]:
            yield f"LENS-COLUMN {operation} of {field}"
    elif operation not in TAKES:
        yield f"LENS-COLUMN {operation}"
    elif why := fields.why_not(str(field), TAKES[operation]):
        yield f"LENS-COLUMN {operation}: {why}"
    scales = {"terms": "ordinal", "filters": "ordinal", "date_histogram": "interval"}
    if column["scale"] != scales.get(operation, "ratio") or column["isBucketed"] != (operation in scales):
        yield f"LENS-COLUMN scale of {operation}"
    by = column["params"].get("orderBy", {}).get("columnId")
    if operation == "terms" and (by not in columns or columns[by]["isBucketed"]):
        yield f"LENS-COLUMN is ordered by {by}"
    for kql in [column.get("filter", {}), *(each["input"] for each in column["params"].get("filters", []))]:
        yield from fields.unknown_in(kql.get("query", ""))


def _visualization(kind: str, shape: dict[str, Any], layer_id: str, layer: dict[str, Any]) -> Iterator[str]:
    if kind not in ACCESSORS:
        yield f"LENS-VIS {kind}"
        return
    named: set[str] = set()
    for part in shape.get("layers", [shape]):
        if part["layerId"] != layer_id or part["layerType"] != "data":
            yield "LENS-VIS is of another layer"
        named |= {column for key in ACCESSORS[kind] if key in part for column in _names(part[key])}
    if named != set(layer["columns"]):
        yield f"LENS-ORPHAN {sorted(named ^ set(layer['columns']))}"


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [each["columnId"] if isinstance(each, dict) else each for each in value]
