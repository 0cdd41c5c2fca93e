"""An entry's way, from its page to its acknowledged article.

In: a pending entry of a feed. Out: an article, a dead letter, or another attempt later; the feed's state says which.
What feed and page say is not lost because one of them can't be had.
"""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingest import memory
from ingest.article import Origin, address, article_from_feed, article_from_page, revised, version_of
from ingest.extract import Page, read_page
from ingest.fetch import Fetched, Fetcher, FetchError, NotModified
from ingest.hosts import Hosts
from ingest.memory import Published, Version
from ingest.parse import Entry
from ingest.publish import STAGE, Book, Desk
from ingest.readers import ReaderBug, Readers
from ingest.urls import article_id, canonical_url, host_of, is_home_page
from pipeline import observe
from pipeline.failures import Backoff, Poison
from pipeline.messages import Article, Pending
from pipeline.settings import Ingest

# asking again would bring the same
FINAL_KINDS = frozenset({"too_large", "redirect", "refused", "encoding"})
FINAL_STATUS = frozenset({404, 410, 451})


@dataclass
class Pages:
    """Everything that an entry needs on its way. One event loop."""

    knobs: Ingest
    fetcher: Fetcher
    hosts: Hosts
    readers: Readers
    desk: Desk
    book: Book
    published: Published

    def __post_init__(self) -> None:
        self._room = asyncio.Semaphore(self.knobs.connections)  # pages in memory: asked for and not yet read
        self._backoff = Backoff(self.knobs.page_retry_seconds, self.knobs.interval_most_seconds)
        self._log = observe.get_logger(STAGE)

    async def follow(self, url: str, pending: Pending) -> None:
        """One attempt for one entry of the feed at `url`; returns when what came of it is remembered."""
        started = time.monotonic()
        entry = memory.unpacked(pending).entry
        outcome = await self._attempt(url, pending, entry)
        await self.book.remember(url)
        took = round(time.monotonic() - started, 3)
        self._log.info("page", feed=url, url=pending.url, status=outcome, attempt=pending.attempts + 1, took=took)

    async def _attempt(self, url: str, pending: Pending, entry: Entry) -> str:
        """The outcome, for people and logs."""
        if self._shown_before(url, pending, entry):
            return "known"
        found = await self._page(pending.url)
        if isinstance(found, FetchError):
            return await self._without_page(url, pending, entry, found)
        if isinstance(found, Poison):
            return await self._from_feed(url, pending, entry, found.reason)
        if is_home_page(address(found)):
            return await self._from_feed(url, pending, entry, "home_page")
        origin = self._origin(url)
        article = article_from_page(found, entry, origin, datetime.now(UTC), self.knobs.max_text_chars)
        return await self._publish(url, pending, article)

    def _shown_before(self, url: str, pending: Pending, entry: Entry) -> bool:
        """Whether an entry that is new to its feed is an article that another feed has brought."""
        article = article_id(canonical_url(entry.url) or entry.url)
        version = self.published.get(article)
        state = self.book.states.get(url)
        if version is None or state is None or any(seen.entry == pending.entry for seen in state.seen):
            return False
        self._settle(url, pending, article, version)
        return True

    # --- the page ---

    async def _page(self, url: str) -> Page | FetchError | Poison:
        """The page, or why there is none; one that can't be read is buried before its bytes are let go."""
        async with AsyncExitStack() as kept:
            async with self.hosts.turn(host_of(url)):
                await kept.enter_async_context(self._room)
                async with self.hosts.connection:
                    answer = await self.fetcher.get(url, self.knobs.max_page_bytes)
            if isinstance(answer, NotModified):
                answer = FetchError("http", "304 without a condition", 304)
            observe.PAGES.labels(answer.kind if isinstance(answer, FetchError) else "fetched").inc()
            return answer if isinstance(answer, FetchError) else await self._read(url, answer)

    async def _read(self, url: str, answer: Fetched) -> Page | Poison:
        try:
            return await self.readers.call(read_page, answer.body, answer.url, dict(answer.headers))
        except (Poison, ReaderBug) as error:
            poison = error if isinstance(error, Poison) else Poison("bug", str(error))
            await self.desk.bury(url, answer.body, poison)
            return poison

    async def _without_page(self, url: str, pending: Pending, entry: Entry, error: FetchError) -> str:
        final = error.kind in FINAL_KINDS or error.status in FINAL_STATUS
        if final or pending.attempts + 1 >= self.knobs.page_attempts:
            return await self._from_feed(url, pending, entry, error.kind, Poison("unreachable_page", error.detail))
        self._put_off(url, pending)
        return f"{error.kind}, later"

    async def met_a_bug(self, url: str, pending: Pending, error: Exception) -> None:
        """An entry that met a bug of ours is tried again like a page that can't be had, and is buried at the end."""
        if pending.attempts + 1 < self.knobs.page_attempts:
            self._put_off(url, pending)
        else:
            await self.desk.bury(pending.url, b"", Poison("bug", f"{type(error).__name__}: {error}"))
            self._settle(url, pending, "", None)
        await self.book.remember(url)

    def _put_off(self, url: str, pending: Pending) -> None:
        wait = timedelta(seconds=self._backoff.delay(pending.attempts + 1, 1.0))
        self.book.change(url, lambda state: memory.put_off(state, pending.entry, datetime.now(UTC) + wait))

    # --- the article ---

    async def _from_feed(
        self, url: str, pending: Pending, entry: Entry, reason: str, letter: Poison | None = None
    ) -> str:
        """The article as the feed tells it. One that was published before stays as it is: pages tell more."""
        state = self.book.states.get(url)
        before = next((seen for seen in state.seen if seen.entry == pending.entry), None) if state else None
        if before is not None and before.article:
            known = Version(before.content, before.revision, before.first_seen_at)
            self._settle(url, pending, before.article, known)
            return f"{reason}, kept"
        article = article_from_feed(entry, self._origin(url), datetime.now(UTC), self.knobs.max_text_chars)
        if article is not None:
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
        self.published.put(article.id, version_of(revision))  # before it is sent: another feed may show it meanwhile
        try:
            await self.desk.publish(revision)
        except Poison as poison:
            self.published.put(article.id, known) if known else self.published.forget(article.id)
            await self.desk.bury(pending.url, b"", poison)
            self._settle(url, pending, "", None)
            return poison.reason
        self._settle(url, pending, article.id, version_of(revision))
        self.book.change(url, lambda state: memory.counted(state, revision.fetched_at))
        return "new" if revision.revision == 1 else "revised"

    def _settle(self, url: str, pending: Pending, article: str, version: Version | None) -> None:
        now = datetime.now(UTC)
        self.book.change(url, lambda state: memory.settled(state, pending.entry, version, article, now))

    def _origin(self, url: str) -> Origin:
        state = self.book.states.get(url)
        return Origin(url, state.name, state.language) if state else Origin(url, "")
