"""Panels: builds the panels of a dashboard.

In: a title, a data view, Lens columns. Out: a `Panel`, without its position. Panels are stored by value, except saved
searches, which are stored by reference: Kibana accepts a panel as one or the other, never as both.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from index.kibana.lens_columns import Column, kql_query

Reference = dict[str, str]
LAYER = "layer"
AXES = {
    "legend": {"isVisible": True, "position": "right"},
    "valueLabels": "hide",
    "fittingFunction": "None",
    "axisTitlesVisibilitySettings": {"x": False, "yLeft": True, "yRight": True},
    "tickLabelsVisibilitySettings": {"x": True, "yLeft": True, "yRight": True},
    "labelsOrientation": {"x": 0, "yLeft": 0, "yRight": 0},
    "gridlinesVisibilitySettings": {"x": True, "yLeft": True, "yRight": True},
}


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel. `config` is its embeddableConfig; `references` have the names that are used inside the panel.

    `by_reference`: type and id of the saved object that it shows. `height` in rows of the dashboard's grid.
    """

    title: str
    type: Literal["lens", "map", "search", "visualization"]
    config: Mapping[str, Any]
    references: tuple[Reference, ...] = ()
    by_reference: tuple[str, str] | None = None
    height: int = field(default=12)


def number(title: str, view: str, column: Column, kql: str = "") -> Panel:
    """A single number."""
    visualization = {"layerId": LAYER, "layerType": "data", "metricAccessor": "m"}
    return replace(_lens(title, view, "lnsMetric", {"m": column}, visualization, kql), height=6)


def bars(title: str, view: str, columns: Mapping[str, Column], kql: str = "", *, horizontal: bool = False) -> Panel:
    """Bar chart of the columns `m...` along column `x`, split by column `s` if there is one."""
    return _axes(title, view, columns, kql, "bar_horizontal" if horizontal else "bar_stacked")


def lines(title: str, view: str, columns: Mapping[str, Column], kql: str = "") -> Panel:
    """Line chart, with the same columns as `bars`."""
    return _axes(title, view, columns, kql, "line")


def pie(title: str, view: str, by: Column, column: Column) -> Panel:
    """Donut chart: the share of each value."""
    layer = {
        "layerId": LAYER,
        "layerType": "data",
        "primaryGroups": ["s"],
        "secondaryGroups": [],
        "metrics": ["m"],
        "numberDisplay": "percent",
        "categoryDisplay": "default",
        "legendDisplay": "default",
        "nestedLegend": False,
    }
    return _lens(title, view, "lnsPie", {"s": by, "m": column}, {"shape": "donut", "layers": [layer]}, "")


def table(title: str, view: str, columns: Mapping[str, Column], kql: str = "") -> Panel:
    """Table with a row for each value of `s`, sorted by `m`; a click on a value filters the dashboard."""
    shown = [{"columnId": name, **({"oneClickFilter": True} if name == "s" else {})} for name in columns]
    visualization = {
        "layerId": LAYER,
        "layerType": "data",
        "columns": shown,
        "sorting": {"columnId": "m", "direction": "desc"},
        "paging": {"size": 10, "enabled": True},
    }
    return replace(_lens(title, view, "lnsDatatable", columns, visualization, kql), height=14)


def saved_search(title: str, id_: str, height: int = 18) -> Panel:
    """The rows of a saved search."""
    return Panel(title, "search", {"enhancements": {}}, by_reference=("search", id_), height=height)


def world_map(title: str, view: str, geo_field: str) -> Panel:
    """A map with the number of documents that name places in each area.

    The base map comes from Elastic's map service, which the reader's browser requests.
    """
    ground = {
        "id": "ground",
        "type": "EMS_VECTOR_TILE",
        "label": "",
        "visible": True,
        "alpha": 1,
        "minZoom": 0,
        "maxZoom": 24,
        "sourceDescriptor": {"type": "EMS_TMS", "isAutoSelect": True},
        "style": {"type": "EMS_VECTOR_TILE", "color": ""},
        "includeInFitToBounds": True,
    }
    attributes = {
        "title": title,
        "description": "",
        "layerListJSON": _json([ground, _grid(title, geo_field)]),
        "mapStateJSON": _json({"zoom": 1.5, "center": {"lon": 10, "lat": 25}, "query": kql_query(), "filters": []}),
        "uiStateJSON": _json({"isLayerTOCOpen": False, "openTOCDetails": []}),
        "references": [reference("layer_1_source_index_pattern", "index-pattern", view)],
    }
    config = {"attributes": attributes, "enhancements": {}, "hiddenLayers": []}
    return Panel(title, "map", config, tuple(attributes["references"]), height=16)  # type: ignore[arg-type]


def _grid(title: str, geo_field: str) -> dict[str, Any]:
    source = {
        "type": "ES_GEO_GRID",
        "id": "grid",
        "geoField": geo_field,
        "requestType": "point",
        "resolution": "COARSE",
        "metrics": [{"type": "count"}],
        "applyGlobalQuery": True,
        "applyGlobalTime": True,
        "applyForceRefresh": True,
        "indexPatternRefName": "layer_1_source_index_pattern",
    }
    size = {"minSize": 6, "maxSize": 32, "field": {"name": "doc_count", "origin": "source"}}
    return {
        "id": "places",
        "type": "GEOJSON_VECTOR",
        "label": title,
        "visible": True,
        "alpha": 0.75,
        "minZoom": 0,
        "maxZoom": 24,
        "sourceDescriptor": source,
        "style": {
            "type": "VECTOR",
            "properties": {"iconSize": {"type": "DYNAMIC", "options": size}},
            "isTimeAware": True,
        },
        "includeInFitToBounds": True,
        "joins": [],
    }


def reference(name: str, type_: str, id_: str) -> Reference:
    """A reference from one saved object to another."""
    return {"name": name, "type": type_, "id": id_}


def _axes(title: str, view: str, columns: Mapping[str, Column], kql: str, series: str) -> Panel:
    layer = {
        "layerId": LAYER,
        "layerType": "data",
        "seriesType": series,
        "xAccessor": "x",
        "accessors": [name for name in columns if name.startswith("m")],
        **({"splitAccessor": "s"} if "s" in columns else {}),
    }
    return _lens(title, view, "lnsXY", columns, {**AXES, "preferredSeriesType": series, "layers": [layer]}, kql)


def _lens(title: str, view: str, kind: str, columns: Mapping[str, Column], shape: dict[str, Any], kql: str) -> Panel:
    # buckets first, and values before time: otherwise the top values would be chosen anew for each interval of time
    order = sorted(columns, key=lambda name: (not columns[name]["isBucketed"], columns[name]["dataType"] == "date"))
    layer = {
        "columns": dict(columns),
        "columnOrder": order,
        "incompleteColumns": {},
        "sampling": 1,
        "ignoreGlobalFilters": False,
    }
    references = [reference(f"indexpattern-datasource-layer-{LAYER}", "index-pattern", view)]
    attributes = {
        "title": title,
        "description": "",
        "type": "lens",
        "visualizationType": kind,
        "references": references,
        "state": {
            "datasourceStates": {"formBased": {"layers": {LAYER: layer}}},
            "visualization": shape,
            "query": kql_query(kql),
            "filters": [],
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }
    return Panel(title, "lens", {"attributes": attributes, "enhancements": {}}, tuple(references))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
