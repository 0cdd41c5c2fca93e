"""Story search: which stories are big now, and the timeline of one story.

In: settings, a time or a story's id. Out: stories with counts of articles, and texts in order of time. A story that was
merged into another counts as that other: articles keep the id of the story they were given, and the stories' index says
what that story was merged into (`merged_into`).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from elasticsearch import Elasticsearch

from index.client import call_server, connect
from index.searching.article_search import ArticleSummary
from pipeline import settings
from pipeline.messages import Story

OVERFETCH = 3  # how many times more stories are requested, because some were merged into others
MAX_ARTICLES = 1_000  # in a story's timeline
MAX_MERGES = 20  # length of a chain of merges that is followed
MAX_NAMES = 8  # shown for a story
MIN_ID_PREFIX = 4  # characters of an id that may stand for the whole
NAME_FIELDS = ("people", "organisations", "places")  # fields of an article document that hold names
STORY_FIELDS = tuple(name for name in Story.__struct_fields__ if name != "schema")


class CurrentStory(msgspec.Struct, frozen=True, kw_only=True):
    """A story with counts of the last hours (`articles`, `outlets`) and of the same time before (`before`, in
    articles).

    `names`: the people, organisations and places that most articles of the last hours name.
    """

    story: Story
    articles: int
    before: int
    outlets: int
    names: tuple[str, ...] = ()

    @property
    def growth(self) -> float:
        """Articles of the last hours divided by articles of the same time before (at least 1)."""
        return self.articles / max(1, self.before)


class TimelineText(msgspec.Struct, frozen=True, kw_only=True):
    """A text of a story and its copies, the earliest first."""

    article: ArticleSummary
    copies: tuple[ArticleSummary, ...]


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """A story and its texts in order of time.

    `parts`: ids of the stories that were merged into it; `names`: what most of its articles name.
    """

    story: Story
    parts: tuple[str, ...]
    texts: tuple[TimelineText, ...]
    names: tuple[str, ...] = ()


def current_stories(
    options: settings.Elasticsearch, now: datetime, hours: float, size: int = 10, language: str | None = None
) -> list[CurrentStory]:
    """Finds the stories that most outlets reported in the last `hours`; among equals the fastest growing come first.

    Raises Unavailable.
    """
    with connect(options) as client:
        answer = _search(client, options.prefix, build_current_stories_body(now, hours, size * OVERFETCH, language))
        buckets = answer.get("aggregations", {}).get("stories", {}).get("buckets", [])
        known = _load_stories(client, options.prefix, [each["key"] for each in buckets])
    return sorted(_join_merged(buckets, known), key=lambda each: (-each.outlets, -each.growth, each.story.id))[:size]


def story_timeline(options: settings.Elasticsearch, id_: str) -> Timeline | None:
    """Finds the texts of a story, given by its id or the beginning of it (at least 4 characters).

    None if there is no such story. Raises Unavailable.
    """
    with connect(options) as client:
        found = _load_story_with_parts(client, options.prefix, id_)
        if found is None:
            return None
        story, parts = found
        body = {
            "size": MAX_ARTICLES,
            "query": {"terms": {"story": [story.id, *parts]}},
            "sort": ["date", "id"],
            "_source": [*ArticleSummary.__struct_fields__, "group"],
            "aggs": _names_aggregation(),
        }
        answer = _search(client, options.prefix, body)
    hits, names = answer.get("hits", {}).get("hits", []), _most_frequent_names(answer.get("aggregations", {}))
    return Timeline(story=story, parts=parts, texts=fold_copies(hit["_source"] for hit in hits), names=names)


def story_ids_with_parts(options: settings.Elasticsearch, id_: str) -> tuple[str, ...]:
    """Returns every story id that articles of a story may have: its own, or that of the story it was merged into, and
    all parts.

    `id_` is an id or the beginning of one; it is returned alone if there is no such story. Raises Unavailable.
    """
    with connect(options) as client:
        found = _load_story_with_parts(client, options.prefix, id_)
    return (found[0].id, *found[1]) if found else (id_,)


def resolve_merged(options: settings.Elasticsearch, ids: Iterable[str]) -> dict[str, str]:
    """Maps each id to that of the story it was merged into in the end, or to itself. Raises Unavailable."""
    asked = list(dict.fromkeys(ids))
    with connect(options) as client:
        known = _load_stories(client, options.prefix, asked)
    ends = {id_: _follow_merges(id_, known) for id_ in asked}
    return {id_: end.id if end else id_ for id_, end in ends.items()}


def fold_copies(articles: Iterable[Mapping[str, Any]]) -> tuple[TimelineText, ...]:
    """Groups articles, in order of time, into texts: copies go under their original, or under the first of them."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for each in articles:
        groups.setdefault(each["group"], []).append(each)
    ordered = [sorted(group, key=lambda each: each.get("duplicate_of") is not None) for group in groups.values()]
    shown = [[msgspec.convert(each, ArticleSummary, strict=False) for each in group] for group in ordered]
    return tuple(TimelineText(article=first, copies=tuple(copies)) for first, *copies in shown)


def build_current_stories_body(now: datetime, hours: float, stories: int, language: str | None) -> dict[str, Any]:
    """Builds the request that counts articles and outlets of each story, in the last hours and the same time before."""
    recent, before = ((now - timedelta(hours=each)).isoformat() for each in (hours, 2 * hours))
    filters: list[dict[str, Any]] = [{"range": {"first_seen_at": {"gte": before, "lte": now.isoformat()}}}]
    if language:
        filters.append({"term": {"language": language}})
    asked = {"outlets": {"cardinality": {"field": "source"}}, **_names_aggregation()}
    last = {"filter": {"range": {"first_seen_at": {"gte": recent}}}, "aggs": asked}
    order = [{"last>outlets": "desc"}, {"_count": "desc"}, {"_key": "asc"}]
    terms = {"terms": {"field": "story", "size": stories, "order": order}, "aggs": {"last": last}}
    return {"size": 0, "query": {"bool": {"filter": filters}}, "aggs": {"stories": terms}}


def _names_aggregation() -> dict[str, Any]:
    """Requests the names that most articles have."""
    return {field: {"terms": {"field": field, "size": MAX_NAMES}} for field in NAME_FIELDS}


def _most_frequent_names(counted: Mapping[str, Any]) -> tuple[str, ...]:
    """Reads the answer to `_names_aggregation`: the names of all fields, those of most articles first."""
    found = [each for field in NAME_FIELDS for each in counted.get(field, {}).get("buckets", [])]
    ordered = sorted(found, key=lambda each: -each["doc_count"])
    return tuple(dict.fromkeys(each["key"] for each in ordered))[:MAX_NAMES]


def _join_merged(buckets: Iterable[Mapping[str, Any]], known: Mapping[str, Story]) -> list[CurrentStory]:
    """Adds the counts of merged stories to the story they became; outlets are added as if all were different."""
    found: dict[str, CurrentStory] = {}
    for bucket in buckets:
        story = _follow_merges(bucket["key"], known)
        if story is None or not bucket["last"]["doc_count"]:
            continue
        articles, outlets = bucket["last"]["doc_count"], bucket["last"]["outlets"]["value"]
        before = bucket["doc_count"] - articles
        had = found.get(story.id, CurrentStory(story=story, articles=0, before=0, outlets=0))
        found[story.id] = CurrentStory(
            story=story,
            articles=had.articles + articles,
            before=had.before + before,
            outlets=min(len(story.sources), had.outlets + outlets),
            names=tuple(dict.fromkeys((*had.names, *_most_frequent_names(bucket["last"]))))[:MAX_NAMES],
        )
    return list(found.values())


def _load_story_with_parts(client: Elasticsearch, prefix: str, id_: str) -> tuple[Story, tuple[str, ...]] | None:
    """The story that an id belongs to after all merges, and the ids of the stories merged into it."""
    known = _load_stories(client, prefix, [id_])
    if id_ not in known:
        id_ = _complete_id(client, prefix, id_)
        known = _load_stories(client, prefix, [id_])
    story = _follow_merges(id_, known)
    return (story, tuple(_load_parts(client, prefix, story.id))) if story else None


def _complete_id(client: Elasticsearch, prefix: str, id_: str) -> str:
    """The id that begins with `id_`, if there is exactly one; else `id_` itself."""
    body = {"size": 2, "query": {"prefix": {"id": id_}}, "_source": list(STORY_FIELDS)}
    begun = _search_stories(client, prefix, body) if len(id_) >= MIN_ID_PREFIX else []
    return begun[0].id if len(begun) == 1 else id_


def _follow_merges(id_: str, known: Mapping[str, Story]) -> Story | None:
    """The story that an id belongs to after all merges."""
    story = known.get(id_)
    for _ in range(MAX_MERGES):
        if story is None or story.merged_into is None:
            break
        story = known.get(story.merged_into)
    return story


def _load_stories(client: Elasticsearch, prefix: str, ids: list[str]) -> dict[str, Story]:
    """The stories with these ids, and all those they were merged into."""
    found: dict[str, Story] = {}
    wanted = set(ids)
    for _ in range(MAX_MERGES):
        if not wanted:
            break
        body = {"size": len(wanted), "query": {"terms": {"id": sorted(wanted)}}, "_source": list(STORY_FIELDS)}
        found |= {each.id: each for each in _search_stories(client, prefix, body)}
        wanted = {each.merged_into for each in found.values() if each.merged_into} - found.keys()
    return found


def _load_parts(client: Elasticsearch, prefix: str, id_: str) -> list[str]:
    """Ids of the stories that were merged into this one, directly or through others."""
    parts: list[str] = []
    last = [id_]
    for _ in range(MAX_MERGES):
        body = {"size": MAX_ARTICLES, "query": {"terms": {"merged_into": last}}, "_source": list(STORY_FIELDS)}
        last = [each.id for each in _search_stories(client, prefix, body) if each.id not in parts]
        if not last:
            break
        parts += last
    return parts


def _search_stories(client: Elasticsearch, prefix: str, body: Mapping[str, Any]) -> list[Story]:
    hits = _search(client, f"{prefix}-stories", body).get("hits", {}).get("hits", [])
    return [msgspec.convert(hit["_source"], Story, strict=False) for hit in hits]


def _search(client: Elasticsearch, alias: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Searches; finds nothing, without an error, if there is no index yet."""
    asked = call_server(lambda: client.search(index=alias, body=dict(body), ignore_unavailable=True))
    return dict(asked.body)
