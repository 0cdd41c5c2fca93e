"""The path of the alerts: observes, decides what began and what ended, tells; runs beside the watches.

In: the rules of config/alerts.toml, what Kafka and Elasticsearch say. Out: notices to webhooks and mailboxes, the open
alerts on the topic `alerts` (compacted, one partition), and a note of each look on `watch-progress`. Whoever owns that
partition works; what it holds is what a successor goes on with. When Kafka is away, the owner goes on from memory: that
Kafka is away is what it has to tell.
"""

import random
from datetime import datetime, timedelta
from typing import Self

from alerts import notices, rules
from alerts.alert_state import Notice, after_look, after_notice, after_pause, changes, due_notices, newly_open
from alerts.certainty import note_look
from alerts.conditions import find_wrong, needed_minutes
from alerts.observation import observe
from alerts.rules import AnyRule
from pipeline import observability
from pipeline.alert_message import Alert
from pipeline.failures import Backoff, Poison, Unavailable, WrongSetting
from pipeline.kafka.compacted_table import CompactedTable
from pipeline.kafka.publisher import OutgoingMessage, Publisher
from pipeline.messages import ALERTS, WATCH_PROGRESS
from pipeline.service import Service
from pipeline.settings import Settings
from pipeline.watch_messages import WatchProgress
from watches.last_look import LastLook
from watches.looking import present

GROUP = "alerts"
POLL_SECONDS = 5.0
MOST_TOLD = 300  # characters of a bug


def run(options: Settings, service: Service) -> None:
    """Watches over the pipeline until the service stops."""
    with AlertService(options) as alerting:
        while not service.stop.is_set():
            try:
                alerting.step(present())
                service.warnings[GROUP] = alerting.warning
            except Exception as error:  # a bug here must not take the watches with it
                alerting.after_bug(error)
                service.warnings[GROUP] = f"alerts: {type(error).__name__}: {error}"[:MOST_TOLD]
                service.stop.wait(options.alerts.interval_seconds)
            service.heartbeat(part=GROUP)
            service.stop.wait(alerting.idle_seconds)


class AlertService:
    """Everything that is held. To be used by one thread, as a context manager."""

    def __init__(self, options: Settings) -> None:
        self._options = options
        self._publisher: Publisher | None = None
        self._table: CompactedTable[Alert] | None = None
        self._log = observability.get_logger(GROUP)
        self._rules: tuple[AnyRule, ...] = ()
        self._file_changed_at = 0.0
        self._file_problem, self._refused = "", ""
        self._alerts: dict[str, Alert] = {}
        self._written: dict[str, Alert] = {}  # as the topic has them
        self._owner, self._ready = True, False  # until the group says otherwise; the topic was read to its end
        self._look: WatchProgress | None = None  # that is not on the topic yet
        self._looked_at: datetime | None = None
        self._next_look = datetime.min.replace(tzinfo=present().tzinfo)
        self._backoff = Backoff(options.watches.retry_first_seconds, options.watches.retry_most_seconds)
        self._failures: dict[str, tuple[int, datetime]] = {}  # output -> failures in a row, when it is told again

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    @property
    def warning(self) -> str:
        """What an operator must mend; "" for nothing."""
        return self._file_problem or self._refused

    @property
    def idle_seconds(self) -> float:
        """How long nothing is to be done; 0 while the topic is followed, which waits by itself."""
        return 0.0 if self._table is not None else POLL_SECONDS

    def step(self, now: datetime) -> None:
        """Takes in the file and the topic, looks when it is time, tells what is due; waits some seconds for Kafka."""
        self._read_rules()
        if not self._rules and not self._alerts:
            self._close()
            return
        self._follow_topic()
        if not self._owner or (self._table is not None and not (self._ready and self._table.lease.is_held())):
            return  # while Kafka is away, there is no table, it looks and tells all the same
        if now >= self._next_look:
            self._next_look = now + timedelta(seconds=self._options.alerts.interval_seconds)
            self._hold_against_rules(now)
        gather = timedelta(seconds=self._options.alerts.gather_seconds)
        for notice in due_notices(self._alerts, self._rules, gather, now):
            self._tell(notice, now)
        self._write()

    def after_bug(self, error: Exception) -> None:
        """After an error that should not be: tells it, and makes the connections anew."""
        self._log.error("bug", detail=str(error), exc_info=True)
        self._close()

    # --- what is remembered ---

    def _read_rules(self) -> None:
        """Takes in the file when it has changed. A wrong file changes nothing, and is warned of."""
        path = self._options.alerts_file()
        changed_at = path.stat().st_mtime if path.exists() else -1.0
        if changed_at == self._file_changed_at:
            return
        self._file_changed_at = changed_at
        try:
            self._rules, self._file_problem = rules.read_file(path), ""
        except WrongSetting as error:
            self._file_problem = str(error)
            self._log.error("wrong_alerts_file", detail=str(error))

    def _follow_topic(self) -> None:
        """Takes in what the topic has, until it was read to its end: from then on only we write it."""
        try:
            if self._table is None:
                self._table = CompactedTable(self._options.kafka, ALERTS, Alert, GROUP)
            found = self._table.poll(min(POLL_SECONDS, self._options.alerts.interval_seconds))
        except Unavailable as error:
            self._log.warning("unavailable", what=error.what, detail=error.detail)
            self._close()
            return
        if found.gained or found.lost:
            self._written, self._ready = {}, False
        self._owner = bool(found.owned)
        if found.lost:
            self._alerts = {}  # another process goes on, or went on meanwhile, with what is on the topic
        self._table.lease.begin_term(found.term)
        for each in found.updates if not self._ready else ():
            self._written.pop(each.key, None)
            if each.message is not None:
                self._written[each.key] = each.message
        if self._owner and found.caught_up and not self._ready:
            # what happened while Kafka was away is in memory alone
            self._alerts, self._ready = {**self._written, **self._alerts}, True

    def _write(self) -> None:
        """Publishes what is other than on the topic; tries again at the next step when Kafka is away."""
        changed = changes(self._written, self._alerts)
        if not (changed or self._look) or not self._ready or self._table is None:
            return
        try:
            if self._publisher is None:
                self._publisher = Publisher(self._options.kafka)
            messages = [
                OutgoingMessage(ALERTS, each or self._written[key], tombstone=each is None)
                for key, each in changed.items()
            ]
            messages += [OutgoingMessage(WATCH_PROGRESS, self._look)] if self._look else []
            self._publisher.publish([self._publisher.encode(each) for each in messages])
        except Unavailable as error:
            self._log.warning("unavailable", what=error.what, detail=error.detail)
            self._close()
            return
        self._written = {key: each for key, each in self._alerts.items() if each.began_at is not None}
        self._look = None

    def _close(self) -> None:
        if self._table is not None:
            self._table.close()
        if self._publisher is not None:
            self._publisher.close()
        self._table, self._publisher = None, None

    # --- looking and telling ---

    def _hold_against_rules(self, now: datetime) -> None:
        seen = observe(self._options, needed_minutes(self._rules), now)
        wrong = {rule.name: find_wrong(rule, seen) for rule in self._rules}
        if LastLook(at=self._looked_at).is_late(now, self._options.alerts.interval_seconds):
            self._alerts = after_pause(self._alerts)
        self._look, self._looked_at = note_look(wrong, seen), now
        before, self._alerts = self._alerts, after_look(self._alerts, self._rules, wrong, now)
        for each in newly_open(before, self._alerts):
            self._log.warning("alert_began", rule=each.rule, subject=each.subject, text=each.text)
        for each in newly_open(self._alerts, before):
            self._log.info("alert_ended", rule=each.rule, subject=each.subject, text=each.text)
        observability.ALERTS.clear()  # of rules that have left the file
        for rule in self._rules:
            count = sum(each.is_open for each in self._alerts.values() if each.rule == rule.name)
            observability.ALERTS.labels(rule.name).set(count)

    def _tell(self, notice: Notice, now: datetime) -> None:
        failures, due_at = self._failures.get(notice.output, (0, now))
        if due_at > now:
            return
        kind = notice.output.partition(" ")[0]
        try:
            notices.tell(notice, self._options.watches, now)
            outcome, self._refused = "done", ""
            self._failures.pop(notice.output, None)
        except Unavailable as error:
            wait = self._backoff.delay(failures + 1, random.random())
            self._failures[notice.output] = failures + 1, now + timedelta(seconds=wait)
            self._log.warning("not_told", output=notice.output, detail=str(error))
            observability.ALERT_NOTICES.labels(kind, "failed").inc()
            return
        except Poison as poison:  # it will never take it: it is not told again, and an operator hears of that
            outcome = "refused"
            self._refused = f"alerts: {notice.output} refuses to be told: {poison.detail}"
            self._log.error("refused", output=notice.output, detail=str(poison))
        self._alerts = after_notice(self._alerts, notice)
        observability.ALERT_NOTICES.labels(kind, outcome).inc()
