"""THE PATH of ingest: a due feed is asked, read and compared with what is known; then its new entries go their way
(ingest/pages).

In: the feed list, and our share of `feeds`. Out: `articles`, `feeds` and `dead`. What a poll found is acknowledged
before a page is asked for, and an entry leaves `pending` only after its article is acknowledged.
"""

import asyncio
import hashlib
import random
import time
from datetime import UTC, datetime

from ingest import memory, schedule
from ingest.agenda import Agenda, Work
from ingest.feeds import read_feeds
from ingest.fetch import Answer, Fetched, Fetcher, FetchError, NotModified, conditions
from ingest.hosts import Hosts
from ingest.ledger import Follower, Share
from ingest.memory import Found, Polled
from ingest.pages import Pages
from ingest.parse import ParsedFeed, parse_feed
from ingest.publish import STAGE, Book, Desk
from ingest.readers import ReaderBug, Readers
from pipeline import observe
from pipeline.failures import Poison
from pipeline.messages import FeedError, FeedState, Pending
from pipeline.service import Service
from pipeline.settings import Settings

TICK_SECONDS = 0.1
GAUGE_SECONDS = 2.0


def run(options: Settings, service: Service, once: bool = False) -> None:
    """Polls until `service.stop` is set; with `once`, every feed once and every waiting page once.

    Raises WrongSetting (the feed list, a missing topic) and TooManyBugs.
    """
    feeds = read_feeds(options.feeds_file())

    async def poll() -> None:
        async with Fetcher(options.ingest) as fetcher:
            poller = Poller(options, service, fetcher, once)
            follower = Follower(options, feeds, poller.told)
            try:
                await poller.work()
            finally:
                await poller.close()
                follower.close()

    asyncio.run(poll())


class Poller:
    """Everything between the web and Kafka. One event loop."""

    def __init__(self, options: Settings, service: Service, fetcher: Fetcher, once: bool) -> None:
        self._knobs = knobs = options.ingest
        self._service, self._fetcher = service, fetcher
        self._plan = schedule.Plan(knobs.interval_seconds, knobs.interval_most_seconds, knobs.retry_first_seconds)
        self._hosts = Hosts(knobs.connections, knobs.connections_per_host, knobs.host_gap_seconds)
        self._feed_reader = Readers(1, knobs.extract_timeout_seconds)  # of its own: pages do not delay feeds
        self._page_readers = Readers(
            knobs.extract_processes, knobs.extract_timeout_seconds, observe.EXTRACT_SECONDS.observe
        )
        self._desk = Desk(options, self._has_problem)
        self._book = Book(self._desk)
        self._published = memory.Published()
        self._pages = Pages(knobs, fetcher, self._hosts, self._page_readers, self._desk, self._book, self._published)
        work = Work(self._poll, self._pages.follow, self._met_a_bug)
        self._agenda = Agenda(self._book.states, work, once, options.worker.stop_after_bugs)
        self._problems: dict[str, str] = {}
        self._log = observe.get_logger(STAGE)

    async def work(self) -> None:
        """Until the service stops, or the round of `once` is over. Raises TooManyBugs and what ended the follower."""
        shown = 0.0
        while not self._service.stop.is_set() and not self._agenda.finished:
            now = datetime.now(UTC)
            self._agenda.start_due(now)
            self._service.beat(next((text for text in self._problems.values() if text), ""))
            if time.monotonic() - shown > GAUGE_SECONDS:
                shown = time.monotonic()
                self._agenda.show(now)
            await asyncio.sleep(TICK_SECONDS)
        self._agenda.show(datetime.now(UTC))

    async def close(self) -> None:
        """Gives up what is in hand: it was not remembered as done."""
        await self._agenda.cancel()
        self._feed_reader.close()
        self._page_readers.close()
        self._desk.close()

    def told(self, news: Share | str | Exception) -> None:
        """What the follower says: our share changed, how it stands with Kafka, or what ended it."""
        if isinstance(news, str):
            self._problems["ledger"] = news
        elif isinstance(news, Exception):
            self._agenda.failure = news
        else:
            self._share(news)

    def _share(self, share: Share) -> None:
        self._agenda.remove(share.gone)
        self._book.drop(share.gone)
        self._book.take(share.come)
        for state in share.come.values():
            self._published.learn(state.seen)
        if share.come or share.settled:
            self._agenda.add(share.come, datetime.now(UTC))

    def _has_problem(self, text: str) -> None:
        self._problems["desk"] = text

    # --- a feed's way ---

    async def _poll(self, url: str) -> None:
        started = time.monotonic()
        answer = await self._ask(self._book.states[url])
        outcome, found = await self._take_in(url, answer)
        await self._book.remember(url)
        observe.POLLS.labels(outcome).inc()
        detail = {"detail": answer.detail} if isinstance(answer, FetchError) else {}
        took = round(time.monotonic() - started, 3)
        self._log.info("polled", feed=url, status=outcome, new=found.new, changed=found.changed, took=took, **detail)

    async def _ask(self, state: FeedState) -> Answer:
        async with self._hosts.turn(state.host), self._hosts.connection:
            wanted = conditions(state.etag, state.last_modified)
            return await self._fetcher.get(state.url, self._knobs.max_feed_bytes, wanted)

    async def _take_in(self, url: str, answer: Answer) -> tuple[str, Found]:
        """Compares the answer with what is known; the outcome that polls are counted by, and what is new."""
        if isinstance(answer, FetchError):
            return self._failed(url, answer.kind, answer.detail, answer.retry_after), Found()
        if isinstance(answer, NotModified) or self._book.states[url].body_hash == _hash(answer.body):
            now = datetime.now(UTC)
            self._book.change(url, lambda state: memory.after_unchanged(state, now, self._next(now)))
            return "unchanged", Found()
        parsed = await self._parsed(answer)
        if parsed.error and not parsed.entries:
            return self._failed(url, "parse", parsed.error), Found()
        return "changed", self._compared(url, parsed, answer)

    async def _parsed(self, answer: Fetched) -> ParsedFeed:
        try:
            return await self._feed_reader.call(parse_feed, answer.body, answer.url, dict(answer.headers))
        except (Poison, ReaderBug) as error:
            return ParsedFeed(error=str(error))

    def _compared(self, url: str, parsed: ParsedFeed, answer: Fetched) -> Found:
        now, headers, found = datetime.now(UTC), answer.headers, Found()
        polled = Polled(now, self._next(now), headers.get("etag"), headers.get("last-modified"), _hash(answer.body))

        def compare(state: FeedState) -> FeedState:
            nonlocal found
            state, found = memory.after_poll(state, parsed, polled, self._knobs.remember_entries)
            return state

        self._book.change(url, compare)
        return found

    def _failed(self, url: str, kind: str, detail: str, retry_after: str | None = None) -> str:
        now = datetime.now(UTC)
        wanted = schedule.retry_after(retry_after, now)
        error = FeedError(kind=kind, detail=detail[:500], at=now)

        def fail(state: FeedState) -> FeedState:
            due = schedule.after_error(self._plan, state.failures + 1, now, random.random(), wanted)
            return memory.after_error(state, error, due)

        self._book.change(url, fail)
        return kind

    def _next(self, now: datetime) -> datetime:
        return schedule.after_success(self._plan, now, random.random())

    async def _met_a_bug(self, url: str, pending: Pending | None, error: Exception) -> None:
        """The feed, or the entry, is tried again later, as after any other error."""
        if pending is None:
            observe.POLLS.labels(self._failed(url, "bug", repr(error))).inc()
        else:
            await self._pages.met_a_bug(url, pending, error)


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]
