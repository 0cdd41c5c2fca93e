"""Saved objects: builds the JSON of all data views, saved searches and dashboards, as Kibana imports it.

In: the prefix of the indices. Out: saved objects, or one NDJSON file of them. They have the versions of Kibana 8.19 and
9.0: a newer Kibana migrates them, while an older one would refuse newer versions.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from index.kibana import dashboards, data_views
from index.kibana.dashboards import Dashboard, FilterControl
from index.kibana.data_views import DataView, SavedSearch
from index.kibana.lens_columns import kql_query
from index.kibana.panels import Panel, Reference, reference

SavedObject = dict[str, Any]
CORE_VERSION = "8.8.0"
VERSIONS = {"index-pattern": "8.0.0", "search": "10.5.0", "dashboard": "10.2.0"}
COLUMNS_OF_A_DASHBOARD = 48
REFRESH = {"pause": False, "value": dashboards.MINUTE_MS}
SOURCE = "kibanaSavedObjectMeta.searchSourceJSON.index"


def build_saved_objects(prefix: str) -> list[SavedObject]:
    """Builds all data views, saved searches and dashboards, in this order."""
    objects = [_view(each, prefix) for each in data_views.VIEWS]
    objects += [_search(each) for each in data_views.SEARCHES]
    return objects + [_dashboard(each) for each in dashboards.DASHBOARDS]


def build_ndjson(prefix: str) -> bytes:
    """Builds the file that is imported: one object on each line."""
    return b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in build_saved_objects(prefix))


def _object(type_: str, id_: str, attributes: dict[str, Any], references: Sequence[Reference] = ()) -> SavedObject:
    return {
        "id": id_,
        "type": type_,
        "attributes": attributes,
        "references": list(references),
        "managed": False,
        "coreMigrationVersion": CORE_VERSION,
        "typeMigrationVersion": VERSIONS[type_],
    }


def _view(view: DataView, prefix: str) -> SavedObject:
    formats = {name: _link(name) for name in view.links} | {name: _duration() for name in view.durations}
    attributes = {
        "title": prefix + view.alias,
        "name": view.name,
        "timeFieldName": view.time,
        "allowHidden": False,
        "allowNoIndex": True,
        "fields": "[]",
        "sourceFilters": "[]",
        "runtimeFieldMap": "{}",
        "typeMeta": "{}",
        "fieldFormatMap": _json(formats),
        "fieldAttrs": _json({name: {"customLabel": label} for name, label in view.labels.items()}),
    }
    return _object("index-pattern", view.id, attributes)


def _link(field: str) -> dict[str, Any]:
    """Format of a field that is a link. Not with {{value}}, which Kibana escapes, so that the link would be broken."""
    label = "open" if field == "url" else "{{rawValue}}"
    params = {"type": "a", "urlTemplate": "{{rawValue}}", "labelTemplate": label, "openLinkInCurrentTab": False}
    return {"id": "url", "params": params}


def _duration() -> dict[str, Any]:
    params = {"inputFormat": "seconds", "outputFormat": "humanizePrecise", "outputPrecision": 1, "useShortSuffix": True}
    return {"id": "duration", "params": params}


def _search(saved: SavedSearch) -> SavedObject:
    source = {
        "query": kql_query(saved.kql),
        "filter": [],
        "highlightAll": True,
        "version": True,
        "indexRefName": SOURCE,
    }
    attributes = {
        "title": saved.title,
        "description": saved.description,
        "columns": list(saved.columns),
        "sort": [list(saved.sort)],
        "grid": {"columns": {name: {"width": width} for name, width in saved.columns.items()}},
        "rowHeight": 2,
        "rowsPerPage": 50,
        "hideChart": True,
        "viewMode": "documents",
        "isTextBasedQuery": False,
        "usesAdHocDataView": False,
        "timeRestore": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": _json(source)},
    }
    return _object("search", saved.id, attributes, [reference(SOURCE, "index-pattern", saved.view)])


def _dashboard(dashboard: Dashboard) -> SavedObject:
    panels = [_panel(panel, place) for panel, place in _layout(dashboard.rows)]
    references = [each for panel, place in _layout(dashboard.rows) for each in _dashboard_references(panel, place["i"])]
    references += [reference(f"controlGroup_c{n}:optionsListDataView", "index-pattern", each.view)
                   for n, each in enumerate(dashboard.controls)]  # fmt: skip
    attributes = {
        "title": dashboard.title,
        "description": dashboard.description,
        "version": 1,
        "timeRestore": True,
        "timeFrom": dashboard.span,
        "timeTo": "now",
        "refreshInterval": REFRESH,
        "panelsJSON": _json(panels),
        "optionsJSON": _json({"useMargins": True, "syncColors": True, "syncCursor": True, "hidePanelTitles": False}),
        "kibanaSavedObjectMeta": {"searchSourceJSON": _json({"query": kql_query(), "filter": []})},
        "controlGroupInput": _controls(dashboard.controls),
    }
    return _object("dashboard", dashboard.id, attributes, references)


def _layout(rows: Sequence[Sequence[Panel]]) -> Iterator[tuple[Panel, dict[str, Any]]]:
    """Yields each panel with its position; `i` is its name on the dashboard."""
    heights = [max(panel.height for panel in row) for row in rows]
    for at, (row, y) in enumerate(zip(rows, accumulate(heights, initial=0), strict=False)):
        width = COLUMNS_OF_A_DASHBOARD // len(row)
        for n, panel in enumerate(row):
            yield panel, {"x": n * width, "y": y, "w": width, "h": heights[at], "i": f"p{at}-{n}"}


def _panel(panel: Panel, place: dict[str, Any]) -> dict[str, Any]:
    shown = {"panelRefName": f"panel_{place['i']}"} if panel.by_reference else {}
    own = {"type": panel.type, "panelIndex": place["i"], "gridData": place, "title": panel.title}
    return {**own, "embeddableConfig": panel.config, **shown}


def _dashboard_references(panel: Panel, name: str) -> Iterator[Reference]:
    """The references that the dashboard must hold for a panel; Kibana drops one that only the panel holds."""
    if panel.by_reference:
        yield reference(f"{name}:panel_{name}", *panel.by_reference)
    for each in panel.references:
        yield {**each, "name": f"{name}:{each['name']}"}


def _controls(controls: Sequence[FilterControl]) -> dict[str, Any]:
    panels = {
        f"c{n}": {
            "order": n,
            "width": "medium",
            "grow": True,
            "type": "optionsListControl",
            "explicitInput": {
                "id": f"c{n}",
                "fieldName": each.field,
                "title": each.title,
                "searchTechnique": "prefix",
                "selectedOptions": [],
                "sort": {"by": "_count", "direction": "desc"},
            },
        }
        for n, each in enumerate(controls)
    }
    heeded = {"ignoreFilters": False, "ignoreQuery": False, "ignoreTimerange": False, "ignoreValidations": False}
    return {
        "controlStyle": "oneLine",
        "chainingSystem": "HIERARCHICAL",
        "showApplySelections": False,
        "ignoreParentSettingsJSON": _json(heeded),
        "panelsJSON": _json(panels),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
