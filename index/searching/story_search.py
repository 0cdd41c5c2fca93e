"""What the index says of stories: which are big now, and what was reported of one, in order of time.

A story that became a part of another is told as that other: articles keep the story that they were given, and the
stories' index says what has become of it (`merged_into`).
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

OVERFETCH = 3  # stories asked for where so many are wanted: some are parts of others
MAX_ARTICLES = 1_000  # of a story's timeline
MAX_MERGES = 20  # one after the other
MAX_NAMES = 8  # of a story, told as its articles write them
MIN_ID_PREFIX = 4  # characters of an id
NAME_FIELDS = ("people", "organisations", "places")  # the fields that have them
STORY_FIELDS = tuple(name for name in Story.__struct_fields__ if name != "schema")


class CurrentStory(msgspec.Struct, frozen=True, kw_only=True):
    """A story as it is now. `articles`, `outlets` and `names` are of the last hours, `before` are articles of as long
    before; `names` are those of people, organisations and places that most articles have.
    """

    story: Story
    articles: int
    before: int
    outlets: int
    names: tuple[str, ...] = ()

    @property
    def growth(self) -> float:
        """Articles of the last hours for each of those before."""
        return self.articles / max(1, self.before)


class TimelineText(msgspec.Struct, frozen=True, kw_only=True):
    """A text of a story, and its copies, the earliest first."""

    article: ArticleSummary
    copies: tuple[ArticleSummary, ...]


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """A story and its texts in order of time; `parts` are stories that became it, `names` are what most texts name."""

    story: Story
    parts: tuple[str, ...]
    texts: tuple[TimelineText, ...]
    names: tuple[str, ...] = ()


def current_stories(
    options: settings.Elasticsearch, now: datetime, hours: float, size: int = 10, language: str | None = None
) -> list[CurrentStory]:
    """The stories that most outlets reported in the last `hours`; of equals first what grows. Raises Unavailable."""
    with connect(options) as client:
        answer = _search(client, options.prefix, build_current_stories_body(now, hours, size * OVERFETCH, language))
        buckets = answer.get("aggregations", {}).get("stories", {}).get("buckets", [])
        known = _load_stories(client, options.prefix, [each["key"] for each in buckets])
    return sorted(_join_merged(buckets, known), key=lambda each: (-each.outlets, -each.growth, each.story.id))[:size]


def story_timeline(options: settings.Elasticsearch, id_: str) -> Timeline | None:
    """What was reported of a story, named by its id or how that begins; None when there is none. Raises Unavailable."""
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
    """The ids under which the articles of a story, given by its id or how that begins, were told: what it has become,
    and all parts of that.

    The id alone when there is no such story. Raises Unavailable.
    """
    with connect(options) as client:
        found = _load_story_with_parts(client, options.prefix, id_)
    return (found[0].id, *found[1]) if found else (id_,)


def resolve_merged(options: settings.Elasticsearch, ids: Iterable[str]) -> dict[str, str]:
    """What each of these stories has become a part of in the end, or itself. Raises Unavailable."""
    asked = list(dict.fromkeys(ids))
    with connect(options) as client:
        known = _load_stories(client, options.prefix, asked)
    ends = {id_: _follow_merges(id_, known) for id_ in asked}
    return {id_: end.id if end else id_ for id_, end in ends.items()}


def fold_copies(articles: Iterable[Mapping[str, Any]]) -> tuple[TimelineText, ...]:
    """Articles in order of time as texts: copies of one original are told with it, or with the first of them."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for each in articles:
        groups.setdefault(each["group"], []).append(each)
    ordered = [sorted(group, key=lambda each: each.get("duplicate_of") is not None) for group in groups.values()]
    shown = [[msgspec.convert(each, ArticleSummary, strict=False) for each in group] for group in ordered]
    return tuple(TimelineText(article=first, copies=tuple(copies)) for first, *copies in shown)


def build_current_stories_body(now: datetime, hours: float, stories: int, language: str | None) -> dict[str, Any]:
    """The request for articles and outlets of each story, in the last hours and as long before."""
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
    """The request for the names that most articles have."""
    return {field: {"terms": {"field": field, "size": MAX_NAMES}} for field in NAME_FIELDS}


def _most_frequent_names(counted: Mapping[str, Any]) -> tuple[str, ...]:
    """Its answer: of all fields those in most articles first."""
    found = [each for field in NAME_FIELDS for each in counted.get(field, {}).get("buckets", [])]
    ordered = sorted(found, key=lambda each: -each["doc_count"])
    return tuple(dict.fromkeys(each["key"] for each in ordered))[:MAX_NAMES]


def _join_merged(buckets: Iterable[Mapping[str, Any]], known: Mapping[str, Story]) -> list[CurrentStory]:
    """One for each story; what became a part of it counts with it (its outlets as if they were others)."""
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
    """What has become of a story, and the parts of that."""
    known = _load_stories(client, prefix, [id_])
    if id_ not in known:
        id_ = _complete_id(client, prefix, id_)
        known = _load_stories(client, prefix, [id_])
    story = _follow_merges(id_, known)
    return (story, tuple(_load_parts(client, prefix, story.id))) if story else None


def _complete_id(client: Elasticsearch, prefix: str, id_: str) -> str:
    """The id that begins so, where one alone does."""
    body = {"size": 2, "query": {"prefix": {"id": id_}}, "_source": list(STORY_FIELDS)}
    begun = _search_stories(client, prefix, body) if len(id_) >= MIN_ID_PREFIX else []
    return begun[0].id if len(begun) == 1 else id_


def _follow_merges(id_: str, known: Mapping[str, Story]) -> Story | None:
    """What has become of a story."""
    story = known.get(id_)
    for _ in range(MAX_MERGES):
        if story is None or story.merged_into is None:
            break
        story = known.get(story.merged_into)
    return story


def _load_stories(client: Elasticsearch, prefix: str, ids: list[str]) -> dict[str, Story]:
    """The stories of these ids, and what they became."""
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
    """The stories that became a part of this one, and those that became a part of them."""
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
    """Before the first document there is no index: nothing is found, and that is no error."""
    asked = call_server(lambda: client.search(index=alias, body=dict(body), ignore_unavailable=True))
    return dict(asked.body)
