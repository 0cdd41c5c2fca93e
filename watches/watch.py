"""The path of the watches: looks, tells, and keeps how far it has come; what `newsloom watch` runs.

In: what the index stage has written (looking), the watches (watch_list). Out: hits on the topic `watch-hits`, and from
there in webhooks, mails (deliveries, outputs) and feed files; what is refused for good in the dead letters. The topic
of hits has one partition, and whoever owns it works; a second process waits to take over. All that has to be remembered
is on Kafka: the hits, and how far was looked and told.
"""

import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Self

import msgspec

from pipeline import observability
from pipeline.failures import Backoff, Failure, Poison, Unavailable, WrongSetting
from pipeline.kafka import dead_letter
from pipeline.kafka.broker import Record, topic_name
from pipeline.kafka.compacted_table import CompactedTable, TableChanges
from pipeline.kafka.publisher import OutgoingMessage, Publisher
from pipeline.messages import DEAD, WATCH_HITS, WATCH_PROGRESS, encode
from pipeline.service import Service
from pipeline.settings import Settings
from pipeline.watch_messages import Watch, WatchHit, WatchProgress
from watches import watch_list
from watches.deliveries import Batch, Outbox, Outcome
from watches.looking import LOOKED, Looker, present, read_progress
from watches.new_hits import ToldArticles
from watches.outputs import mail, webhook
from watches.outputs.feed_files import FeedFiles

GROUP = "watch"
POLL_SECONDS = 1.0
DELIVERIES_AT_A_TIME = 8
REMEMBERED = timedelta(days=WATCH_HITS.retention_days)
BACKOFF = Backoff(first=1.0, most=30.0)


def run(options: Settings, service: Service) -> None:
    """Looks and tells until the service stops. Raises WrongSetting."""
    with WatchService(options) as watching:
        failures = 0
        while not service.stop.is_set():
            try:
                watching.step(present())
                failures = 0
                service.heartbeat(part=GROUP, heard_at=watching.heard_at)
                service.warnings[GROUP] = watching.warning
            except Unavailable as error:
                failures += 1
                watching.recover(error)
                service.heartbeat(str(error), part=GROUP)
                service.stop.wait(BACKOFF.delay(failures, random.random()))


class WatchService:
    """Everything that the service holds. To be used by one thread, as a context manager."""

    def __init__(self, options: Settings) -> None:
        self._options = options
        self._publisher = Publisher(options.kafka)
        self._table = self._new_table()
        self._looker = Looker(options, self._publisher)
        self._threads = ThreadPoolExecutor(DELIVERIES_AT_A_TIME, thread_name_prefix="deliver")
        self._log = observability.get_logger(GROUP)
        self._file_changed_at = 0.0
        self._file_problem, self._search_problem = "", ""
        self._begin_anew()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._settle_finished(present())
        self._table.close()
        self._looker.end()
        self._publisher.close()

    @property
    def heard_at(self) -> float:
        """When Kafka was last heard, in monotonic seconds."""
        return self._table.heard_at

    @property
    def warning(self) -> str:
        """What an operator must mend, though the service works; "" for nothing."""
        return self._file_problem or self._search_problem

    def step(self, now: datetime) -> None:
        """Takes in new hits, looks if it is time, delivers what is due. Waits up to a second for hits.

        Raises Unavailable, WrongSetting.
        """
        changes = self._table.poll(POLL_SECONDS)
        if changes.lost or changes.gained:
            self._begin_anew()
        self._table.lease.begin_term(changes.term)
        if not changes.owned:
            return
        if self._progress is None:
            self._load_progress()
        self._take_in(changes)
        if changes.caught_up and self._table.lease.is_held():
            if now >= self._next_look:
                self._look(now)
            self._deliver(now)
            self._write_feeds()

    def recover(self, error: Unavailable) -> None:
        """After a failure: notes it, and lets connections be made anew.

        When it was Kafka, what this process remembers may not be on it: all is read back.
        """
        observability.UNAVAILABLE.labels(GROUP, error.what).inc()
        self._log.warning("unavailable", what=error.what, detail=error.detail)
        self._looker.close()
        if error.what == "kafka":
            self._table.close()
            self._table = self._new_table()
            self._begin_anew()

    def _new_table(self) -> CompactedTable[WatchHit]:
        """The hits as a topic of one partition that is read from its beginning, and that one process owns."""
        return CompactedTable(self._options.kafka, WATCH_HITS, WatchHit, GROUP)

    # --- what is remembered ---

    def _begin_anew(self) -> None:
        """Forgets everything: another process may have gone on, and all is on Kafka."""
        self._progress: dict[str, dict[int, int]] | None = None
        self._told = ToldArticles()
        self._outbox = Outbox(self._options.watches, {})
        folder = self._options.watches.feeds_dir
        self._feeds = FeedFiles(Path(folder), self._options.watches.feed_entries) if folder else None
        self._watches: dict[str, Watch] = {}
        self._under_way: list[tuple[Batch, Future[None]]] = []
        self._next_look = datetime.min.replace(tzinfo=present().tzinfo)

    def _load_progress(self) -> None:
        self._progress = read_progress(self._options.kafka)
        offsets = {name: max(each.values(), default=0) for name, each in self._progress.items() if name != LOOKED}
        self._outbox = Outbox(self._options.watches, offsets)

    def _take_in(self, changes: TableChanges[WatchHit]) -> None:
        for update in changes.updates:
            if update.message is not None:
                self._told.add(update.message)
                self._outbox.add(update.offset, update.message)
                if self._feeds is not None:
                    self._feeds.add(update.message)

    # --- looking ---

    def _look(self, now: datetime) -> None:
        began = time.monotonic()
        self._bring_in_file(now)
        self._told.forget_before(now - REMEMBERED)
        try:
            found = self._looker.find((self._progress or {}).get(LOOKED, {}), self._told, now)
            self._looker.record_hits(found)
            self._looker.record_positions(found)
        except Unavailable:
            observability.LOOKS.labels("unavailable").inc()
            raise
        for hit in found.hits:
            self._told.add(hit)
        self._progress = {**(self._progress or {}), LOOKED: found.positions}
        self._watches = found.watches
        if found.complete:
            self._next_look = now + timedelta(seconds=self._options.watches.interval_seconds)
        seconds = time.monotonic() - began
        self._measure(len(found.refused), found.messages, [bool(hit.changed) for hit in found.hits], seconds)
        self._log.info(
            "looked",
            articles=found.messages,
            watches=len(found.watches),
            hits=len(found.hits),
            refused=found.refused,
            seconds=round(seconds, 3),
        )

    def _measure(self, refused: int, articles: int, told_again: list[bool], seconds: float) -> None:
        observability.LOOKS.labels("done").inc()
        observability.LOOK_SECONDS.observe(seconds)
        observability.RECORDS.labels(GROUP, "done").inc(articles)
        observability.WATCHES.labels("working").set(len(self._watches) - refused)
        observability.WATCHES.labels("refused").set(refused)
        for why, count in (("new", told_again.count(False)), ("changed", told_again.count(True))):
            observability.WATCH_HITS.labels(why).inc(count)
        self._search_problem = f"Elasticsearch refuses {refused} watches; see the log" if refused else ""

    def _bring_in_file(self, now: datetime) -> None:
        """Brings the topic up to the file when that has changed. A wrong file changes nothing, and is warned of."""
        path = self._options.watches_file()
        changed_at = path.stat().st_mtime if path.exists() else -1.0
        if changed_at == self._file_changed_at:
            return
        try:
            # a watch of the file begins when it was written there, so that nothing between that and this look is missed
            since = min(now, datetime.fromtimestamp(max(0.0, changed_at), UTC))
            wanted = watch_list.read_file(path, since)
        except WrongSetting as error:
            self._file_problem = str(error)
            self._log.error("wrong_watches_file", detail=str(error))
            return
        self._file_problem = ""
        messages = list(watch_list.changes_of_file(wanted, watch_list.read_topic(self._options.kafka)))
        self._publisher.publish([self._publisher.encode(each) for each in messages])
        self._file_changed_at = changed_at

    # --- telling ---

    def _deliver(self, now: datetime) -> None:
        self._settle_finished(now)
        for batch in self._outbox.take_due(now):
            action = self._delivery(batch, now)
            self._under_way.append((batch, self._threads.submit(action)))
        for output, count in self._outbox.waiting().items():
            observability.WATCH_WAITING.labels(output).set(count)

    def _delivery(self, batch: Batch, now: datetime) -> Callable[[], None]:
        """What delivers a batch; nothing where its watch, or that output of it, is gone."""
        watch, options = self._watches.get(batch.watch), self._options.watches
        if watch is not None and batch.output == "webhook" and watch.webhook:
            return partial(_call_webhook, watch.webhook, batch, options.webhook_secret, options.timeout_seconds, now)
        if watch is not None and batch.output == "mail" and watch.mail:
            letter = partial(mail.build_mail, options.mail_from, watch.mail, watch.name, batch.hits, now)
            return lambda: mail.send(letter(), options)
        return lambda: None

    def _settle_finished(self, now: datetime) -> None:
        finished = [each for each in self._under_way if each[1].done()]
        self._under_way = [each for each in self._under_way if not each[1].done()]
        for batch, future in finished:
            if not future.cancelled():
                self._settle(batch, _outcome(future), now)

    def _settle(self, batch: Batch, outcome: Outcome, now: datetime) -> None:
        given_up = self._outbox.settle(batch, outcome, now, random.random())
        label = "dead" if given_up else "failed" if outcome else "done"
        observability.WATCH_DELIVERIES.labels(batch.output, label).inc(len(batch.hits))
        self._log.info(
            "delivered" if outcome is None else "not_delivered",
            output=batch.output,
            watch=batch.watch,
            hits=len(batch.hits),
            detail=str(outcome or ""),
        )
        if isinstance(outcome, Unavailable) and given_up is None:
            return
        letters = [self._dead_letter(hit, batch, given_up, now) for hit in batch.hits] if given_up else []
        progress = OutgoingMessage(WATCH_PROGRESS, WatchProgress(name=batch.name, offsets={"0": batch.next_offset}))
        self._publisher.publish([self._publisher.encode(each) for each in (*letters, progress)])

    def _dead_letter(self, hit: WatchHit, batch: Batch, why: Poison, now: datetime) -> OutgoingMessage:
        """The letter of a hit; what is replayed is the hit for the output that did not take it."""
        kafka = self._options.kafka
        again = encode(msgspec.structs.replace(hit, outputs=(batch.output,)))
        name = topic_name(kafka, WATCH_HITS)
        record = Record(name, 0, batch.next_offset, hit.id.encode(), again, int(now.timestamp() * 1000))
        letter = dead_letter.from_record(record, GROUP, why, now, kafka.max_message_bytes)
        # several hits have one offset here, and a hit may be refused by two outputs
        letter = msgspec.structs.replace(letter, id=f"{letter.id[:16]}{hit.id[:16]}", subject=hit.url)
        observability.DEAD_LETTERS.labels(GROUP, why.reason).inc()
        return OutgoingMessage(DEAD, letter)

    def _write_feeds(self) -> None:
        try:
            if self._feeds is not None:
                self._feeds.write()
        except OSError as error:
            self._log.error("feeds_not_written", detail=str(error))


def _call_webhook(url: str, batch: Batch, secret: str, seconds: float, now: datetime) -> None:
    body = webhook.build_body(batch.watch, batch.hits)
    id_ = webhook.call_id(hit.id for hit in batch.hits)
    webhook.call(url, body, webhook.build_headers(id_, body, secret, now), seconds)


def _outcome(future: "Future[None]") -> Outcome:
    """How a delivery ended; a bug counts as a refusal, which is seen among the dead letters."""
    error = future.exception()
    if error is None or isinstance(error, Poison | Unavailable):
        return error
    if isinstance(error, Failure):
        return Poison("refused", str(error))
    return Poison("bug", f"{type(error).__name__}: {error}")
