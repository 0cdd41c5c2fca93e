"""An entry's way, from its page to its acknowledged article.

In: a pending entry of a feed. Out: an article, a dead letter, or another attempt later; the feed's state says which.
What feed and page say is not lost because one of them can't be had.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from ingest.article import Origin, address, article_from_feed, article_from_page, revised, under, version_of
from ingest.boilerplate import layout_drift, site_boilerplate
from ingest.feeds.parse import Entry
from ingest.frontier import known_entries, poll_history
from ingest.frontier.published_articles import PublishedArticles, Version
from ingest.page.extract import Page, read_page
from ingest.parser_processes import ParserBug, ParserProcesses
from ingest.publish import STAGE, AsyncPublisher, StateStore
from ingest.urls import article_id, canonical_url, is_home_page, is_section_page, is_shortener
from ingest.web import response_headers
from ingest.web.client import WebClient
from ingest.web.fetch import Fetched, FetchError, NotModified
from pipeline import observability
from pipeline.failures import Backoff, Poison
from pipeline.feed_state import FeedEvent, PageStatistics, Pending, Seen
from pipeline.messages import Article, FeedState
from pipeline.settings import Ingest

# asking again would bring the same
FINAL_KINDS = frozenset({"too_large", "redirect", "refused", "encoding", "media"})
FINAL_STATUS = frozenset({404, 410, 451})
# a server that asks for more time than this is not waited for longer
MOST_PUT_OFF = timedelta(days=2)


@dataclass
class Pages:
    """Everything that an entry needs on its way. One event loop."""

    knobs: Ingest
    web: WebClient
    readers: ParserProcesses
    desk: AsyncPublisher
    book: StateStore
    published: PublishedArticles

    def __post_init__(self) -> None:
        self._room = asyncio.Semaphore(self.knobs.connections)  # pages in memory: asked for and not yet read
        self._backoff = Backoff(self.knobs.page_retry_seconds, self.knobs.retry_most_seconds)
        self._log = observability.get_logger(STAGE)

    async def follow(self, url: str, pending: Pending) -> None:
        """One attempt for one entry of the feed at `url`; returns when what came of it is remembered."""
        started = time.monotonic()
        entry = known_entries.unpacked(pending).entry
        outcome = await self._attempt(url, pending, entry)
        await self.book.remember(url)
        took = round(time.monotonic() - started, 3)
        self._log.info("page", feed=url, url=pending.url, status=outcome, attempt=pending.attempts + 1, took=took)

    async def _attempt(self, url: str, pending: Pending, entry: Entry) -> str:
        """The outcome, for people and logs."""
        if pending.told is None and self._shown_before(url, pending, entry):
            return "known"
        found = await self._page(pending.url, entry)
        if isinstance(found, FetchError):
            return await self._without_page(url, pending, entry, found)
        if isinstance(found, Poison):
            self._learn(url, layout_drift.update_after_empty_page)
            return await self._from_feed(url, pending, entry, found.reason)
        if is_home_page(address(found)) or is_section_page(address(found)):
            return await self._from_feed(url, pending, entry, "no_article_page")
        origin = self._origin(url, pending.url)
        page = self._without_what_returns(url, found)
        article = article_from_page(page, entry, origin, datetime.now(UTC), self.knobs.max_text_chars)
        before = pending.told or self._before(url, pending)
        if before is None and (version := self.published.get(article.id)) is not None:
            self._settle(url, pending, article.id, version)  # another feed has brought it meanwhile
            return "known"
        return await self._publish(url, pending, under(before.article if before else "", article, entry))

    def _shown_before(self, url: str, pending: Pending, entry: Entry) -> bool:
        """Whether an entry that is new to its feed is an article that another feed has brought."""
        article = article_id(canonical_url(entry.url) or entry.url)
        version = self.published.get(article)
        state = self.book.states.get(url)
        if version is None or state is None or any(seen.entry == pending.entry for seen in state.seen):
            return False
        self._settle(url, pending, article, version)
        return True

    def _without_what_returns(self, url: str, page: Page) -> Page:
        """The page without the lines that return on many pages of its feed, which learns from it."""
        state = self.book.states.get(url)
        if state is None:
            return page
        recurring = site_boilerplate.find_recurring_lines(state.page_statistics)
        cleaned = site_boilerplate.remove_lines(page.text, recurring)
        self._learn(url, lambda before: site_boilerplate.update_after_page(before, page.text, cleaned))
        return replace(page, text=cleaned)

    def _learn(self, url: str, learn: Callable[[PageStatistics], PageStatistics]) -> None:
        said = ""

        def learnt(state: FeedState) -> FeedState:
            nonlocal said
            now = datetime.now(UTC)
            after, said = layout_drift.track_drift(state.page_statistics, learn(state.page_statistics), now)
            state = replace(state, page_statistics=after)
            return poll_history.noted(state, FeedEvent(at=now, outcome="drift", detail=said)) if said else state

        self.book.change(url, learnt)
        if said:
            observability.DRIFTS.inc()
            self._log.warning("drift", feed=url, detail=said)

    # --- the page ---

    async def _page(self, url: str, entry: Entry) -> Page | FetchError | Poison:
        """The page, or why there is none; one that can't be read is buried before its bytes are let go."""
        answer = await self.web.get(url, self.knobs.max_page_bytes, room=self._room, page=True)
        if isinstance(answer, NotModified):
            answer = FetchError("http", "304 without a condition", 304)
        observability.PAGES.labels(answer.kind if isinstance(answer, FetchError) else "fetched").inc()
        if isinstance(answer, FetchError):
            return answer
        try:
            return await self._read(url, answer, entry)
        finally:
            self._room.release()

    async def _read(self, url: str, answer: Fetched, entry: Entry) -> Page | Poison:
        try:
            return await self.readers.call(read_page, answer.body, answer.url, dict(answer.headers), entry)
        except (Poison, ParserBug) as error:
            poison = error if isinstance(error, Poison) else Poison("bug", str(error))
            await self.desk.bury(url, answer.body, poison)
            return poison

    async def _without_page(self, url: str, pending: Pending, entry: Entry, error: FetchError) -> str:
        """The news is published at once, as its feed tells it; the page is tried again, unless that is in vain."""
        if error.kind == "paused":  # nothing was asked: this was no attempt, and says nothing of the page
            later = response_headers.retry_after(error.retry_after, datetime.now(UTC))
            self.book.change(url, lambda state: known_entries.waits(state, pending.entry, later or datetime.now(UTC)))
            return "paused"
        forbidden = error.kind == "robots" and error.retry_after is None
        final = forbidden or error.kind in FINAL_KINDS or error.status in FINAL_STATUS
        if final or pending.attempts + 1 >= self.knobs.page_attempts:
            return await self._from_feed(url, pending, entry, error.kind, Poison("unreachable_page", error.detail))
        told = pending.told or await self._told_meanwhile(url, pending, entry)
        self._put_off(url, pending, told, response_headers.retry_after(error.retry_after, datetime.now(UTC)))
        return f"{error.kind}, later" + (", told from feed" if told and not pending.told else "")

    async def _told_meanwhile(self, url: str, pending: Pending, entry: Entry) -> Seen | None:
        """The article, published from its feed's text; None where that has none, or the article is known already."""
        if self._before(url, pending) is not None or is_shortener(entry.url):
            return None
        article = article_from_feed(entry, self._origin(url, pending.url), datetime.now(UTC), self.knobs.max_text_chars)
        if article is None or self.published.get(article.id) is not None:
            return None
        sent = await self._sent(url, pending, article)
        return known_entries.told(pending, article.id, version_of(article)) if sent else None

    async def met_a_bug(self, url: str, pending: Pending, error: Exception) -> None:
        """An entry that met a bug of ours is tried again like a page that can't be had, and is buried at the end."""
        if pending.attempts + 1 < self.knobs.page_attempts:
            self._put_off(url, pending, pending.told)
        else:
            await self.desk.bury(pending.url, b"", Poison("bug", f"{type(error).__name__}: {error}"))
            self._settle(url, pending, "", None)
        await self.book.remember(url)

    def _put_off(self, url: str, pending: Pending, told: Seen | None, wanted: datetime | None = None) -> None:
        now = datetime.now(UTC)
        due = now + timedelta(seconds=self._backoff.delay(pending.attempts + 1, 1.0))
        due = max(due, min(wanted, now + MOST_PUT_OFF)) if wanted else due
        self.book.change(url, lambda state: known_entries.put_off(state, pending.entry, due, told))

    # --- the article ---

    def _before(self, url: str, pending: Pending) -> Seen | None:
        """The entry as it was dealt with before, when it was."""
        state = self.book.states.get(url)
        return next((seen for seen in state.seen if seen.entry == pending.entry), None) if state else None

    async def _from_feed(
        self, url: str, pending: Pending, entry: Entry, reason: str, letter: Poison | None = None
    ) -> str:
        """The article as the feed tells it. One that was published before stays as it is: pages tell more."""
        before = self._before(url, pending)
        if before is not None and before.article:
            self._settle(url, pending, before.article, Version(before.content, before.revision, before.first_seen_at))
            return f"{reason}, kept"
        article = article_from_feed(entry, self._origin(url, pending.url), datetime.now(UTC), self.knobs.max_text_chars)
        if article is not None and not is_shortener(article.url):
            return f"{reason}, {await self._publish(url, pending, article)} from feed"
        if letter is not None:
            await self.desk.bury(pending.url, b"", letter)
        self._settle(url, pending, "", None)
        return reason

    async def _publish(self, url: str, pending: Pending, article: Article) -> str:
        """Sends the article, where it says something new, and settles its entry when it is acknowledged."""
        known = self.published.get(article.id)
        revision = revised(article, known)
        if revision is None:
            self._settle(url, pending, article.id, known)
            return "unchanged"
        if not await self._sent(url, pending, revision):
            self._settle(url, pending, "", None)
            return "too_large"
        self._settle(url, pending, article.id, version_of(revision))
        return "new" if revision.revision == 1 else "revised"

    async def _sent(self, url: str, pending: Pending, article: Article) -> bool:
        """Whether the article is acknowledged; one that can't be sent is buried."""
        known = self.published.get(article.id)
        self.published.put(article.id, version_of(article))  # before it is sent: another feed may show it meanwhile
        try:
            await self.desk.publish(article)
        except Poison as poison:
            self.published.put(article.id, known) if known else self.published.forget(article.id)
            await self.desk.bury(pending.url, b"", poison)
            return False
        self.book.change(url, lambda state: known_entries.counted(state, article.fetched_at))
        return True

    def _settle(self, url: str, pending: Pending, article: str, version: Version | None) -> None:
        now = datetime.now(UTC)
        self.book.change(url, lambda state: known_entries.settled(state, pending.entry, version, article, now))

    def _origin(self, url: str, page: str) -> Origin:
        state, opt_outs = self.book.states.get(url), self.web.signals_of(page)
        return Origin(url, state.name if state else "", state.language if state else None, opt_outs)
