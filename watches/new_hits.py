"""New hits: which of the articles that a watch finds it has not been told of yet. Pure.

In: messages of articles that were indexed, matches of the searches, what was told before. Out: WatchHits.

    never told, nor a copy of what was told    a hit
    a copy of what was told                    nothing: copies are folded
    told, and its title or text has changed    a hit again, if the watch asks for revisions
    fetched before the watch was made          nothing
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from index.searching.article_search import ArticleSummary
from index.searching.watch_search import Match
from pipeline.messages import Enriched
from pipeline.watch_messages import OutputKind, Watch, WatchHit


class IndexedArticle(msgspec.Struct, frozen=True, kw_only=True):
    """An article that was indexed since the last look: its newest revision, and what each revision changed."""

    id: str
    group: str
    revision: int
    fetched_at: datetime
    changed: dict[int, tuple[str, ...]]

    def changed_since(self, revision: int) -> tuple[str, ...]:
        """Which of title and text revisions after this one have changed, sorted."""
        later = (names for number, names in self.changed.items() if number > revision)
        return tuple(sorted({name for names in later for name in names} & {"title", "text"}))


class ToldArticles:
    """What each watch was told of, as long as it is remembered: the newest revision of an article and of its group."""

    def __init__(self) -> None:
        self._told: dict[bytes, tuple[int, datetime]] = {}  # the oldest first

    def add(self, hit: WatchHit) -> None:
        """Remembers a hit."""
        for id_ in {hit.article, hit.group}:
            key = _key(hit.watch, id_)
            revision, _ = self._told.pop(key, (0, hit.found_at))
            self._told[key] = max(revision, hit.revision), hit.found_at

    def revision(self, watch: str, id_: str) -> int | None:
        """The newest revision that was told of an article, or of a group of copies; None for none."""
        found = self._told.get(_key(watch, id_))
        return found[0] if found else None

    def forget_before(self, at: datetime) -> None:
        """Forgets what was told before this time."""
        while self._told and self._told[key := next(iter(self._told))][1] < at:
            del self._told[key]


def _key(watch: str, id_: str) -> bytes:
    return hashlib.blake2b(f"{watch} {id_}".encode(), digest_size=16).digest()


def indexed_articles(messages: Iterable[Enriched]) -> dict[str, IndexedArticle]:
    """The articles of these messages by id; of one that occurs several times, its newest revision with all changes."""
    found: dict[str, IndexedArticle] = {}
    for each in messages:
        had = found.get(each.id)
        changed = {**(had.changed if had else {}), each.revision: each.changed}
        if had and had.revision > each.revision:
            found[each.id] = msgspec.structs.replace(had, changed=changed)
        else:
            found[each.id] = IndexedArticle(
                id=each.id,
                group=each.duplicate_of or each.id,
                revision=each.revision,
                fetched_at=each.fetched_at,
                changed=changed,
            )
    return found


def new_hits(
    matches: Iterable[Match],
    watches: Mapping[str, Watch],
    articles: Mapping[str, IndexedArticle],
    told: ToldArticles,
    now: datetime,
) -> list[WatchHit]:
    """The hits of one look that are new; `told` is not changed. Of copies the original is told, else the earliest."""
    found: list[WatchHit] = []
    groups: set[tuple[str, str]] = set()  # told in this look
    for match in sorted(matches, key=lambda each: _telling_order(each, articles)):
        watch, article = watches[match.search], articles[match.article.id]
        changed = reason_to_tell(watch, article, told)
        if changed is None or (watch.name, article.group) in groups:
            continue
        groups.add((watch.name, article.group))
        found.append(_hit(watch, article, match.article, changed, now))
    return found


def reason_to_tell(watch: Watch, article: IndexedArticle, told: ToldArticles) -> tuple[str, ...] | None:
    """None when a watch is not to be told of an article that it finds; what has changed, () for one that is new."""
    if article.fetched_at < watch.since:
        return None
    known = told.revision(watch.name, article.id)
    if known is None:
        return () if told.revision(watch.name, article.group) is None else None
    return (article.changed_since(known) or None) if watch.revisions else None


def outputs_of(watch: Watch) -> tuple[OutputKind, ...]:
    """Where a watch's hits are delivered to, but for feed files and terminals, which have all."""
    chosen: dict[OutputKind, bool] = {"webhook": bool(watch.webhook), "mail": bool(watch.mail)}
    return tuple(kind for kind, wanted in chosen.items() if wanted)


def _telling_order(match: Match, articles: Mapping[str, IndexedArticle]) -> tuple[str, bool, datetime, str]:
    article = articles[match.article.id]
    return match.search, article.group != article.id, match.article.date, article.id


def _hit(
    watch: Watch, article: IndexedArticle, shown: ArticleSummary, changed: tuple[str, ...], now: datetime
) -> WatchHit:
    id_ = hashlib.sha256(f"{watch.name} {article.id} {article.revision}".encode()).hexdigest()[:32]
    return WatchHit(
        id=id_,
        watch=watch.name,
        article=article.id,
        group=article.group,
        revision=article.revision,
        url=shown.url,
        title=shown.title,
        source=shown.source,
        source_name=shown.source_name,
        language=shown.language,
        date=shown.date,
        found_at=now,
        changed=changed,  # type: ignore[arg-type]  # title and text alone
        outputs=outputs_of(watch),
    )
