"""Open alerts: what is wrong now, as the topic `alerts` has it.

In: settings. Out: Alerts. Whether somebody has looked lately is another question (certainty).
"""

from pipeline import settings
from pipeline.alert_message import Alert
from pipeline.kafka import broker
from pipeline.messages import ALERTS


def read_open(options: settings.Kafka) -> list[Alert]:
    """The alerts that are open, the oldest first. Raises Unavailable, WrongSetting."""
    newest: dict[bytes | None, Alert | None] = {}
    for record in broker.read_topic(options, ALERTS):
        newest[record.key] = broker.decode_or_none(record.value, Alert) if record.value else None
    found = [each for each in newest.values() if each and each.is_open]
    return sorted(found, key=lambda each: (each.began_at or each.seen_at, each.key))
