"""Sends articles, dead letters and feed states to Kafka, and waits until they are acknowledged.

In: articles, dead letters and feed states. Out: on Kafka, acknowledged. This is the line behind which nothing is lost:
while Kafka is unavailable the sender waits and tries again; what was not acknowledged is not remembered, so a kill
meanwhile repeats it, and no more than that. All is sent under a lease (pipeline/kafka/clients/lease): a poller that
stood still says nothing of feeds that are another's now.
"""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

from ingest.frontier.feed_states import FeedStates
from pipeline import observability, settings
from pipeline.failures import Backoff, Poison, Unavailable
from pipeline.kafka import dead_letter
from pipeline.kafka.clients.lease import Lease
from pipeline.kafka.publisher import EncodedMessage, OutgoingMessage, Publisher
from pipeline.messages import ARTICLES, DEAD, FEEDS, Article, FeedState

S = TypeVar("S")
T = TypeVar("T")
STAGE = "ingest"
SAVE_SECONDS = 1.0  # between two rounds of saving states that can wait


class AsyncPublisher:
    """Publishes from the event loop; waits for Kafka as long as it takes. One event loop.

    `lease`: of the feeds that this poller owns. `problem` is told in words while Kafka is unavailable, and "" when it
    is back.
    """

    def __init__(self, options: settings.Settings, lease: Lease, problem: Callable[[str], None]) -> None:
        self._options = options
        self._lease = lease
        self._problem = problem
        self._publisher = Publisher(options.kafka, lease.deliver_seconds)
        self._backoff = Backoff(options.worker.retry_first_seconds, options.worker.retry_most_seconds)
        # connecting blocks: never in the event loop; one thread keeps the order
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="publish")
        self._log = observability.get_logger(STAGE)

    async def publish_article(self, article: Article) -> None:
        """Returns when the article is acknowledged. Raises Poison `too_large`."""
        await self._send(OutgoingMessage(ARTICLES, article))
        is_new = article.first_seen_at == article.fetched_at  # an agency's first version that came may be its third
        observability.ARTICLES.labels("new" if is_new else "revised").inc()

    async def publish_states(self, states: Callable[[], Sequence[FeedState]]) -> Sequence[FeedState]:
        """Returns the states when they are acknowledged.

        `states` is asked again before each attempt, so that a state that waited for Kafka does not come after a newer
        one. A state that is too large is logged and left out.
        """
        sent: Sequence[FeedState] = ()

        async def send(attempt: int) -> None:
            nonlocal sent
            sent = states()
            if attempt == 1:
                await self._acknowledged(await self._under_lease(self._submit_all, sent))
            else:
                await self._under_lease(self._publish_all, sent)

        await self._until_available(send)
        return sent

    def _submit_all(self, states: Sequence[FeedState]) -> "Future[None]":
        """One future for all of them: each that the event loop waits for costs it as much as a tenth of a poll."""
        return _all_of([self._publisher.submit(each) for each in self._encode_all(states)])

    def _publish_all(self, states: Sequence[FeedState]) -> None:
        """The same, waiting: one that the broker refuses does not take the others with it."""
        for refused in self._publisher.publish_each(self._encode_all(states)):
            feed = (refused.message.key or b"").decode(errors="replace")
            self._log.error("not_remembered", feed=feed, detail=refused.poison.detail)

    def _encode_all(self, states: Sequence[FeedState]) -> list[EncodedMessage]:
        encoded: list[EncodedMessage] = []
        for state in states:
            try:
                encoded.append(self._publisher.encode(OutgoingMessage(FEEDS, state)))
            except Poison as poison:
                self._log.error("not_remembered", feed=state.url, detail=poison.detail)
        return encoded

    async def publish_dead_letter(self, url: str, body: bytes, poison: Poison) -> None:
        """Returns when the dead letter of a page is acknowledged. `body`: the page's bytes, or b""."""
        limit = self._options.kafka.max_message_bytes
        letter = dead_letter.from_web(url, body, STAGE, poison, datetime.now(UTC), limit)
        await self._send(OutgoingMessage(DEAD, letter))
        observability.DEAD_LETTERS.labels(STAGE, poison.reason).inc()
        self._log.error("dead", reason=poison.reason, detail=poison.detail, subject=url)

    async def _send(self, outgoing: OutgoingMessage) -> None:
        await self._until_available(lambda attempt: self._send_once(outgoing, attempt))

    async def _until_available(self, action: Callable[[int], Awaitable[None]]) -> None:
        """Calls `action` with the number of the attempt, from 1, until it does not raise Unavailable."""
        attempt = 1
        while True:
            try:
                await action(attempt)
                self._problem("")
                return
            except Unavailable as error:
                self._problem(str(error))
                observability.UNAVAILABLE.labels(STAGE, error.what).inc()
                self._log.warning("unavailable", what=error.what, detail=error.detail, attempt=attempt)
                await asyncio.sleep(self._backoff.delay(attempt, random.random()))
                attempt += 1

    async def _send_once(self, outgoing: OutgoingMessage, attempt: int) -> None:
        """Raises Unavailable, and Poison: from the second attempt on the message is sent alone, for the broker may have
        refused it, or another one with which it travelled."""
        loop = asyncio.get_running_loop()
        encoded: EncodedMessage = await loop.run_in_executor(self._thread, self._publisher.encode, outgoing)
        if attempt == 1:
            await self._acknowledged(await self._under_lease(self._publisher.submit, encoded))
            return
        poison = await self._under_lease(self._publisher.publish_alone, encoded)
        if poison is not None:
            raise poison

    async def _under_lease(self, send: Callable[[S], T], subject: S) -> T:
        """What `send` returns for `subject`, which is the event loop's knowledge of this moment: sent in this term or
        never. Raises Unavailable."""
        term = self._lease.begun

        def send_if_ours() -> T:
            self._lease.require(term, self._lease.confirm_seconds)
            return send(subject)

        return await asyncio.get_running_loop().run_in_executor(self._thread, send_if_ours)

    async def _acknowledged(self, sent: "Future[None]") -> None:
        """Waits for an acknowledgement, and never for ever. Raises Unavailable."""
        seconds = 2 * self._options.kafka.acknowledge_timeout_seconds
        try:
            await asyncio.wait_for(asyncio.wrap_future(sent), seconds)
        except TimeoutError:
            raise Unavailable("kafka", f"no acknowledgement within {seconds:g} s") from None

    def close(self) -> None:
        """Waits for what was sent."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._publisher.close()


class StateStore:
    """The states of our feeds by URL, changed in memory and saved to Kafka. One event loop."""

    def __init__(self, publisher: AsyncPublisher) -> None:
        self.states = FeedStates()
        self._publisher = publisher
        self._saving: dict[str, asyncio.Lock] = {}
        self._to_save: set[str] = set()

    def __getitem__(self, url: str) -> FeedState:
        return self.states[url]

    def get(self, url: str) -> FeedState | None:
        """The state of a feed of ours, else None."""
        return self.states.get(url)

    def drop(self, urls: Iterable[str]) -> None:
        """Forgets feeds that another poller has now: it alone writes their states."""
        self.states.drop(urls)
        self._to_save.difference_update(urls)

    def change(self, url: str, change: Callable[[FeedState], FeedState]) -> None:
        """Puts a feed's next state in its place; does nothing when the feed is no longer ours."""
        state = self.states.get(url)
        if state is not None and (after := change(state)) is not state:
            self.states.put(after)

    async def save(self, url: str) -> None:
        """Returns when the feed's present state is acknowledged; those who wait together are served by one message."""
        async with self._saving.setdefault(url, asyncio.Lock()):
            if not self.states.is_acknowledged(url):
                await self._save([url])

    def save_soon(self, url: str) -> None:
        """The feed's state is saved within seconds: nothing is lost when it is not, but a poll is repeated."""
        self._to_save.add(url)

    async def save_periodically(self) -> None:
        """Saves what can wait, together, again and again; never returns."""
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            await self.save_waiting()
            self.states.drop_unpacked()
            self._saving = {url: lock for url, lock in self._saving.items() if lock.locked()}

    async def save_waiting(self) -> None:
        """Returns when every state that was to be saved soon is acknowledged."""
        waiting, self._to_save = self._to_save, set()
        if waiting:
            await self._save(waiting)

    async def _save(self, urls: Collection[str]) -> None:
        for state in await self._publisher.publish_states(lambda: self.states.unacknowledged(urls)):
            self.states.acknowledged(state)


def _all_of(futures: Sequence["Future[None]"]) -> "Future[None]":
    """Done when all are; with the first error among them."""
    every: Future[None] = Future()
    every.set_running_or_notify_cancel()  # who stops waiting does not stop it
    ended = itertools.count(1)  # counts in one step, whichever thread ends a future

    def one_ended(_: "Future[None]") -> None:
        if next(ended) == len(futures):
            error = next((error for each in futures if (error := each.exception())), None)
            every.set_exception(error) if error else every.set_result(None)

    for each in futures:
        each.add_done_callback(one_ended)
    if not futures:
        every.set_result(None)
    return every
