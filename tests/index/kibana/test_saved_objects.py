"""Kibana would take and show every object; and each rule notices its breach."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from index.kibana import dashboards, data_views, saved_objects
from index.writing.article_document import build_article_document
from index.writing.feed_document import build_feed_document
from pipeline.failures import Poison
from pipeline.messages import FeedState
from tests.index.kibana.rules import breaches
from tests.index.samples import enriched

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


# --- what strangers write, shown by Kibana ---


def test_links_are_the_value_alone_and_only_of_fields_that_are_web_addresses() -> None:
    """Kibana puts the value into the template once and escapes the label; the value is nothing but an address, because
    no document with another one is made."""
    for view in data_views.VIEWS:
        formats = json.loads(found(saved_objects.build_saved_objects("news"), view.id)["attributes"]["fieldFormatMap"])
        links = {name: each["params"] for name, each in formats.items() if each["id"] == "url"}
        assert {each["urlTemplate"] for each in links.values()} <= {"{{rawValue}}"}
        assert {each["type"] for each in links.values()} <= {"a"}  # no image, no audio: nothing is loaded
        assert set(links) == set(view.links) == CHECKED[view.id]


CHECKED = {
    data_views.ARTICLES: {"url", "feed_url"},
    data_views.FEEDS: {"url", "location"},
    data_views.STORIES: set(),
    data_views.DEAD: set(),
}
NO_LINKS = [
    "javascript:alert(1)",
    "data:text/html,x",
    "//a.example",
    " https://a.example",
    "{{value}}",
    "mailto:a@b",
    "urn:isbn:1",
]


@pytest.mark.parametrize("address", NO_LINKS)
def test_a_document_with_another_address_is_not_made(address: str) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    feed = FeedState(url="https://a.example/rss", host="a.example", name="A")
    for field in CHECKED[data_views.ARTICLES]:
        with pytest.raises(Poison, match=f"{field} is no http or https address"):
            build_article_document(replace(enriched("a"), **{field: address}), "news", now)
    for field in CHECKED[data_views.FEEDS]:
        with pytest.raises(Poison, match=f"{field} is no http or https address"):
            build_feed_document(replace(feed, **{field: address}), "news", now)
    build_article_document(replace(enriched("a"), feed_url=""), "news", now)  # from an archive, without a feed
    build_article_document(replace(enriched("a"), url="urn:newsloom:0a1b"), "news", now)  # an item without a page
    folder = "urn:newsloom:folder:/srv/wire"
    build_article_document(replace(enriched("a"), feed_url=folder), "news", now)
    build_feed_document(replace(feed, url=folder), "news", now)


def test_nothing_on_a_dashboard_reads_markup_or_runs_what_it_is_given() -> None:
    """No panel of markdown, Vega or Timelion, no URL drilldown: values are shown by tables, charts and maps."""
    shown = {panel.type for each in dashboards.DASHBOARDS for row in each.rows for panel in row}
    assert shown <= {"lens", "map", "search"}
    file = saved_objects.build_ndjson("news").decode().lower()
    assert [word for word in ("markdown", "vega", "timelion", "drilldown") if word in file] == []


def test_every_dashboard_says_in_which_zone_its_days_are() -> None:
    dashboards = [
        each["attributes"] for each in saved_objects.build_saved_objects("news-") if each["type"] == "dashboard"
    ]
    assert len(dashboards) == 3
    assert all("dateFormat:tz" in each["description"] for each in dashboards)
