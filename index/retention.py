"""Which monthly indices leave, and their deletion: in: a number of months to keep; out: the names that went.

Whole indices only: dropping one costs nothing, and documents deleted one by one would cost a merge of everything else.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from index.client import available, connect
from pipeline import settings
from pipeline.failures import WrongSetting


def prune(options: settings.Elasticsearch, now: datetime, months: int) -> list[str]:
    """Deletes the indices of articles first seen before the last `months` months, the present one included.

    Returns their names, oldest first. Safe to repeat. Raises Unavailable, WrongSetting.
    """
    pattern = f"{options.prefix}-articles-*"
    with connect(options) as client:
        there = available(lambda: client.indices.get_alias(index=pattern, allow_no_indices=True))
        leaving = expired(there, options.prefix, now, months)
        for name in leaving:  # by name: a cluster may forbid to delete by pattern, and a name can't match too much
            available(lambda name=name: client.indices.delete(index=name, ignore_unavailable=True))  # type: ignore[misc]
    return leaving


def expired(names: Iterable[str], prefix: str, now: datetime, months: int) -> list[str]:
    """Those of `names` that are monthly indices of ours and older than `months` months, oldest first. Pure.

    Raises WrongSetting for less than one month.
    """
    if months < 1:
        raise WrongSetting(f"at least the present month has to be kept, not {months} months")
    present = now.astimezone(UTC)
    first_kept = present.year * 12 + present.month - months
    monthly = re.compile(re.escape(prefix) + r"-articles-(\d{4})\.(0[1-9]|1[0-2])")
    matches = filter(None, map(monthly.fullmatch, sorted(names)))
    return [match[0] for match in matches if int(match[1]) * 12 + int(match[2]) - 1 < first_kept]
