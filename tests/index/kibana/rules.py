"""What Kibana demands of a file of objects (read from its source): a line for each breach."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.index.kibana import lens_rules
from tests.index.kibana.fields import NUMBERS, VALUES, Fields

Object = dict[str, Any]
VERSIONS = {"index-pattern": "8.0.0", "search": "10.5.0", "dashboard": "10.2.0"}
KEYS = {"id", "type", "attributes", "references", "managed", "coreMigrationVersion", "typeMigrationVersion"}
META = "kibanaSavedObjectMeta"
ATTRIBUTES = {
    "index-pattern": {
        *("title", "name", "timeFieldName", "allowHidden", "allowNoIndex", "fields", "fieldFormatMap", "fieldAttrs"),
        *("sourceFilters", "runtimeFieldMap", "typeMeta"),
    },
    "search": {
        *("title", "description", "columns", "sort", "grid", "rowHeight", "rowsPerPage", "hideChart", "viewMode", META),
        *("isTextBasedQuery", "usesAdHocDataView", "timeRestore"),
    },
    "dashboard": {
        *("title", "description", "version", "timeRestore", "timeFrom", "timeTo", "refreshInterval", "optionsJSON"),
        *("panelsJSON", "controlGroupInput", META),
    },
}
MOST_BYTES, MOST_OBJECTS = 25 * 1024 * 1024, 10_000
WIDTH = 48


def breaches(file: bytes, prefix: str) -> list[str]:
    """In no special order; empty when Kibana takes and shows everything."""
    objects = [json.loads(line) for line in file.decode("utf-8").splitlines()]
    found = list(_file(file, objects))
    for each in objects:
        found += [f"{each.get('type')} {each.get('id')}: {told}" for told in _object(each)]
    if found:
        return found
    known = {(each["type"], each["id"]): each for each in objects}
    views = {each["id"]: _fields(each, prefix) for each in objects if each["type"] == "index-pattern"}
    for each in objects:
        found += [f"{each['type']} {each['id']}: {told}" for told in _content(each, known, views)]
    return found


def _file(file: bytes, objects: list[Object]) -> Iterator[str]:
    if len(file) > MOST_BYTES or len(objects) > MOST_OBJECTS:
        yield "IMPORT-SIZE"
    if b"\r" in file or not file.endswith(b"\n") or b"\n\n" in file:
        yield "NDJSON"
    twice = Counter((each.get("type"), each.get("id")) for each in objects)
    yield from (f"DUPLICATE {each}" for each, count in twice.items() if count > 1)


def _object(each: Object) -> Iterator[str]:
    if set(each) != KEYS or each["managed"] is not False:
        yield f"SHAPE {sorted(set(each) ^ KEYS)}"
        return
    if each["type"] not in VERSIONS:
        yield "TYPE"
        return
    if (each["coreMigrationVersion"], each["typeMigrationVersion"]) != ("8.8.0", VERSIONS[each["type"]]):
        yield "VERSION"
    if not each["attributes"].get("title"):
        yield "TITLE"
    if set(each["attributes"]) != ATTRIBUTES[each["type"]]:
        yield f"ATTR-UNKNOWN {sorted(set(each['attributes']) ^ ATTRIBUTES[each['type']])}"
    yield from _strings(each["attributes"])
    yield from _references(each["references"])


def _strings(node: Any, name: str = "") -> Iterator[str]:
    """What is JSON in a string, and is none, or is the thing itself."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _strings(value, key)
    as_string = name.endswith("JSON") or name in {"fields", "fieldFormatMap", "fieldAttrs", "runtimeFieldMap"}
    if as_string:
        try:
            json.loads(node)
        except (TypeError, ValueError):
            yield f"JSON-STRING {name}"


def _references(references: list[dict[str, str]]) -> Iterator[str]:
    names = Counter(each.get("name") for each in references)
    yield from (f"REF-DUP {name}" for name, count in names.items() if count > 1)
    yield from ("REF-SHAPE" for each in references if set(each) != {"name", "type", "id"})


def _fields(view: Object, prefix: str) -> Fields:
    return Fields(view["attributes"]["title"].removeprefix(prefix).removeprefix("-") or "articles")


Known = dict[tuple[str, str], Object]


def _content(each: Object, known: Known, views: dict[str, Fields]) -> Iterator[str]:
    for told in each["references"]:
        if (told["type"], told["id"]) not in known:
            yield f"REF-MISSING {told}"
            return
    if each["type"] == "index-pattern":
        yield from _view(each["attributes"], views[each["id"]])
    elif each["type"] == "search":
        yield from _search(each, views)
    else:
        yield from _dashboard(each, views)


def _view(attributes: dict[str, Any], fields: Fields) -> Iterator[str]:
    if told := fields.why_not(attributes["timeFieldName"], {"date"}):
        yield f"TIME-FIELD {told}"
    if attributes["fields"] != "[]":
        yield "FIELDS-CACHE"
    if attributes["runtimeFieldMap"] != "{}":
        yield "RUNTIME"
    formats = json.loads(attributes["fieldFormatMap"])
    for name in {*formats, *json.loads(attributes["fieldAttrs"])}:
        if name not in fields.types:
            yield f"FIELD-MISSING {name}"
    for name, told in formats.items():
        if "{{value}}" in told["params"].get("urlTemplate", ""):
            yield f"FORMAT {name}: an address would be escaped"
        if told["id"] == "duration" and fields.types.get(name) not in NUMBERS:
            yield f"FORMAT {name} is no number"


def _search(each: Object, views: dict[str, Fields]) -> Iterator[str]:
    attributes = each["attributes"]
    source = json.loads(attributes[META]["searchSourceJSON"])
    named = {told["name"]: told["id"] for told in each["references"]}
    if set(named) != {source.get("indexRefName")}:
        yield "SEARCH-SOURCE"
        return
    fields = views[named[source["indexRefName"]]]
    yield from fields.unknown_in(source["query"]["query"])
    for name in {*attributes["columns"], *attributes["grid"]["columns"]} - fields.types.keys():
        yield f"SEARCH column {name}"
    for name, way in attributes["sort"]:
        if way not in ("asc", "desc") or fields.why_not(name, VALUES):
            yield f"SEARCH sort {name}"


def _dashboard(each: Object, views: dict[str, Fields]) -> Iterator[str]:
    attributes = each["attributes"]
    panels = json.loads(attributes["panelsJSON"])
    outer = {told["name"]: told for told in each["references"]}
    used: set[str] = set()
    for panel in panels:
        name = panel["panelIndex"]
        if ("panelRefName" in panel) == ("attributes" in panel["embeddableConfig"]):
            yield f"PANEL {name} must be by value or by reference"
            continue
        inner = lens_rules.references(panel)
        used |= {f"{name}:{told['name']}" for told in inner}
        if any(outer.get(f"{name}:{told['name']}", told)["id"] != told["id"] for told in inner if told["id"]):
            yield f"PANEL-REF {name} leads elsewhere"
        if all(f"{name}:{told['name']}" in outer for told in inner):
            yield from (f"{name}: {told}" for told in lens_rules.breaches(panel, outer, views))
    controls = {f"controlGroup_{key}:optionsListDataView" for key in _controls(attributes)}
    yield from (f"REF-NAME {name}" for name in (used | controls) - outer.keys())
    yield from (f"REF-UNUSED {name}" for name in outer.keys() - used - controls)
    yield from _grid(panels)
    for key, control in _controls(attributes).items():
        told = outer.get(f"controlGroup_{key}:optionsListDataView")
        if told and (why := views[told["id"]].why_not(control["explicitInput"]["fieldName"], {"keyword"})):
            yield f"CONTROL {why}"


def _controls(attributes: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(attributes["controlGroupInput"]["panelsJSON"])
    return found


def _grid(panels: list[dict[str, Any]]) -> Iterator[str]:
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridData"]
        if at["i"] != panel["panelIndex"] or at["x"] + at["w"] > WIDTH or min(at["w"], at["h"]) < 1:
            yield f"GRID {panel['panelIndex']}"
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        if cells & taken:
            yield f"GRID {panel['panelIndex']} covers another"
        taken |= cells
