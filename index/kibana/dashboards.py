"""Dashboards: the contents of the three dashboards, row by row: newsroom, stories, pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.kibana import data_views
from index.kibana.data_views import ARTICLES, DEAD, FEEDS, STORIES
from index.kibana.lens_columns import (
    average,
    count,
    maximum,
    over_time,
    percentile,
    query_buckets,
    top_values,
    total,
    unique,
)
from index.kibana.panels import Panel, bars, lines, number, pie, saved_search, table, world_map


@dataclass(frozen=True, slots=True)
class FilterControl:
    """A list above the dashboard, from which the reader chooses values of a field to filter by."""

    title: str
    view: str
    field: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard: filter controls and rows of panels, which share the width of their row equally."""

    id: str
    title: str
    description: str
    span: str  # of time, as Kibana writes it
    controls: Sequence[FilterControl]
    rows: Sequence[Sequence[Panel]]


MINUTE_MS = 60_000
# a histogram counts days in the zone of a setting of Kibana (config/kibana/kibana.yml); without it, in the browser's
ZONE = "Days and hours are those of Kibana's time zone (Stack Management, Advanced Settings, dateFormat:tz)."

NEWSROOM = Dashboard(
    "newsloom-newsroom",
    "Newsroom",
    f"What is reported, by whom, about whom, and where. {ZONE}",
    "now-24h",
    [
        FilterControl("Source", ARTICLES, "source_name"),
        FilterControl("Language", ARTICLES, "language"),
        FilterControl("Country", ARTICLES, "countries"),
        FilterControl("Person", ARTICLES, "people"),
    ],
    [
        [
            number("Articles", ARTICLES, count()),
            number("Sources", ARTICLES, unique("source", "Sources")),
            number("Stories", ARTICLES, unique("story", "Stories")),
            number("Copies", ARTICLES, count("Copies", "duplicate_of: *")),
        ],
        [
            bars(
                "Articles over time by source",
                ARTICLES,
                {"s": top_values("source_name", "Source", others=True), "x": over_time("date"), "m": count()},
            )
        ],
        [
            table(title, ARTICLES, {"s": top_values(field, title, 50), "m": count(), "m2": unique("source", "Sources")})
            for title, field in (("People", "people"), ("Organisations", "organisations"), ("Places", "places"))
        ],
        [
            world_map("Where", ARTICLES, "located.point"),
            bars("Countries", ARTICLES, {"x": top_values("countries", "Country", 15), "m": count()}, horizontal=True),
        ],
        [
            table(
                "Top stories",
                STORIES,
                {
                    "s": top_values("headline.keyword", "Story", 25),
                    "m": maximum("size", "Articles"),
                    "m2": maximum("outlets", "Sources"),
                    "m3": maximum("hours", "Hours"),
                },
                "not merged_into: *",
            ),
            pie("Language", ARTICLES, top_values("language", "Language", 8, others=True), count()),
        ],
        [saved_search("Newest articles", data_views.NEWEST.id)],
    ],
)

SIZES = {
    "one": "size: 1",
    "two or three": "size >= 2 and size < 4",
    "four to nine": "size >= 4 and size < 10",
    "ten and more": "size >= 10",
}

STORY_ROOM = Dashboard(
    "newsloom-story-room",
    "Stories",
    f"How large stories are, how they grow, and who tells them. {ZONE}",
    "now-7d",
    [
        FilterControl("Language", STORIES, "language"),
        FilterControl("Source", STORIES, "sources"),
        FilterControl("Name", STORIES, "entities"),
    ],
    [
        [
            number("Stories", STORIES, count("Stories")),
            number("Told by more than one source", STORIES, count("Stories", "outlets > 1")),
            number("Articles in the largest", STORIES, maximum("size", "Articles")),
            number("Articles in a story", STORIES, average("size", "Articles")),
        ],
        [
            bars(
                "Size",
                STORIES,
                {"x": query_buckets("Articles", SIZES), "m": count("Stories")},
            ),
            bars(
                "Sources", STORIES, {"x": top_values("sources", "Source", 15), "m": count("Stories")}, horizontal=True
            ),
        ],
        [
            lines(
                "Growth: articles of the largest stories",
                ARTICLES,
                {"s": top_values("story", "Story", 8), "x": over_time("date"), "m": count()},
            )
        ],
        [
            bars(
                "Timeline: stories that began",
                STORIES,
                {"s": top_values("language", "Language", 8), "x": over_time("first_seen_at"), "m": count("Stories")},
            ),
            table("Names", STORIES, {"s": top_values("entities", "Name", 50), "m": count("Stories")}),
        ],
        [saved_search("Largest stories", data_views.LARGEST.id)],
    ],
)

PIPELINE = Dashboard(
    "newsloom-pipeline",
    "Pipeline",
    f"How fresh and how complete the index is, how the feeds are, and what could not be processed. {ZONE}",
    "now-24h",
    [FilterControl("Feed", FEEDS, "name"), FilterControl("Stage", DEAD, "stage")],
    [
        [
            number("Seconds from fetch to index, median", ARTICLES, percentile("seconds_from_fetch", 50, "Seconds")),
            number("Seconds, 95 of 100", ARTICLES, percentile("seconds_from_fetch", 95, "Seconds")),
            number("Feeds", FEEDS, count("Feeds", "active: true")),
            number("Failing feeds", FEEDS, count("Feeds", "active: true and failures > 0")),
            number("Silent feeds", FEEDS, count("Feeds", "active: true and silent_since: *")),
            number("Dead letters", DEAD, count("Dead letters")),
        ],
        [
            number("New entries expected in a day", FEEDS, total("day_expected", "Entries"), "active: true"),
            number("New entries seen in the last day", FEEDS, total("day_seen", "Entries"), "active: true"),
        ],
        [
            table(
                "Expected against seen, by feed, in about the last day",
                FEEDS,
                {
                    "s": top_values("name", "Feed", 100),
                    "m": total("day_missing", "Missing"),
                    "m2": total("day_expected", "Expected"),
                    "m3": total("day_seen", "Seen"),
                },
                "active: true and day_expected > 0",
            ),
            table(
                "Articles from the feed's text alone, by source",
                ARTICLES,
                {
                    "s": top_values("source_name", "Source", 100),
                    "m": count("From the feed's text", "text_from: feed"),
                    "m2": count(),
                },
            ),
        ],
        [
            lines(
                "Freshness: seconds from fetch to index",
                ARTICLES,
                {
                    "x": over_time("indexed_at"),
                    "m": percentile("seconds_from_fetch", 50, "median"),
                    "m2": percentile("seconds_from_fetch", 95, "95 of 100"),
                    "m3": percentile("seconds_from_fetch", 99, "99 of 100"),
                },
            ),
            lines(
                "Seconds from publication to index",
                ARTICLES,
                {
                    "x": over_time("indexed_at"),
                    "m": percentile("seconds_from_publication", 50, "median"),
                    "m2": percentile("seconds_from_publication", 95, "95 of 100"),
                },
            ),
        ],
        [
            bars(
                "Articles by feed, from its pages or from the feed itself",
                ARTICLES,
                {"x": top_values("feed_url", "Feed", 20), "s": top_values("text_from", "Text from", 3), "m": count()},
                horizontal=True,
            ),
            bars(
                "Last poll of each feed, by outcome",
                FEEDS,
                {"x": top_values("last_outcome", "Outcome", 15), "m": count("Feeds")},
            ),
        ],
        [
            table(
                "Feeds",
                FEEDS,
                {
                    "s": top_values("name", "Feed", 100),
                    "m": total("articles", "Articles"),
                    "m2": total("polls", "Polls"),
                    "m3": total("failures", "Failures in a row"),
                    "m4": average("interval", "Polled every"),
                },
            ),
            table("Gaps", FEEDS, {"s": top_values("name", "Feed", 50), "m": total("gaps", "Gaps")}, "gaps > 0"),
        ],
        [
            table(
                "Extraction drift: pages that are other than usual",
                FEEDS,
                {
                    "s": top_values("name", "Feed", 50, by="m2"),
                    "m": average("usual_length", "Usual characters"),
                    "m2": average("usual_empty", "Share without text"),
                },
                "drifting_since: *",
            ),
            bars(
                "Kinds of pages",
                ARTICLES,
                {"s": top_values("kind", "Kind", 6), "x": over_time("indexed_at"), "m": count()},
            ),
        ],
        [
            bars(
                "Dead letters by reason",
                DEAD,
                {"s": top_values("reason", "Reason"), "x": over_time("failed_at"), "m": count("Dead letters")},
            ),
            table(
                "Dead letters by stage",
                DEAD,
                {"s": top_values("stage", "Stage"), "m": count(), "m2": unique("reason", "Reasons")},
            ),
            table(
                "Dead letters by source",
                DEAD,
                {"s": top_values("source", "Source", 50), "m": count(), "m2": unique("reason", "Reasons")},
            ),
        ],
        [saved_search("Silent feeds", data_views.SILENT.id), saved_search("Failing feeds", data_views.FAILING.id)],
        [saved_search("Dead letters", data_views.DEAD_LETTERS.id)],
    ],
)

DASHBOARDS = (NEWSROOM, STORY_ROOM, PIPELINE)
