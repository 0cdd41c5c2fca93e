"""Article search: finds articles and counts them.

In: words and filters. Out: hits for people to read; copies of one text are folded into one hit. A page takes two
requests: one finds the next groups of copies, one gets the articles of these groups.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

import msgspec
from elasticsearch import Elasticsearch, NotFoundError

from index.client import call_server, connect
from index.searching import collapsed_groups, query
from index.searching.query import Cursor, Filters, Order, SearchRequest
from index.writing.document_kinds import KINDS
from index.writing.edits import Edit
from pipeline import settings
from pipeline.failures import Failure, Unavailable

__all__ = ["Filters", "Order"]

NO_FILTERS = Filters()
VIEW_LASTS = "10m"  # since it was last looked through
# how many times more articles than texts are requested, because several may be copies of one text
OVERFETCH = 2


class ArticleSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of an article that a hit shows."""

    id: str
    url: str
    title: str
    source: str
    source_name: str
    language: str
    date: datetime
    story: str
    section: str | None = None
    duplicate_of: str | None = None
    edits: tuple[Edit, ...] = ()
    fetched_at: datetime | None = None  # of this revision: when it last changed


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One text: the original (or the best copy, if the original does not match), and its matching copies."""

    article: ArticleSummary
    score: float | None  # None when sorted by date
    passages: tuple[str, ...]  # of title, text and edits, matching words between ⟨ and ⟩
    copies: tuple[ArticleSummary, ...]  # at most collapsed_groups.MAX_COPIES_SHOWN
    copies_total: int


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """A page of hits. `total`: matching articles with copies; `texts`: without copies (estimated above 10,000).

    `next`: where the next page begins, for `search(after=...)`; None if this is the last page.
    """

    total: int
    texts: int
    hits: tuple[Hit, ...]
    next: str | None = None


class ViewGone(Failure):
    """A view that was not looked through for too long, or was lost when a node stopped."""


def search(  # noqa: PLR0913 - what a search can be is one thing
    options: settings.Elasticsearch,
    query_text: str,
    filters: Filters = NO_FILTERS,
    size: int = 10,
    order: Order = "relevance",
    after: str = "",
    *,
    view: str = "",
) -> SearchResult:
    """Finds the first `size` texts, or those `after` the `next` of a page; a blank query matches everything.

    `view`: of `open_view`; what comes after it was opened changes neither what is found nor the scores.

    Syntax: words (up to three must all occur, of more three quarters), "exact phrase", -without, either | or, prefix*.
    Only the first query.MAX_QUERY_WORDS words count.
    Raises Unavailable; ViewGone; WrongSetting for an `after` that no page returned.
    """
    request = SearchRequest(query_text=query_text, filters=filters, order=order)
    cursor = query.decode_cursor(after) if after else Cursor(datetime.now(UTC))
    with connect(options) as client:
        return _search_page(_Index(client, options.prefix, view), request, cursor, size)


def open_view(options: settings.Elasticsearch) -> str:
    """Opens a view of the articles as they are now (a point in time), to be given to `search`. It closes by itself.

    Scores depend on how many articles have a word: without a view, pages by relevance shift while news comes in. There
    must be an index. Raises Unavailable.
    """
    with connect(options) as client:
        return str(call_server(lambda: client.open_point_in_time(index=options.prefix, keep_alive=VIEW_LASTS))["id"])


def count(options: settings.Elasticsearch) -> int:
    """Counts the searchable articles. Raises Unavailable."""
    with connect(options) as client:
        answer = _Index(client, options.prefix).search({"size": 0, "track_total_hits": True})
    return int(answer["hits"]["total"]["value"])


def refresh(options: settings.Elasticsearch) -> None:
    """Makes everything that was written searchable now instead of within a second. Raises Unavailable."""
    with connect(options) as client:
        aliases = [kind.alias(options.prefix) for kind in KINDS]
        call_server(lambda: client.indices.refresh(index=aliases, ignore_unavailable=True))


class _Index(NamedTuple):
    """What is searched: the indices behind an alias, or a view of them."""

    client: Elasticsearch
    alias: str
    view: str = ""

    def search(self, body: Mapping[str, Any], *, scored: bool = True) -> Mapping[str, Any]:
        """Searches; finds nothing, without an error, if there is no index yet. `scored`: whether scores matter."""
        # word frequencies of all monthly indices together; by default each index would use its own
        search = partial(self.client.search, search_type="dfs_query_then_fetch" if scored else "query_then_fetch")
        if not self.view:
            return dict(call_server(lambda: search(index=self.alias, body=dict(body), ignore_unavailable=True)).body)
        try:
            within = {"id": self.view, "keep_alive": VIEW_LASTS}
            return dict(call_server(lambda: search(body={**body, "pit": within})).body)
        except Unavailable as failure:
            if isinstance(failure.__cause__, NotFoundError):
                raise ViewGone("the view is closed") from failure
            raise


# --- a page ---


class GroupLeader(msgspec.Struct, frozen=True):
    """The first article of a group, in the requested order."""

    group: str
    language: str
    score: float | None
    sort_values: tuple[float | int | str, ...]


def _search_page(index: _Index, request: SearchRequest, cursor: Cursor, size: int) -> SearchResult:
    leaders: dict[str, GroupLeader] = {}
    total, texts = 0, 0
    for answer in _result_pages(index, request, cursor, size * OVERFETCH):
        total, texts = _aggregated(answer, "articles"), _aggregated(answer, "texts")
        leaders |= {each.group: each for each in _leaders(answer) if each.group not in leaders}
        if len(leaders) > size:
            break
    chosen = list(leaders.values())[:size]
    hits = _hits(index, request, chosen)
    after = _next_cursor(cursor, chosen, hits) if len(leaders) > size else None
    return SearchResult(total=total, texts=texts, hits=tuple(hits.values()), next=after)


def _result_pages(index: _Index, request: SearchRequest, cursor: Cursor, size: int) -> Iterator[Mapping[str, Any]]:
    """Requests page after page until there are no more hits; yields the server's answers."""
    while True:
        answer = index.search(query.build_page_body(request, cursor, size))
        yield answer
        hits = answer["hits"]["hits"]
        if len(hits) < size:
            return
        cursor = msgspec.structs.replace(cursor, after=tuple(hits[-1]["sort"]))


def _leaders(answer: Mapping[str, Any]) -> Iterator[GroupLeader]:
    for hit in answer["hits"]["hits"]:
        fields = hit["fields"]
        yield GroupLeader(fields["group"][0], fields.get("language", [""])[0], hit["_score"], tuple(hit["sort"]))


def _aggregated(answer: Mapping[str, Any], name: str) -> int:
    return int(answer.get("aggregations", {}).get(name, {}).get("value", 0))


def _next_cursor(cursor: Cursor, chosen: list[GroupLeader], hits: Mapping[str, Hit]) -> str:
    """The cursor after this page. It excludes the shown groups of several articles: only those could come again."""
    again = [group for group, hit in hits.items() if hit.copies_total]
    return query.encode_cursor(Cursor(cursor.freshness_at, chosen[-1].sort_values, (*cursor.shown_groups, *again)))


def _hits(index: _Index, request: SearchRequest, leaders: list[GroupLeader]) -> dict[str, Hit]:
    """Requests the articles of the groups; hits by group, in the order of the leaders."""
    if not leaders:
        return {}
    languages = {each.language for each in leaders}
    body = collapsed_groups.build_groups_body(request, [each.group for each in leaders], languages)
    counted = index.search(body, scored=False).get("aggregations", {})
    members = {each["key"]: each for each in counted.get("groups", {}).get("buckets", ())}
    # a group that was deleted or changed between the two requests is left out
    return {each.group: _hit(each, members[each.group]) for each in leaders if each.group in members}


def _hit(leader: GroupLeader, members: Mapping[str, Any]) -> Hit:
    [first] = members["first"]["hits"]["hits"]
    marked = first.get("highlight", {})
    return Hit(
        article=_summary(first),
        score=leader.score,
        passages=tuple(each for name in ("title", "text", *query.EDIT_FIELDS) for each in marked.get(name, ())),
        copies=tuple(map(_summary, members["copies"]["hits"]["hits"])),
        copies_total=members["doc_count"] - 1,
    )


def _summary(raw: Mapping[str, Any]) -> ArticleSummary:
    return msgspec.convert(raw["_source"], ArticleSummary)
