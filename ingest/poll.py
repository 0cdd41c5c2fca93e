"""THE PATH of ingest: a feed that is due is polled (ingest/visit), then its new entries become articles (ingest/pages).

In: the feed list, which may change meanwhile, and our share of the topic `feeds`. Out: the topics `articles`, `feeds`
and `dead`. What a poll found is acknowledged by Kafka before a page is asked for; an entry leaves its feed's `pending`
only after its article is acknowledged. So a kill at any moment repeats work and loses none.
"""

import asyncio
import time
from datetime import UTC, datetime
from functools import partial

from ingest.feeds.feed_list import FeedList
from ingest.frontier import poll_history
from ingest.frontier.assignment import AssignmentChange, AssignmentFollower, FeedListChange, FollowerReport
from ingest.frontier.frontier import Frontier, Rules, Tasks
from ingest.frontier.published_articles import PublishedArticles
from ingest.frontier.revisits.revisit_budget import RevisitLimits
from ingest.pages import PageVisits
from ingest.publish import STAGE, AsyncPublisher, StateStore
from ingest.sandbox.parser_processes import Limits, ParserProcesses, Reports
from ingest.visit import FeedVisits
from ingest.web.client import WebClient
from pipeline import memory_tuning, observability
from pipeline.failures import WrongSetting
from pipeline.feed_state import PendingEntry, Revisit
from pipeline.kafka.backpressure import Backpressure
from pipeline.kafka.clients.lease import Lease
from pipeline.service import Service
from pipeline.settings import Settings

TICK_SECONDS = 0.25  # between two looks at what is due
GAUGE_SECONDS = 5.0
NEXT_STAGE_SECONDS = 5.0
FEED_LIST_SECONDS = 2.0  # between two looks at the feed list


def run(options: Settings, service: Service, once: bool = False) -> None:
    """Polls until `service.stop` is set; with `once`, every feed once and every waiting page once.

    Raises WrongSetting (the feed list, a missing topic) and TooManyBugs.
    """
    memory_tuning.tune_for_large_memory()
    feeds = FeedList(options.feeds_file())
    if not options.ingest.contact:
        detail = "set ingest.contact: sites must be able to reach you"
        observability.get_logger(STAGE).warning("no_contact", detail=detail)

    async def poll() -> None:
        async with WebClient(options.ingest) as web:
            poller = Poller(options, service, web, once)
            follower = AssignmentFollower(options, feeds.read(), poller.take_report, poller.lease)
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
        self._log = observability.get_logger(STAGE)
        self._problems: dict[str, str] = {}
        limits = Limits(knobs.extract_timeout_seconds, knobs.extract_memory_bytes)
        # of its own: pages do not delay feeds
        self._feed_parser = ParserProcesses(
            1, limits, Reports(death=self._parser_died, problem=partial(self._parser_has_problem, "feed parser"))
        )
        durations = observability.EXTRACT_SECONDS.observe
        self._page_parsers = ParserProcesses(
            knobs.extract_processes,
            limits,
            Reports(durations, self._parser_died, partial(self._parser_has_problem, "page parser")),
        )
        self.lease = Lease(options.kafka)
        self._publisher = AsyncPublisher(options, self.lease, self._publisher_has_problem)
        self._store = StateStore(self._publisher)
        self._published = PublishedArticles()
        self._feed_visits = FeedVisits(knobs, web, self._feed_parser, self._store, options.feeds_file().parent)
        self._page_visits = PageVisits(knobs, web, self._page_parsers, self._publisher, self._store, self._published)
        tasks = Tasks(self._poll, self._page_visits.visit, self._page_visits.revisit, self._after_bug)
        revisits = RevisitLimits.of_share(knobs.revisit_share, knobs.connections, knobs.host_gap_seconds)
        rules = Rules(once, knobs.connections_per_host, options.worker.stop_after_bugs, revisits)
        self._frontier = Frontier(self._store.states, tasks, rules)
        self._warning = ""  # of the feed list: polling goes on
        self._backpressure = Backpressure(options, STAGE)
        self._next_stage_behind = ""

    async def work(self, feeds: FeedList, follower: AssignmentFollower) -> None:
        """Until the service stops, or the round of `once` is over. Raises TooManyBugs and what ended the follower."""
        saving = asyncio.create_task(self._store.save_periodically())
        looking = asyncio.create_task(self._look_at_next_stage())
        gauges_at = list_at = time.monotonic()
        while not self._service.stop.is_set() and not self._frontier.finished:
            if saving.done():
                saving.result()  # it never returns: raises what ended it
            now = datetime.now(UTC)
            if not self._next_stage_behind:
                self._frontier.start_due(now)
            self._heartbeat(follower)
            if time.monotonic() - gauges_at > GAUGE_SECONDS:
                gauges_at = time.monotonic()
                self._frontier.update_gauges(now)
            if time.monotonic() - list_at > FEED_LIST_SECONDS:
                list_at = time.monotonic()
                self._look_at_feed_list(feeds, follower)
            await asyncio.sleep(TICK_SECONDS)
        self._frontier.update_gauges(datetime.now(UTC))
        saving.cancel()
        looking.cancel()
        if not any(self._problems.values()):
            await self._store.save_waiting()

    async def _poll(self, url: str) -> None:
        """One poll of a feed, remembered, counted and logged."""
        started = time.monotonic()
        outcome = await self._feed_visits.visit(url)
        if outcome.must_be_remembered:
            await self._store.save(url)
        else:
            self._store.save_soon(url)
        observability.POLLS.labels(outcome.status).inc()
        found, detail = outcome.found, {"detail": outcome.detail} if outcome.detail else {}
        took = round(time.monotonic() - started, 3)
        self._log.info(
            "polled", feed=url, status=outcome.status, new=found.new, changed=found.changed, took=took, **detail
        )

    async def _after_bug(self, url: str, job: PendingEntry | Revisit | None, error: Exception) -> None:
        """The feed, or the entry, is tried again later, as after any other error; a revisit is not."""
        if job is None:
            observability.POLLS.labels(self._feed_visits.after_bug(url, error).status).inc()
        elif isinstance(job, PendingEntry):
            await self._page_visits.after_bug(url, job, error)
        else:
            await self._page_visits.after_revisit_bug(url, job)

    # --- which feeds are ours ---

    def take_report(self, report: FollowerReport) -> None:
        """What the follower reports: our share or the list changed, how it stands with Kafka, or what ended it."""
        if isinstance(report, str):
            self._problems["assignment"] = report
        elif isinstance(report, Exception):
            self._frontier.failure = report
        elif isinstance(report, FeedListChange):
            self._take_feed_list(report)
        else:
            self._take_assignment(report)

    def _take_assignment(self, change: AssignmentChange) -> None:
        self._frontier.remove(change.gone)
        self._store.drop(change.gone)
        self._feed_visits.drop(change.gone)
        for state in self._store.states.take(change.come):
            self._published.learn(state)
        self.lease.begin_term(change.term)  # what went is given up: what is left is ours
        if change.come or change.settled:
            self._frontier.add(change.come, datetime.now(UTC))

    def _take_feed_list(self, change: FeedListChange) -> None:
        """The operator has changed the list: new feeds are polled, those that left it rest."""
        known, defined = self._store.states, [feed.url for feed in change.defined]
        for feed in change.defined:
            known.put(poll_history.with_definition(known.get(feed.url), feed))
        for url in change.left:
            self._store.change(url, poll_history.after_unlisting)
        self._frontier.remove([*change.left, *defined])
        self._frontier.add(defined, datetime.now(UTC))
        for url in (*change.left, *defined):
            self._store.save_soon(url)
        self._log.info("relisted", defined=len(defined), left=len(change.left))

    def _look_at_feed_list(self, feeds: FeedList, follower: AssignmentFollower) -> None:
        """A list with a mistake is named, and the one before goes on."""
        try:
            changed = feeds.read_if_changed()
            if changed is not None:
                follower.relist(changed)
                self._warning = ""
        except WrongSetting as error:
            self._log.error("feed_list", detail=str(error))
            self._warning = f"the feed list of before goes on: {error}"

    # --- how it stands ---

    def _heartbeat(self, follower: AssignmentFollower) -> None:
        problem = next((text for text in self._problems.values() if text), "")
        self._service.heartbeat(problem, heard_at=follower.heard_at)
        self._service.warnings["ingest"] = self._next_stage_behind or self._warning

    async def _look_at_next_stage(self) -> None:
        """Nothing new is begun while the stage after this one is too far behind; what runs goes on. Never returns."""
        while True:
            self._next_stage_behind = await asyncio.to_thread(self._backpressure.reason)
            await asyncio.sleep(NEXT_STAGE_SECONDS)

    # --- what does not work ---

    def _publisher_has_problem(self, text: str) -> None:
        self._problems["publisher"] = text

    def _parser_has_problem(self, parser: str, text: str) -> None:
        self._problems[parser] = text
        if text:
            observability.UNAVAILABLE.labels(STAGE, "parser").inc()
            self._log.warning("unavailable", what=parser, detail=text)

    def _parser_died(self, why: str) -> None:
        self._log.warning("parser_died", detail=why)

    async def close(self) -> None:
        """Gives up what is in hand: it was not remembered as done."""
        await self._frontier.cancel()
        self._feed_parser.close()
        self._page_parsers.close()
        self._publisher.close()
