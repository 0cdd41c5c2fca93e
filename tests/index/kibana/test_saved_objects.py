"""Kibana would take and show every object; and each rule notices its breach."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from index.kibana import dashboards, saved_objects
from tests.index.kibana.rules import breaches

Objects = list[dict[str, Any]]
ROOM = "newsloom-newsroom"


def test_no_rule_is_broken() -> None:
    assert breaches(saved_objects.build_ndjson("news"), "news") == []
    assert breaches(saved_objects.build_ndjson("zeitung"), "zeitung") == []


def test_there_are_three_dashboards_and_what_they_show() -> None:
    titles = {each.title: [panel.title for row in each.rows for panel in row] for each in dashboards.DASHBOARDS}
    assert set(titles) == {"Newsroom", "Stories", "Pipeline"}
    assert {"People", "Organisations", "Countries", "Where", "Top stories", "Language"} <= set(titles["Newsroom"])


def found(all_: Objects, id_: str) -> dict[str, Any]:
    return next(each for each in all_ if each["id"] == id_)


def attributes(id_: str, **changes: Any) -> Callable[[Objects], None]:
    return lambda all_: found(all_, id_)["attributes"].update(changes)


def panel(title: str, change: Callable[[dict[str, Any]], Any]) -> Callable[[Objects], None]:
    """Changes one panel of the newsroom, as it is within its string."""

    def work(all_: Objects) -> None:
        told = found(all_, ROOM)["attributes"]
        panels = json.loads(told["panelsJSON"])
        change(next(each for each in panels if each["title"] == title))
        told["panelsJSON"] = json.dumps(panels)

    return work


def column(title: str, name: str, **changes: Any) -> Callable[[Objects], None]:
    return panel(title, lambda each: layer(each)["columns"][name].update(changes))


def layer(each: dict[str, Any]) -> dict[str, Any]:
    state = each["embeddableConfig"]["attributes"]["state"]
    told: dict[str, Any] = state["datasourceStates"]["formBased"]["layers"]["layer"]
    return told


def references(change: Callable[[list[dict[str, str]]], Any]) -> Callable[[Objects], None]:
    return lambda all_: change(found(all_, ROOM)["references"])


def map_field(each: dict[str, Any]) -> None:
    told = each["embeddableConfig"]["attributes"]
    told["layerListJSON"] = told["layerListJSON"].replace("located.point", "located.name")


WRONG: dict[str, tuple[str, Callable[[Objects], Any]]] = {
    "twice": ("DUPLICATE", lambda all_: all_.append(all_[0])),
    "export's own keys": ("SHAPE", lambda all_: all_[0].update(updated_at="2026-11-23")),
    "no version": ("SHAPE", lambda all_: all_[0].pop("typeMigrationVersion")),
    "of a newer Kibana": ("VERSION", lambda all_: all_[0].update(typeMigrationVersion="99.0.0")),
    "unknown type": ("TYPE", lambda all_: all_[0].update(type="dashboards")),
    "no title": ("TITLE", attributes(ROOM, title="")),
    "tabs": ("ATTR-UNKNOWN", attributes("newsloom-newest", tabs=[])),
    "not a string": ("JSON-STRING", attributes(ROOM, optionsJSON={})),
    "a reference twice": ("REF-DUP", references(lambda all_: all_.append(all_[0]))),
    "nothing there": ("REF-MISSING", references(lambda all_: all_[0].update(id="nothing"))),
    "a reference too many": ("REF-UNUSED", references(lambda all_: all_.append({**all_[0], "name": "other"}))),
    "a reference too few": ("REF-NAME", references(lambda all_: all_.pop(0))),
    "time of no date": ("TIME-FIELD", attributes("newsloom-articles", timeFieldName="title")),
    "escaped link": (
        "FORMAT",
        attributes("newsloom-dead", fieldFormatMap='{"topic":{"id":"url","params":{"urlTemplate":"{{value}}"}}}'),
    ),
    "label of no field": ("FIELD-MISSING", attributes("newsloom-dead", fieldAttrs='{"x":{"customLabel":"X"}}')),
    "fields cached": ("FIELDS-CACHE", attributes("newsloom-dead", fields='[{"name":"x"}]')),
    "runtime fields": ("RUNTIME", attributes("newsloom-dead", runtimeFieldMap='{"x":{}}')),
    "column of no field": ("SEARCH column", attributes("newsloom-newest", columns=["headline"])),
    "sort by text": ("SEARCH sort", attributes("newsloom-newest", sort=[["title", "desc"]])),
    "values of a text": ("FIELD-TYPE", column("People", "s", sourceField="title")),
    "values of a nested field": ("FIELD-NESTED", column("People", "s", sourceField="entities.name")),
    "values of what has none": ("FIELD-AGG", column("People", "s", sourceField="image")),
    "mean of a word": ("FIELD-TYPE", column("Top stories", "m", sourceField="language")),
    "unknown operation": ("LENS-COLUMN last_value", column("People", "m", operationType="last_value")),
    "ordered by nothing": ("LENS-COLUMN is ordered", column("People", "s", params={"orderBy": {"columnId": "z"}})),
    "scale": ("LENS-COLUMN scale", column("People", "s", scale="ratio")),
    "filter of no field": ("KQL", column("Copies", "m", filter={"query": "copy_of: *"})),
    "metric first": ("buckets must come first", panel("People", lambda each: layer(each)["columnOrder"].reverse())),
    "time before values": (
        "ranked anew",
        panel("Articles over time by source", lambda each: layer(each).update(columnOrder=["x", "s", "m"])),
    ),
    "column that nobody shows": (
        "LENS-ORPHAN",
        panel("People", lambda each: layer(each)["columns"].update(z=layer(each)["columns"]["m"])),
    ),
    "by value and by reference": ("PANEL", panel("People", lambda each: each.update(panelRefName="panel_x"))),
    "over the edge": ("GRID", panel("People", lambda each: each["gridData"].update(w=49))),
    "over another": ("covers another", panel("Organisations", lambda each: each["gridData"].update(x=0))),
    "map of words": ("MAP", panel("Where", map_field)),
    "list of a text": (
        "CONTROL",
        lambda all_: found(all_, ROOM)["attributes"].update(
            controlGroupInput={"panelsJSON": '{"c0":{"explicitInput":{"fieldName":"title"}}}'}
        ),
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_breach_is_noticed(wrong: str) -> None:
    rule, spoil = WRONG[wrong]
    all_ = saved_objects.build_saved_objects("news")
    spoil(all_)
    file = b"".join(json.dumps(each).encode() + b"\n" for each in all_)
    assert any(rule in told for told in breaches(file, "news")), breaches(file, "news")
