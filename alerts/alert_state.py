"""Alert state: what begins, what goes on, what ends, and who is to be told. Pure.

In: the alerts as they were, what is wrong now by each rule, the time. Out: the alerts as they are.

    wrong for `hold_minutes`              it begins
    right again for `hold_minutes`        it ends; what flickers begins once and ends once
    nobody could say                      it stays as it is
    nobody looked for a while             the minutes count anew
    told of its beginning and its end     it is forgotten
    its rule is gone                      it is forgotten
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from msgspec.structs import replace

from alerts.conditions import Wrong
from alerts.rules import AnyRule, outputs_of
from pipeline.alert_message import Alert

Alerts = Mapping[str, Alert]  # by key


@dataclass(frozen=True, slots=True)
class Notice:
    """What one output is to be told at once: alerts that began, and alerts that ended, each the oldest first."""

    output: str
    began: tuple[Alert, ...]
    ended: tuple[Alert, ...]


def after_look(before: Alerts, rules: Iterable[AnyRule], wrong: Mapping[str, Wrong], now: datetime) -> dict[str, Alert]:
    """The alerts after a look. `wrong`: by the rules' names."""
    found: dict[str, Alert] = {}
    for rule in rules:
        had = {each.subject: each for each in before.values() if each.rule == rule.name}
        seen = wrong.get(rule.name)
        if seen is None:
            found |= {each.key: each for each in had.values()}
            continue
        hold = timedelta(minutes=rule.hold_minutes)
        news = [Alert(rule=rule.name, subject=each, text=text, seen_at=now) for each, text in seen.items()]
        begun = [_gone_on(had.get(each.subject) or each, each.text, hold, now) for each in news]
        found |= {each.key: each for each in begun}
        absent = (_absent(each, hold, now) for each in had.values() if each.subject not in seen)
        found |= {each.key: each for each in absent if each is not None}
    told = partial(is_settled, {rule.name: rule for rule in rules})
    return {key: each for key, each in found.items() if not told(each)}


def after_pause(before: Alerts) -> dict[str, Alert]:
    """The alerts where nobody had looked for a while, for a machine slept or a service was away.

    How long something was wrong or right is not known then: it counts from the next look on.
    """
    return {key: replace(each, absent_since=None) for key, each in before.items() if each.began_at is not None}


def _gone_on(alert: Alert, text: str, hold: timedelta, now: datetime) -> Alert:
    """An alert whose condition is seen: it may begin now; one that had ended, and was not forgotten, goes on."""
    know = tuple(each for each in alert.told_begin if each not in alert.told_end)
    alert = replace(alert, text=text, absent_since=None, ended_at=None, told_begin=know, told_end=())
    return replace(alert, began_at=now) if alert.began_at is None and now - alert.seen_at >= hold else alert


def _absent(alert: Alert, hold: timedelta, now: datetime) -> Alert | None:
    """An alert whose condition is not seen: it may end now; one that had not begun is forgotten."""
    if alert.began_at is None:
        return None
    alert = replace(alert, absent_since=alert.absent_since or now)
    is_over = alert.ended_at is None and alert.absent_since is not None and now - alert.absent_since >= hold
    return replace(alert, ended_at=now) if is_over else alert


def is_settled(rules: Mapping[str, AnyRule], alert: Alert) -> bool:
    """Whether an alert has ended, and everybody who was told that it began knows."""
    outputs = set(outputs_of(rules[alert.rule]))
    return alert.ended_at is not None and not outputs & set(alert.told_begin) - set(alert.told_end)


def due_notices(alerts: Alerts, rules: Iterable[AnyRule], gather: timedelta, now: datetime) -> list[Notice]:
    """What each output is to be told now: everything at once, `gather` after the first of it.

    What began and ended in between is not told. An alert whose rule is gone tells nobody: the next look forgets it.
    """
    by_name = {rule.name: rule for rule in rules}
    found = []
    for output in sorted({each for rule in by_name.values() for each in outputs_of(rule)}):
        rules_of_output = {name for name, rule in by_name.items() if output in outputs_of(rule)}
        concerned = [each for each in alerts.values() if each.rule in rules_of_output]
        began = [each for each in concerned if each.began_at and not each.ended_at and output not in each.told_begin]
        ended = [each for each in concerned if each.ended_at and output in each.told_begin]
        ended = [each for each in ended if output not in each.told_end]
        times = [each.ended_at or each.began_at or now for each in (*began, *ended)]
        if times and min(times) <= now - gather:
            found.append(Notice(output, _oldest_first(began), _oldest_first(ended)))
    return found


def after_notice(alerts: Alerts, notice: Notice) -> dict[str, Alert]:
    """The alerts after an output was told."""
    began = {each.key for each in notice.began}
    ended = {each.key for each in notice.ended}
    found = dict(alerts)
    for key in (began | ended) & alerts.keys():
        each = alerts[key]
        if key in began:
            each = replace(each, told_begin=(*each.told_begin, notice.output))
        if key in ended:
            each = replace(each, told_end=(*each.told_end, notice.output))
        found[key] = each
    return found


def changes(before: Alerts, now: Alerts) -> dict[str, Alert | None]:
    """What has to be written to the topic: alerts that are other than before; None for those that are forgotten.

    What has not begun is not written: after a restart it is seen anew.
    """
    kept = {key: each for key, each in now.items() if each.began_at is not None}
    gone = {key: None for key, each in before.items() if each.began_at is not None and key not in kept}
    return {**{key: each for key, each in kept.items() if before.get(key) != each}, **gone}


def newly_open(before: Alerts, now: Alerts) -> list[Alert]:
    """The alerts that are open now and were not before."""
    return [each for key, each in now.items() if each.is_open and not (key in before and before[key].is_open)]


def _oldest_first(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    return tuple(sorted(alerts, key=lambda each: (each.ended_at or each.began_at or each.seen_at, each.key)))
