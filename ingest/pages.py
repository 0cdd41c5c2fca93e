"""An entry's way to its acknowledged article: fetch the page, read it, decide, act on the decision.

In: an entry that waits in its feed's state, for its page or for a revisit of it. Out: an article, a dead letter, or
another attempt later; the feed's state says which, and is acknowledged by Kafka before `visit` and `revisit` return.
What is decided is decided in ingest/entry_decision and ingest/revisit_decision.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from ingest import belonging, continuation, entry_decision, revisit_decision
from ingest.article import Origin, version_of
from ingest.deliveries import delivery_decision
from ingest.entry_decision import Case, Decision, Rules, UnreadablePage
from ingest.feeds.entry import Entry
from ingest.frontier import feed_events, known_entries, waiting_entries
from ingest.frontier.published_articles import PublishedArticles
from ingest.frontier.revisits import waiting_revisits
from ingest.frontier.revisits.waiting_revisits import PageVersion, page_version
from ingest.frontier.visit_record import PageVisit, after_visit, with_visit
from ingest.page.extract import Page, read_or_follow, read_page
from ingest.pagination.next_page import Position
from ingest.publish import STAGE, AsyncPublisher, StateStore
from ingest.sandbox.parser_processes import ParserBug, ParserProcesses
from ingest.urls import host_of
from ingest.web.client import WebClient
from ingest.web.fetch import Fetched, FetchError, FetchResult, NotModified, conditional_headers
from pipeline import observability
from pipeline.failures import Backoff, Poison
from pipeline.feed_state import FeedEvent, PageStatistics, PendingEntry, Revisit
from pipeline.messages import Article, FeedState
from pipeline.settings import Ingest

NO_VISIT = PageVisit()
NO_CONDITION: Mapping[str, str] = {}
MOST_REFRESHES = 3  # pages that only send their readers on (<meta http-equiv="refresh">), one after the other


@dataclass(frozen=True, slots=True)
class _Visit:
    """One attempt for one entry of the feed at `feed`; `revisit` where its article is published already."""

    feed: str
    pending: PendingEntry
    entry: Entry
    revisit: Revisit | None = None

    @property
    def condition(self) -> dict[str, str]:
        """The headers under which the server answers that nothing has changed."""
        return conditional_headers(self.revisit.etag, self.revisit.last_modified) if self.revisit else {}


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
        self._revisit_times = tuple(timedelta(hours=float(each)) for each in knobs.revisit_hours.split())
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
        asked = _Visit(url, pending, entry)
        status = await self._act(asked, decision) if decision else await self._fetch(asked, pending.url)
        await self.store.save(url)
        took = round(time.monotonic() - started, 3)
        self._log.info("page", feed=url, url=pending.url, status=status, attempt=pending.attempts + 1, took=took)

    async def revisit(self, url: str, revisit: Revisit) -> None:
        """Asks once more for a page that was published; returns when what came of it is remembered."""
        started = time.monotonic()
        pending = waiting_revisits.as_pending(revisit, datetime.now(UTC))
        asked = _Visit(url, pending, waiting_entries.unpack_entry(pending).entry, revisit)
        status = await self._fetch(asked, pending.url)
        await self.store.save(url)
        took = round(time.monotonic() - started, 3)
        self._log.info("revisited", feed=url, url=pending.url, status=status, took=took)

    async def after_revisit_bug(self, url: str, revisit: Revisit) -> None:
        """A revisit that raised what it should not is not repeated: the article stays as it is."""
        self.store.change(url, lambda state: waiting_revisits.give_up(state, revisit))
        await self.store.save(url)

    async def after_bug(self, url: str, pending: PendingEntry, error: Exception) -> None:
        """Decides an entry whose visit raised what it should not; returns when that is remembered."""
        case = self._case(url, pending, waiting_entries.unpack_entry(pending).entry)
        await self._act(_Visit(url, pending, case.entry), entry_decision.after_bug(case, error, self._rules))
        await self.store.save(url)

    def _case(self, url: str, pending: PendingEntry, entry: Entry) -> Case:
        """What is known now."""
        state, opt_outs = self.store.get(url), self.web.robots_opt_outs(pending.url if host_of(pending.url) else url)
        origin = Origin(url, state.name if state else "", state.language if state else None, opt_outs)
        return Case(pending, entry, state, origin, self.published.get, datetime.now(UTC))

    # --- the page ---

    async def _fetch(self, asked: _Visit, address: str, followed: int = 0) -> str:
        """Fetches and reads the page at `address`, or that which it sends its readers to, and acts on what is decided.

        Returns the status. `followed` is how many pages led here.

        The bytes of a page that can't be read are let go, and its room in memory given back, when its dead letter is
        acknowledged; those of another one as soon as it was read.
        """
        answer = await self._ask(address, {} if followed else asked.condition)
        if isinstance(answer, NotModified):
            return await self._decide_and_act(asked, answer)
        if isinstance(answer, FetchError):
            status = answer.status if answer.kind == "http" else None
            visit = PageVisit(str(status or answer.kind), detail=answer.detail)
            return await self._decide_and_act(asked, answer, visit)
        in_memory, visit, validators = True, PageVisit(str(answer.status), answer.url), answer.headers
        try:
            result = await self._read(answer, asked.entry, followed)
            if not isinstance(result, UnreadablePage):
                del answer
                self._room.release()
                in_memory = False
            if isinstance(result, str):
                return await self._fetch(asked, result, followed + 1)
            if isinstance(result, Page) and result.next_url and not belonging.judge(result, asked.entry).refused:
                validators, result = {}, await self._read_further_pages(result)
            return await self._decide_and_act(asked, result, visit, {} if followed else validators)
        finally:
            if in_memory:
                self._room.release()

    async def _ask(self, url: str, condition: Mapping[str, str] = NO_CONDITION) -> FetchResult:
        answer = await self.web.get(url, self.knobs.max_page_bytes, condition, body_slots=self._room, page=True)
        if isinstance(answer, NotModified) and not condition:
            answer = FetchError("http", "304 without a condition", 304)
        outcome = "unchanged" if isinstance(answer, NotModified) else "fetched"
        observability.PAGES.labels(answer.kind if isinstance(answer, FetchError) else outcome).inc()
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
        if not isinstance(answer, Fetched):
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
        asked: _Visit,
        result: Page | UnreadablePage | FetchError | NotModified,
        visit: PageVisit = NO_VISIT,
        validators: Mapping[str, str] = NO_CONDITION,
    ) -> str:
        """`validators`: headers of the answer, where the whole text is from it."""
        case = self._case(asked.feed, asked.pending, asked.entry)
        version = page_version(result.title, result.text, validators) if isinstance(result, Page) else None
        if asked.revisit is not None:
            decision = revisit_decision.decide(case, asked.revisit, result, self._rules)
            return await self._act_on_revisit(asked, asked.revisit, decision, visit, version)
        if isinstance(result, NotModified):
            raise TypeError("a page that was asked for without a condition can't be unmodified")
        return await self._act(asked, entry_decision.after_fetching(case, result, self._rules), visit, version)

    async def _act_on_revisit(
        self, asked: _Visit, revisit: Revisit, decision: Decision, visit: PageVisit, version: PageVersion | None
    ) -> str:
        """Sends the revision, if it is one, and remembers what came of the revisit; the status of what was done."""
        article = with_visit(decision.article, asked.pending.url, visit) if decision.article else None
        if article is not None and not await self._send(asked, article):
            decision = decision.if_too_large or decision
        done, times, now = decision, self._revisit_times, datetime.now(UTC)
        self.store.change(
            asked.feed, lambda state: revisit_decision.after_revisit(state, revisit, done, version, times, now)
        )
        observability.REVISITS.labels(done.status.rpartition(", ")[2]).inc()
        return done.status

    async def _act(
        self, asked: _Visit, decision: Decision, visit: PageVisit = NO_VISIT, version: PageVersion | None = None
    ) -> str:
        """Does what was decided, in the order of Decision's fields; the status of what was done.

        `version`: of its page, where one was read.
        """
        url, pending = asked.feed, asked.pending
        if decision.statistics is not None:
            self._remember_statistics(url, decision.statistics, decision.drift)
        if decision.dead_letter is not None:
            await self.publisher.publish_dead_letter(
                pending.url, decision.dead_letter.body, decision.dead_letter.poison
            )
        article = with_visit(decision.article, pending.url, visit) if decision.article else None
        if article is not None and not await self._send(asked, article):
            instead = decision.if_too_large
            return await self._act(asked, instead, visit) if instead else decision.status
        now, then, status = datetime.now(UTC), decision.then, decision.status
        self.store.change(url, lambda state: after_visit(state, pending, then, visit, status, now))
        if article is not None and version is not None and article.text_from == "page":
            self._note_revisit(asked, article, version)
        return decision.status

    def _note_revisit(self, asked: _Visit, article: Article, version: PageVersion) -> None:
        """The page is to be asked for again, unless as many wait for that as the operator allows."""
        if self.store.states.revisits >= self.knobs.revisit_most_articles:
            return
        times, first_seen_at, now = self._revisit_times, article.first_seen_at, datetime.now(UTC)
        self.store.change(
            asked.feed,
            lambda state: waiting_revisits.after_publishing(state, asked.pending, version, first_seen_at, times, now),
        )

    def _remember_statistics(self, url: str, statistics: PageStatistics, drift: str) -> None:
        def changed(state: FeedState) -> FeedState:
            state = replace(state, page_statistics=statistics)
            event = FeedEvent(at=datetime.now(UTC), outcome="drift", detail=drift)
            return feed_events.with_event(state, event) if drift else state

        self.store.change(url, changed)
        if drift:
            observability.DRIFTS.inc()
            self._log.warning("drift", feed=url, detail=drift)

    async def _send(self, asked: _Visit, article: Article) -> bool:
        """Whether the article is acknowledged; one that is too large becomes a dead letter, unless it was published."""
        article = replace(article, found_at=asked.pending.found_at)
        known, version = self.published.get(article.id), version_of(article)
        self.published.put(article.id, version)  # before it is sent: another feed may show it meanwhile
        try:
            await self.publisher.publish_article(article)
        except BaseException as error:  # also where it was given up, since its feed is another poller's
            self.published.take_back(article.id, version, known)
            if not isinstance(error, Poison):
                raise
            if asked.revisit is None:
                await self.publisher.publish_dead_letter(asked.pending.url, b"", error)
            return False
        self.store.change(asked.feed, lambda state: known_entries.count_article(state, article.fetched_at))
        return True
