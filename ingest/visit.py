"""One poll of one feed: asked, doubted now and then, read, compared with what is known, its holes filled.

In: a feed's URL. Out: its next state in the book, and what the poll came to. Which pages follow is told by the state.
"""

import hashlib
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from ingest.discover import NEWS_PATHS
from ingest.feeds.parse import ChildSitemap, Entry, ParsedFeed, parse_feed
from ingest.frontier import known_entries, known_items, poll_history, schedule
from ingest.frontier.known_entries import Found
from ingest.frontier.known_items import KnownItems
from ingest.frontier.poll_history import Brought, Turn
from ingest.parser_processes import ParserBug, ParserProcesses
from ingest.publish import StateStore
from ingest.web import response_headers
from ingest.web.client import WebClient
from ingest.web.fetch import Answer, Fetched, FetchError, NotModified, conditions
from pipeline import observability
from pipeline.failures import Poison
from pipeline.feed_state import FeedError, FeedEvent
from pipeline.messages import FeedState
from pipeline.settings import Ingest

# of a sitemap index, in one poll: the newest ones
MOST_CHILDREN = 8


NOTHING = Found()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a poll came to, as it is counted and logged. `news`: whether there is something that must be remembered."""

    status: str
    found: Found = NOTHING
    detail: str = ""
    news: bool = False


@dataclass
class Visits:
    """Everything that a poll needs. One event loop."""

    knobs: Ingest
    web: WebClient
    readers: ParserProcesses
    book: StateStore

    def __post_init__(self) -> None:
        knobs = self.knobs
        self._plan = schedule.Plan(
            knobs.interval_seconds,
            knobs.interval_least_seconds,
            knobs.interval_most_seconds,
            knobs.retry_first_seconds,
            knobs.retry_most_seconds,
        )
        self._marks = KnownItems()

    def drop(self, urls: Iterable[str]) -> None:
        """Feeds that are another poller's now."""
        self._marks.drop(urls)

    async def poll(self, url: str) -> Outcome:
        """Polls a feed that is ours and puts its next state into the book."""
        conditional = poll_history.is_conditional(self.book.states[url], self.knobs.unconditional_every)
        answer = await self._ask(url, conditional)
        outcome = await self._take_in(self.book.states[url], answer, conditional)
        if outcome.status != "unchanged":
            event = FeedEvent(
                at=datetime.now(UTC),
                outcome=outcome.status,
                new=outcome.found.new,
                shown=outcome.found.shown,
                detail=outcome.detail,
            )
            self.book.change(url, lambda state: poll_history.noted(state, event))
        return outcome

    def _ask(self, url: str, conditional: bool) -> Awaitable[Answer]:
        """Not a coroutine: who waits for a host's turn must not hold a state that was unpacked for it."""
        state = self.book.states[url]
        wanted = conditions(state.etag, state.last_modified) if conditional else {}
        return self.web.get(poll_history.asked(state), self.knobs.max_feed_bytes, wanted)

    async def _take_in(self, state: FeedState, answer: Answer, conditional: bool) -> Outcome:
        if isinstance(answer, FetchError):
            return self.failed(state.url, answer.kind, answer.detail, answer.status, answer.retry_after)
        self._change(state.url, poll_history.after_hops, answer.hops, datetime.now(UTC), self._held())
        if isinstance(answer, NotModified) or state.body_hash == _hash(answer.body):
            now = datetime.now(UTC)
            hint = response_headers.hint_seconds(answer.headers, now)
            self._change(state.url, poll_history.after_unchanged, self._turn(now), hint, conditional)
            return Outcome("unchanged")
        known = self._marks.known(state.url, known_entries.keys(state))
        parsed = await self._read(state, answer, known)
        if parsed.error and not parsed.entries and not parsed.item_digests:
            return self.failed(state.url, "parse", parsed.error)
        self._marks.note(state.url, parsed, known)
        outcome = self._compared(state.url, parsed, answer, conditional, known_items.unchanged(parsed, known))
        if outcome.found.new and not conditional:
            await self._doubt(state)
        if known_entries.shares_nothing(state, outcome.found):
            return await self._filled(state, outcome)
        return outcome

    def failed(
        self, url: str, kind: str, detail: str, status: int | None = None, retry_after: str | None = None
    ) -> Outcome:
        """The feed is tried again later."""
        now = datetime.now(UTC)
        if kind == "paused":
            self._change(url, poll_history.waits, response_headers.retry_after(retry_after, now) or now)
            return Outcome(kind, detail=detail)
        error = FeedError(kind=kind, detail=detail[:500], at=now)
        wanted = response_headers.retry_after(retry_after, now)
        self._change(url, poll_history.after_error, self._turn(now), error, status, wanted)
        return Outcome(kind if status != 410 else "gone", detail=detail, news=status == 410)

    # --- reading ---

    async def _read(self, state: FeedState, answer: Fetched, known: Mapping[bytes, str]) -> ParsedFeed:
        """What the answer says, without what is known of it; of a sitemap index, what its newest sitemaps say."""
        parsed = await self._parsed(answer, frozenset(known))
        if known_items.is_ambiguous(parsed, known):
            parsed = await self._parsed(answer)
        if not parsed.child_sitemaps:
            return parsed
        since = state.last_success_at
        wanted = [
            each for each in parsed.child_sitemaps if each.modified is None or since is None or each.modified > since
        ]
        entries: list[Entry] = []
        error = parsed.error
        for child in sorted(wanted, key=_newest_first)[:MOST_CHILDREN]:
            found = await self._child(child.url)
            entries += found.entries
            error = error or found.error
        return ParsedFeed(kind=parsed.kind, polling_hints=parsed.polling_hints, entries=tuple(entries), error=error)

    async def _child(self, url: str) -> ParsedFeed:
        answer = await self.web.get(url, self.knobs.max_feed_bytes)
        if isinstance(answer, Fetched):
            return await self._parsed(answer)
        detail = answer.detail if isinstance(answer, FetchError) else "not modified"
        return ParsedFeed(error=f"sitemap {url}: {detail}")

    async def _parsed(self, answer: Fetched, known: frozenset[bytes] = frozenset()) -> ParsedFeed:
        most = self.knobs.max_feed_bytes  # of what is packed in it, too
        try:
            return await self.readers.call(parse_feed, answer.body, answer.url, dict(answer.headers), most, known)
        except (Poison, ParserBug) as error:
            return ParsedFeed(error=str(error))

    # --- comparing ---

    def _compared(
        self, url: str, parsed: ParsedFeed, answer: Fetched, conditional: bool, unchanged: frozenset[str]
    ) -> Outcome:
        now, remember, found = datetime.now(UTC), self.knobs.remember_entries, Found()

        def compare(state: FeedState) -> FeedState:
            nonlocal found
            after, found = known_entries.after_answer(state, parsed.entries, now, remember, unchanged)
            gap, hint = known_entries.shares_nothing(state, found), response_headers.hint_seconds(answer.headers, now)
            brought = Brought(found.shown, found.new, gap, hint, tuple(entry.published for entry in parsed.entries))
            return poll_history.after_changed(
                _described(after, parsed, answer, found), self._turn(now), brought, conditional
            )

        self.book.change(url, compare)
        return Outcome("changed", found, parsed.error or "", news=bool(found.new or found.changed))

    async def _doubt(self, before: FeedState) -> None:
        """The feed has changed. Does the server say so to the validators of the answer before?"""
        wanted = conditions(before.etag, before.last_modified)
        if not wanted or before.distrusted:
            return
        answer = await self.web.get(poll_history.asked(before), self.knobs.max_feed_bytes, wanted)
        if isinstance(answer, NotModified):
            observability.DISTRUSTED.inc()
            self._change(before.url, poll_history.distrusted, datetime.now(UTC))

    async def _filled(self, before: FeedState, outcome: Outcome) -> Outcome:
        """Two answers share nothing: what came and went between them may still stand in the site's news sitemap."""
        observability.GAPS.inc()
        since = (before.last_success_at or datetime.now(UTC)) - timedelta(seconds=before.interval)
        listed = await self._news_sitemap(before)
        fresh = [entry for entry in listed if entry.published and since <= entry.published]
        filled = 0

        def add(state: FeedState) -> FeedState:
            nonlocal filled
            state, filled = known_entries.also(state, fresh, datetime.now(UTC), self.knobs.remember_entries)
            return state

        self.book.change(before.url, add)
        return Outcome("gap", outcome.found, f"{filled} more found in the news sitemap", news=True)

    async def _news_sitemap(self, state: FeedState) -> tuple[Entry, ...]:
        """The entries of the site's news sitemap, the first that is one; none where there is none."""
        site = "/".join(poll_history.asked(state).split("/", 3)[:3])
        named = [each for each in await self.web.sitemaps(site) if "news" in each.lower()]
        for url in dict.fromkeys([*named, *(site + path for path in NEWS_PATHS)]):
            found = await self._child(url)
            if found.kind == "news_sitemap":
                return found.entries
        return ()

    # --- the state ---

    def _turn(self, now: datetime) -> Turn:
        return Turn(self._plan, now, random.random())

    def _held(self) -> timedelta:
        return timedelta(days=self.knobs.move_after_days)

    def _change(self, url: str, change: Callable[..., FeedState], *arguments: object) -> None:
        self.book.change(url, lambda state: change(state, *arguments))


def _described(state: FeedState, parsed: ParsedFeed, answer: Fetched, found: Found) -> FeedState:
    """What makes the next poll conditional and tells its answer unchanged, and what the feed asks for."""
    whole = found.left == 0  # else the next answer must be a whole one: it holds what was left
    now = datetime.now(UTC)
    return replace(
        state,
        etag=answer.headers.get("etag") if whole else None,
        last_modified=answer.headers.get("last-modified") if whole else None,
        body_hash=_hash(answer.body) if whole else None,
        hint_seconds=parsed.polling_hints.ttl_seconds or 0.0,
        skip_hours=parsed.polling_hints.skip_hours,
        skip_days=parsed.polling_hints.skip_days,
        error=FeedError(kind="parse", detail=parsed.error[:500], at=now) if parsed.error else None,
    )


def _newest_first(child: ChildSitemap) -> float:
    return -child.modified.timestamp() if child.modified else 0.0


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]
