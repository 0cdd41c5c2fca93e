"""Data views and saved searches: which fields of each index Kibana shows, how they are called and formatted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ARTICLES, STORIES, FEEDS, DEAD = (f"newsloom-{name}" for name in ("articles", "stories", "feeds", "dead"))


@dataclass(frozen=True, slots=True)
class DataView:
    """A data view. `alias` is the alias without the index prefix, `time` the date field that the time filter uses.

    `labels`: names of fields as people see them.
    """

    id: str
    name: str
    alias: str
    time: str
    labels: Mapping[str, str]
    links: Sequence[str] = ()  # fields that hold addresses
    durations: Sequence[str] = ()  # fields that hold seconds


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A saved search: columns with their widths in pixels, sort order and filter (`kql`)."""

    id: str
    title: str
    view: str
    columns: Mapping[str, int]
    sort: tuple[str, str]
    kql: str = ""
    description: str = field(default="")


VIEWS = (
    DataView(
        ARTICLES,
        "News: articles",
        "",
        "date",
        {
            "source_name": "Source",
            "date": "Published",
            "people": "People",
            "organisations": "Organisations",
            "places": "Places",
            "countries": "Countries",
            "main_country": "Main country",
            "seconds_from_fetch": "From fetch to index",
            "seconds_from_publication": "From publication to index",
        },
        links=("url", "feed_url"),
        durations=("seconds_from_fetch", "seconds_from_publication"),
    ),
    DataView(STORIES, "News: stories", "-stories", "last_seen_at", {"size": "Articles", "outlets": "Sources"}),
    DataView(
        FEEDS,
        "News: feeds",
        "-feeds",
        "last_poll_at",
        {
            "name": "Feed",
            "interval": "Polled every",
            "last_article_at": "Last article",
            "gaps": "Gaps",
            "silent_since": "Silent since",
            "day_expected": "Expected in a day",
            "day_seen": "Seen in a day",
            "day_missing": "Missing",
        },
        links=("url", "location"),
        durations=("interval",),
    ),
    DataView(DEAD, "News: dead letters", "-dead", "failed_at", {"subject": "About", "failed_at": "Failed"}),
)

NEWEST = SavedSearch(
    "newsloom-newest",
    "Newest articles",
    ARTICLES,
    {"title": 460, "source_name": 160, "language": 80, "people": 220, "url": 320},
    ("date", "desc"),
)
LARGEST = SavedSearch(
    "newsloom-largest-stories",
    "Largest stories",
    STORIES,
    {"headline": 460, "size": 80, "outlets": 80, "hours": 80, "sources": 320, "first_seen_at": 180},
    ("size", "desc"),
    "not merged_into: *",
)
SILENT = SavedSearch(
    "newsloom-silent-feeds",
    "Silent feeds",
    FEEDS,
    {"name": 240, "silent_since": 180, "day_expected": 130, "last_article_at": 180, "interval": 110, "url": 360},
    ("silent_since", "asc"),
    "active: true and silent_since: *",
    "Feeds that answer and have had nothing new for so long that it is no chance",
)
FAILING = SavedSearch(
    "newsloom-failing-feeds",
    "Failing feeds",
    FEEDS,
    {"name": 240, "failures": 90, "error.kind": 110, "error.detail": 320, "last_success_at": 180, "url": 360},
    ("failures", "desc"),
    "active: true and failures > 0",
)
DEAD_LETTERS = SavedSearch(
    "newsloom-dead-letters",
    "Dead letters",
    DEAD,
    {"stage": 100, "reason": 160, "detail": 420, "subject": 320},
    ("failed_at", "desc"),
)
SEARCHES = (NEWEST, LARGEST, SILENT, FAILING, DEAD_LETTERS)
