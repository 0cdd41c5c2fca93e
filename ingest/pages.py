"""An entry's way to its acknowledged article: fetch the page, read it, decide, act on the decision.

In: an entry that waits in its feed's state. Out: an article, a dead letter, or another attempt later; the feed's state
says which, and is acknowledged by Kafka before `visit` returns. What is decided is decided in ingest/entry_decision.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec.structs import replace

from ingest import belonging, continuation, entry_decision
from ingest.article import Origin, version_of
from ingest.deliveries import delivery_decision
from ingest.entry_decision import Case, Decision, Rules, UnreadablePage
from ingest.feeds.entry import Entry
from ingest.frontier import feed_events, known_entries, waiting_entries
from ingest.frontier.published_articles import PublishedArticles
from ingest.frontier.visit_record import PageVisit, after_visit, with_visit
from ingest.page.extract import Page, read_or_follow, read_page
from ingest.pagination.next_page import Position
from ingest.publish import STAGE, AsyncPublisher, StateStore
from ingest.sandbox.parser_processes import ParserBug, ParserProcesses
from ingest.urls import host_of
from ingest.web.client import WebClient
from ingest.web.fetch import Fetched, FetchError, NotModified
from pipeline import observability
from pipeline.failures import Backoff, Poison
from pipeline.feed_state import FeedEvent, PageStatistics, PendingEntry
from pipeline.messages import Article, FeedState
from pipeline.settings import Ingest

NO_VISIT = PageVisit()
MOST_REFRESHES = 3  # pages that only send their readers on (<meta http-equiv="refresh">), one after the other


@dataclass
class PageVisits:
    """Follows entries to their articles. One event loop."""

    knobs: Ingest
    web: WebClient
    parsers: ParserProcesses
    publisher: AsyncPublisher
    store: StateStore
    published: PublishedArticles

    def __post_init__(self) -> None:
        knobs = self.knobs
        self._rules = Rules(
            knobs.page_attempts, Backoff(knobs.page_retry_seconds, knobs.retry_most_seconds), knobs.max_text_chars
        )
        self._room = asyncio.Semaphore(knobs.connections)  # pages in memory: asked for and not yet read
        self._log = observability.get_logger(STAGE)

    async def visit(self, url: str, pending: PendingEntry) -> None:
        """One attempt for one entry of the feed at `url`; returns when what came of it is remembered."""
        started = time.monotonic()
        entry = waiting_entries.unpack_entry(pending).entry
        case = self._case(url, pending, entry)
        decision = (
            delivery_decision.decide(case, entry.delivery, self._rules)
            if entry.delivery
            else entry_decision.without_fetching(case, self._rules)
        )
        status = (
            await self._act(url, pending, decision) if decision else await self._fetch(url, pending, entry, pending.url)
        )
        await self.store.save(url)
        took = round(time.monotonic() - started, 3)
        self._log.info("page", feed=url, url=pending.url, status=status, attempt=pending.attempts + 1, took=took)

    async def after_bug(self, url: str, pending: PendingEntry, error: Exception) -> None:
        """Decides an entry whose visit raised what it should not; returns when that is remembered."""
        case = self._case(url, pending, waiting_entries.unpack_entry(pending).entry)
        await self._act(url, pending, entry_decision.after_bug(case, error, self._rules))
        await self.store.save(url)

    def _case(self, url: str, pending: PendingEntry, entry: Entry) -> Case:
        """What is known now."""
        state, opt_outs = self.store.get(url), self.web.robots_opt_outs(pending.url if host_of(pending.url) else url)
        origin = Origin(url, state.name if state else "", state.language if state else None, opt_outs)
        return Case(pending, entry, state, origin, self.published.get, datetime.now(UTC))

    # --- the page ---

    async def _fetch(self, url: str, pending: PendingEntry, entry: Entry, address: str, followed: int = 0) -> str:
        """Fetches and reads the page at `address`, or that which it sends its readers to, and acts on what is decided.

        Returns the status. `followed` is how many pages led here.

        The bytes of a page that can't be read are let go, and its room in memory given back, when its dead letter is
        acknowledged; those of another one as soon as it was read.
        """
        answer = await self._ask(address)
        if isinstance(answer, FetchError):
            status = answer.status if answer.kind == "http" else None
            visit = PageVisit(str(status or answer.kind), detail=answer.detail)
            return await self._decide_and_act(url, pending, entry, answer, visit)
        in_memory, visit = True, PageVisit(str(answer.status), answer.url)
        try:
            result = await self._read(answer, entry, followed)
            if not isinstance(result, UnreadablePage):
                del answer
                self._room.release()
                in_memory = False
            if isinstance(result, str):
                return await self._fetch(url, pending, entry, result, followed + 1)
            if isinstance(result, Page) and result.next_url and not belonging.judge(result, entry).refused:
                result = await self._read_further_pages(result)
            return await self._decide_and_act(url, pending, entry, result, visit)
        finally:
            if in_memory:
                self._room.release()

    async def _ask(self, url: str) -> Fetched | FetchError:
        answer = await self.web.get(url, self.knobs.max_page_bytes, body_slots=self._room, page=True)
        if isinstance(answer, NotModified):
            answer = FetchError("http", "304 without a condition", 304)
        observability.PAGES.labels(answer.kind if isinstance(answer, FetchError) else "fetched").inc()
        return answer

    async def _read(self, answer: Fetched, entry: Entry, followed: int) -> Page | UnreadablePage | str:
        """The page, why it can't be read, or the address that it sends its readers to."""
        read = read_or_follow if followed < MOST_REFRESHES else read_page
        try:
            return await self.parsers.call(read, answer.body, answer.url, dict(answer.headers), entry)
        except Poison as poison:
            return UnreadablePage(poison, answer.body)
        except ParserBug as bug:
            return UnreadablePage(Poison("bug", str(bug)), answer.body)

    async def _read_further_pages(self, page: Page) -> Page:
        """The page with the text of the article's further pages, one after the other.

        Its `next_url` is left where one of them can't be had, is none of this article's, or is one too many.
        """
        for number in range(2, self.knobs.article_pages + 1):
            follows = page.next_url is not None and continuation.number_of(page.next_url, page) == number
            if not follows or len(page.text) > self.knobs.max_text_chars:
                break
            further = await self._further_page(page, number)
            joined = further and continuation.with_further_page(page, further, number)
            if joined is None:
                break
            page = joined
        return page

    async def _further_page(self, page: Page, number: int) -> Page | None:
        """The page that `next_url` leads to, the `number`th of its article; None where it can't be had or read."""
        answer = await self._ask(page.next_url or "")
        if isinstance(answer, FetchError):
            return None
        position = Position((page.url, page.canonical_url), number)
        try:
            return await self.parsers.call(read_page, answer.body, answer.url, dict(answer.headers), None, position)
        except (Poison, ParserBug):
            return None
        finally:
            self._room.release()

    # --- the decision ---

    async def _decide_and_act(
        self,
        url: str,
        pending: PendingEntry,
        entry: Entry,
        result: Page | UnreadablePage | FetchError,
        visit: PageVisit,
    ) -> str:
        case = self._case(url, pending, entry)
        return await self._act(url, pending, entry_decision.after_fetching(case, result, self._rules), visit)

    async def _act(self, url: str, pending: PendingEntry, decision: Decision, visit: PageVisit = NO_VISIT) -> str:
        """Does what was decided, in the order of Decision's fields; the status of what was done."""
        if decision.statistics is not None:
            self._remember_statistics(url, decision.statistics, decision.drift)
        if decision.dead_letter is not None:
            await self.publisher.publish_dead_letter(
                pending.url, decision.dead_letter.body, decision.dead_letter.poison
            )
        article = with_visit(decision.article, pending.url, visit) if decision.article else None
        if article is not None and not await self._send(url, pending, article):
            instead = decision.if_too_large
            return await self._act(url, pending, instead, visit) if instead else decision.status
        now, then, status = datetime.now(UTC), decision.then, decision.status
        self.store.change(url, lambda state: after_visit(state, pending, then, visit, status, now))
        return decision.status

    def _remember_statistics(self, url: str, statistics: PageStatistics, drift: str) -> None:
        def changed(state: FeedState) -> FeedState:
            state = replace(state, page_statistics=statistics)
            event = FeedEvent(at=datetime.now(UTC), outcome="drift", detail=drift)
            return feed_events.with_event(state, event) if drift else state

        self.store.change(url, changed)
        if drift:
            observability.DRIFTS.inc()
            self._log.warning("drift", feed=url, detail=drift)

    async def _send(self, url: str, pending: PendingEntry, article: Article) -> bool:
        """Whether the article is acknowledged; one that is too large becomes a dead letter."""
        article = replace(article, found_at=pending.found_at)
        known = self.published.get(article.id)
        self.published.put(article.id, version_of(article))  # before it is sent: another feed may show it meanwhile
        try:
            await self.publisher.publish_article(article)
        except Poison as poison:
            self.published.put(article.id, known) if known else self.published.forget(article.id)
            await self.publisher.publish_dead_letter(pending.url, b"", poison)
            return False
        self.store.change(url, lambda state: known_entries.count_article(state, article.fetched_at))
        return True
