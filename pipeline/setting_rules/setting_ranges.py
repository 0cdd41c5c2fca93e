"""Setting ranges: which values make sense, alone and beside each other.

In: the sections of `Settings`. Out: nothing, or a WrongSetting that names the setting, its value and what it may be. A
value that can't work is told at the start of every process and by `newsloom doctor`, not when it is first used.
"""

import math
import re
from collections.abc import Mapping

import msgspec

from pipeline.failures import WrongSetting

# every other number must be above zero
MAY_BE_ZERO = frozenset(
    {
        "alerts.gather_seconds",
        "elasticsearch.keep_months",
        "elasticsearch.replicas",
        "embedded.elasticsearch_port",
        "embedded.kafka_port",
        "enrich.story_threshold",
        "ingest.host_gap_seconds",
        "ingest.revisit_most_articles",
        "ingest.silence_least_hours",
        "service.health_port",
        "web.port",
        "worker.batch_seconds",
    }
)
MOST: Mapping[str, float] = {
    "enrich.story_threshold": 1,
    "ingest.revisit_share": 1,
    "ingest.silence_certainty": 1,
    "embedded.elasticsearch_port": 65535,
    "freshness.target_share": 1,
    "embedded.kafka_port": 65535,
    "service.health_port": 65535,
    "watches.smtp_port": 65535,
    "web.port": 65535,
}
# of each pair the first must not be above the second
IN_ORDER = (
    ("ingest.interval_least_seconds", "ingest.interval_most_seconds"),
    ("ingest.retry_first_seconds", "ingest.retry_most_seconds"),
    ("worker.retry_first_seconds", "worker.retry_most_seconds"),
    ("enrich.duplicate_window_days", "enrich.story_window_days"),
    ("watches.retry_first_seconds", "watches.retry_most_seconds"),
)
PATTERNS: Mapping[str, tuple[str, str]] = {
    "embedded.heap": (r"[1-9]\d*[kmgKMG]", "a size as Java writes it, like 512m or 2g"),
    "kafka.prefix": (r"[A-Za-z0-9._-]{1,100}", "letters, digits, dots, hyphens and underscores"),
    "elasticsearch.prefix": (r"[a-z0-9][a-z0-9._-]{0,99}", "lower-case letters, digits, dots, hyphens and underscores"),
    "ingest.revisit_hours": (r" *(?:\d{1,5}(?:\.\d{1,6})?(?: +|$))*", "hours with spaces between, like 24 168"),
    "ingest.ports": (r"[ ,]*\d{1,5}(?:[ ,]+\d{1,5})*[ ,]*", "port numbers with spaces between"),
}


def check_ranges(settings: msgspec.Struct) -> None:
    """Raises WrongSetting for the first value that makes no sense. `settings`: a struct of sections of knobs."""
    values = {
        f"{section}.{name}": value
        for section, knobs in msgspec.structs.asdict(settings).items()
        for name, value in msgspec.structs.asdict(knobs).items()
    }
    for knob, value in values.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            _check_number(knob, value)
    for knob, (pattern, meaning) in PATTERNS.items():
        if not re.fullmatch(pattern, str(values[knob])):
            raise WrongSetting(f"{knob} = {values[knob]!r} must be {meaning}")
    for lower, upper in IN_ORDER:
        if values[lower] > values[upper]:
            raise WrongSetting(f"{lower} = {values[lower]} must not be above {upper} = {values[upper]}")


def _check_number(knob: str, value: float) -> None:
    if not 0 <= value < math.inf or (value == 0 and knob not in MAY_BE_ZERO):
        raise WrongSetting(f"{knob} = {value} must be above zero")
    if value > MOST.get(knob, math.inf):
        raise WrongSetting(f"{knob} = {value} must be at most {MOST[knob]:g}")
