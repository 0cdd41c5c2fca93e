"""Observations and alerts for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.observation import FeedRemark, Observation
from pipeline.alert_message import Alert

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=number)


def feed(name: str, since: datetime = NOON, **fields: Any) -> FeedRemark:
    """A remark on the feed of this name."""
    return FeedRemark(**{"url": f"https://{name}.example/feed", "name": name, "group": "", "since": since, **fields})


def seen(**fields: Any) -> Observation:
    """An observation at noon."""
    return Observation(**{"at": NOON, **fields})


def alert(subject: str, **fields: Any) -> Alert:
    """An alert of the rule "silence" that began at noon."""
    text = f"{subject} is silent"
    return Alert(**{"rule": "silence", "subject": subject, "text": text, "seen_at": NOON, "began_at": NOON, **fields})
