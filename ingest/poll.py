"""THE PATH of ingest: a due feed is visited (ingest/visit); then its new entries go their way (ingest/pages).

In: the feed list, which may change meanwhile, and our share of `feeds`. Out: `articles`, `feeds` and `dead`. What a
poll found is acknowledged before a page is asked for; an entry leaves `pending` only after its article is acknowledged.
"""

import asyncio
import time
from datetime import UTC, datetime

from ingest.feeds.feed_list import FeedList
from ingest.frontier import poll_history, published_articles
from ingest.frontier.assignment import AssignmentChange, AssignmentFollower, FeedListChange, News
from ingest.frontier.frontier import Frontier, Rules, Work
from ingest.pages import Pages
from ingest.parser_processes import ParserProcesses
from ingest.publish import STAGE, AsyncPublisher, StateStore
from ingest.visit import Visits
from ingest.web.client import WebClient
from pipeline import memory_tuning, observability
from pipeline.failures import WrongSetting
from pipeline.feed_state import Pending
from pipeline.service import Service
from pipeline.settings import Settings

TICK_SECONDS = 0.1
GAUGE_SECONDS = 5.0
LIST_SECONDS = 2.0  # between two looks at the feed list


def run(options: Settings, service: Service, once: bool = False) -> None:
    """Polls until `service.stop` is set; with `once`, every feed once and every waiting page once.

    Raises WrongSetting (the feed list, a missing topic) and TooManyBugs.
    """
    memory_tuning.hold_much()
    feeds = FeedList(options.feeds_file())
    if not options.ingest.contact:
        observability.get_logger(STAGE).warning(
            "no_contact", detail="set ingest.contact: sites must be able to reach you"
        )

    async def poll() -> None:
        async with WebClient(options.ingest) as web:
            poller = Poller(options, service, web, once)
            follower = AssignmentFollower(options, feeds.read(), poller.told)
            try:
                await poller.work(feeds, follower)
            finally:
                await poller.close()
                follower.close()

    asyncio.run(poll())


class Poller:
    """Everything between the web and Kafka. One event loop."""

    def __init__(self, options: Settings, service: Service, web: WebClient, once: bool) -> None:
        knobs = options.ingest
        self._service = service
        self._feed_reader = ParserProcesses(1, knobs.extract_timeout_seconds)  # of its own: pages do not delay feeds
        self._page_readers = ParserProcesses(
            knobs.extract_processes, knobs.extract_timeout_seconds, observability.EXTRACT_SECONDS.observe
        )
        self._desk = AsyncPublisher(options, self._has_problem)
        self._book = StateStore(self._desk)
        self._published = published_articles.PublishedArticles()
        self._visits = Visits(knobs, web, self._feed_reader, self._book)
        self._pages = Pages(knobs, web, self._page_readers, self._desk, self._book, self._published)
        work = Work(self._poll, self._pages.follow, self._met_a_bug)
        self._agenda = Frontier(
            self._book.states, work, Rules(once, knobs.connections_per_host, options.worker.stop_after_bugs)
        )
        self._problems: dict[str, str] = {}
        self._log = observability.get_logger(STAGE)

    async def work(self, feeds: FeedList, follower: AssignmentFollower) -> None:
        """Until the service stops, or the round of `once` is over. Raises TooManyBugs and what ended the follower."""
        keeping = asyncio.create_task(self._book.keep())
        shown = looked = time.monotonic()
        while not self._service.stop.is_set() and not self._agenda.finished:
            now = datetime.now(UTC)
            self._agenda.start_due(now)
            self._service.beat(next((text for text in self._problems.values() if text), ""))
            if time.monotonic() - shown > GAUGE_SECONDS:
                shown = time.monotonic()
                self._agenda.show(now)
            if time.monotonic() - looked > LIST_SECONDS:
                looked = time.monotonic()
                self._look_at(feeds, follower)
            await asyncio.sleep(TICK_SECONDS)
        self._agenda.show(datetime.now(UTC))
        keeping.cancel()
        if not any(self._problems.values()):
            await self._book.remember_noted()

    def _look_at(self, feeds: FeedList, follower: AssignmentFollower) -> None:
        """A list with a mistake is named, and the one before goes on."""
        try:
            found = feeds.read_if_changed()
            if found is not None:
                follower.relist(found)
        except WrongSetting as error:
            self._log.error("feed_list", detail=str(error))

    async def close(self) -> None:
        """Gives up what is in hand: it was not remembered as done."""
        await self._agenda.cancel()
        self._feed_reader.close()
        self._page_readers.close()
        self._desk.close()

    def told(self, news: News) -> None:
        """What the follower says: our share or the list changed, how it stands with Kafka, or what ended it."""
        if isinstance(news, str):
            self._problems["ledger"] = news
        elif isinstance(news, Exception):
            self._agenda.failure = news
        elif isinstance(news, FeedListChange):
            self._relisted(news)
        else:
            self._share(news)

    def _share(self, share: AssignmentChange) -> None:
        self._agenda.remove(share.gone)
        self._book.drop(share.gone)
        self._visits.drop(share.gone)
        for state in self._book.states.take(share.come):
            self._published.learn(state)
        if share.come or share.settled:
            self._agenda.add(share.come, datetime.now(UTC))

    def _relisted(self, listing: FeedListChange) -> None:
        """The operator has changed the list: new feeds are polled, those that left it rest."""
        known = self._book.states
        for feed in listing.defined:
            known.put(poll_history.defined(known.get(feed.url), feed))
        for url in listing.left:
            self._book.change(url, poll_history.unlisted)
        self._agenda.remove(listing.left)
        self._agenda.remove(feed.url for feed in listing.defined)
        self._agenda.add([feed.url for feed in listing.defined], datetime.now(UTC))
        for url in (*listing.left, *(feed.url for feed in listing.defined)):
            self._book.note(url)
        self._log.info("relisted", defined=len(listing.defined), left=len(listing.left))

    def _has_problem(self, text: str) -> None:
        self._problems["desk"] = text

    async def _poll(self, url: str) -> None:
        started = time.monotonic()
        outcome = await self._visits.poll(url)
        if outcome.news:
            await self._book.remember(url)
        else:
            self._book.note(url)
        observability.POLLS.labels(outcome.status).inc()
        found, detail = outcome.found, {"detail": outcome.detail} if outcome.detail else {}
        took = round(time.monotonic() - started, 3)
        self._log.info(
            "polled", feed=url, status=outcome.status, new=found.new, changed=found.changed, took=took, **detail
        )

    async def _met_a_bug(self, url: str, pending: Pending | None, error: Exception) -> None:
        """The feed, or the entry, is tried again later, as after any other error."""
        if pending is None:
            observability.POLLS.labels(self._visits.failed(url, "bug", repr(error)).status).inc()
        else:
            await self._pages.met_a_bug(url, pending, error)
