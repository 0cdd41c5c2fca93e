"""Send, wait for the acknowledgement, remember: the line behind which nothing is lost.

In: articles, dead letters and feed states. Out: on Kafka, acknowledged. While Kafka is unavailable the sender waits
and tries again: what was not acknowledged is not remembered, so a kill meanwhile repeats it, and no more than that.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

from pipeline import deadletter, observe, settings
from pipeline.failures import Backoff, Poison, Unavailable
from pipeline.messages import ARTICLES, DEAD, FEEDS, Article, FeedState
from pipeline.publisher import Encoded, Outgoing, Publisher

STAGE = "ingest"
NOTE_SECONDS = 1.0


class Desk:
    """What leaves the poller. One event loop."""

    def __init__(self, options: settings.Settings, problem: Callable[[str], None]) -> None:
        self._options = options
        self._problem = problem
        self._publisher = Publisher(options.kafka)
        self._backoff = Backoff(options.worker.retry_first_seconds, options.worker.retry_most_seconds)
        # connecting blocks: never in the event loop; one thread keeps the order
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="publish")
        self._log = observe.get_logger(STAGE)

    async def publish(self, article: Article) -> None:
        """Returns when the article is acknowledged. Raises Poison `too_large`."""
        await self._send(Outgoing(ARTICLES, article))
        observe.ARTICLES.labels("new" if article.revision == 1 else "revised").inc()

    async def remember(self, states: Callable[[], Sequence[FeedState]]) -> Sequence[FeedState]:
        """Returns the states when they are acknowledged. They are asked for again before each attempt, so that a state
        that waited for Kafka does not come after a newer one. One that is too large is logged and left out."""
        sent: Sequence[FeedState] = ()

        async def send() -> None:
            nonlocal sent
            sent = states()
            loop = asyncio.get_running_loop()
            futures = await loop.run_in_executor(self._thread, self._submit_all, sent)
            await asyncio.gather(*map(asyncio.wrap_future, futures))

        await self._until_available(send)
        return sent

    def _submit_all(self, states: Sequence[FeedState]) -> list["Future[None]"]:
        futures = []
        for state in states:
            try:
                futures.append(self._publisher.submit(self._publisher.encode(Outgoing(FEEDS, state))))
            except Poison as poison:
                self._log.error("not_remembered", feed=state.url, detail=poison.detail)
        return futures

    async def bury(self, url: str, body: bytes, poison: Poison) -> None:
        """Returns when the dead letter of a page is acknowledged."""
        limit = self._options.kafka.max_message_bytes
        letter = deadletter.bury_page(url, body, STAGE, poison, datetime.now(UTC), limit)
        await self._send(Outgoing(DEAD, letter))
        observe.DEAD_LETTERS.labels(STAGE, poison.reason).inc()
        self._log.error("dead", reason=poison.reason, detail=poison.detail, subject=url)

    async def _send(self, outgoing: Outgoing) -> None:
        await self._until_available(lambda: self._sent(outgoing))

    async def _until_available(self, action: Callable[[], Awaitable[None]]) -> None:
        attempt = 0
        while True:
            try:
                await action()
                self._problem("")
                return
            except Unavailable as error:
                attempt += 1
                self._problem(str(error))
                observe.UNAVAILABLE.labels(STAGE, error.what).inc()
                self._log.warning("unavailable", what=error.what, detail=error.detail, attempt=attempt)
                await asyncio.sleep(self._backoff.delay(attempt, random.random()))

    async def _sent(self, outgoing: Outgoing) -> None:
        loop = asyncio.get_running_loop()
        encoded: Encoded = await loop.run_in_executor(self._thread, self._publisher.encode, outgoing)
        acknowledged = await loop.run_in_executor(self._thread, self._publisher.submit, encoded)
        await asyncio.wrap_future(acknowledged)

    def close(self) -> None:
        """Waits for what was sent."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._publisher.close()


class Book:
    """The states of our feeds by URL, and how they are remembered. One event loop."""

    def __init__(self, desk: Desk) -> None:
        self.states: dict[str, FeedState] = {}
        self._desk = desk
        self._acknowledged: dict[str, FeedState] = {}
        self._sending: dict[str, asyncio.Lock] = {}
        self._noted: set[str] = set()

    def take(self, states: Mapping[str, FeedState]) -> None:
        """Feeds that are ours from now on."""
        self.states |= states

    def drop(self, urls: Iterable[str]) -> None:
        """Feeds that another poller has now: it alone writes their states."""
        for url in urls:
            for each in (self.states, self._acknowledged, self._sending):
                each.pop(url, None)

    def change(self, url: str, change: Callable[[FeedState], FeedState]) -> None:
        """A feed's next state; nothing when the feed is no longer ours."""
        if url in self.states:
            self.states[url] = change(self.states[url])

    async def remember(self, url: str) -> None:
        """Returns when the feed's present state is acknowledged; those who wait together are served by one message."""
        async with self._sending.setdefault(url, asyncio.Lock()):
            if self._acknowledged.get(url) is not self.states.get(url):
                await self._send([url])

    def note(self, url: str) -> None:
        """The feed's state is to be remembered soon: nothing is lost when it is not, but a poll is repeated."""
        self._noted.add(url)

    async def keep(self) -> None:
        """Remembers what was noted, together, again and again."""
        while True:
            await asyncio.sleep(NOTE_SECONDS)
            await self.remember_noted()

    async def remember_noted(self) -> None:
        """Returns when everything that was noted is acknowledged."""
        noted, self._noted = self._noted, set()
        if noted:
            await self._send(noted)

    async def _send(self, urls: Collection[str]) -> None:
        for state in await self._desk.remember(lambda: [self.states[url] for url in urls if url in self.states]):
            self._acknowledged[state.url] = state
