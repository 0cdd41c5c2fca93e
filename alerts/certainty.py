"""Certainty: whether that no alert is open means that nothing is wrong. Pure.

In: the rules, the last look, the time. Out: why nobody can say so, in words; or that the last look says it. And what is
noted of a look for that.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from alerts.conditions import Wrong
from alerts.observation import Observation
from alerts.rules import AnyRule
from pipeline import settings
from pipeline.watch_messages import WatchProgress
from watches.last_look import PIPELINE, LastLook, ago, late_words

Looks = Mapping[str, LastLook]


def doubt(rules: Sequence[AnyRule], looks: Looks, options: settings.Alerts, now: datetime) -> str:
    """Why it is not known whether something is wrong: no rule, nobody who looks, no answer; "" where it is known."""
    if not rules:
        return f"nothing is looked at: no rule stands in {options.file}"
    late = late_words(PIPELINE, looks, now, options.interval_seconds)
    if late:
        return late
    unknown = [rule.name for rule in rules if rule.name in looks[PIPELINE].unknown]
    if not unknown:
        return ""
    asked = ago(looks[PIPELINE].at, now)
    return f"nobody knows how it is by {', '.join(unknown)}: a server did not answer at the last look, {asked}"


def all_clear(rules: Sequence[AnyRule], looks: Looks, now: datetime) -> str:
    """That nothing is wrong, by how many rules and when; to be said where there is no doubt."""
    look = looks[PIPELINE]
    unjudged = [rule.name for rule in rules if rule.name in look.unjudged]
    count = len(rules) - len(unjudged)
    said = f"nothing is wrong by {count} rule{'' if count == 1 else 's'}; the last look was {ago(look.at, now)}"
    return said + (f"; by {', '.join(unjudged)} there was nothing to judge" if unjudged else "")


def note_look(wrong: Mapping[str, Wrong], seen: Observation) -> WatchProgress:
    """The note of a look: the rules by which it could say nothing. `wrong`: what it found, by the rules' names."""
    unsaid = tuple(name for name, found in wrong.items() if found is None)
    return WatchProgress(
        name=PIPELINE, offsets={}, unknown=unsaid if seen.away else (), unjudged=() if seen.away else unsaid
    )
