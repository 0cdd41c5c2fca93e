"""Maintenance: the periodic chores of the index service: deletes old indices, takes and deletes snapshots.

In: settings and the running service. Out: log entries. Several services may do the same at the same time: every chore
is safe to repeat.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from index.upkeep import backup, retention
from pipeline import observability, settings
from pipeline.failures import Failure
from pipeline.service import Service

EVERY_SECONDS = 6 * 3600.0
# wait after a start, so that the first batches are written before
FIRST_SECONDS = 60.0

_log = observability.get_logger("index")


def run_until_stopped(options: settings.Elasticsearch, service: Service) -> None:
    """Runs the chores every six hours until the service stops. A chore that fails is logged and tried again the next
    time.
    """
    wait = FIRST_SECONDS
    while not service.stop.wait(wait):
        run_once(options, datetime.now(UTC))
        wait = EVERY_SECONDS


def run_once(options: settings.Elasticsearch, now: datetime) -> None:
    """Deletes old indices, takes today's snapshot and deletes old snapshots, as far as the settings ask for it."""
    _attempt("pruned", lambda: retention.prune(options, now, options.keep_months))
    if options.repository:
        _attempt("snapshot", lambda: [backup.take_snapshot(options, now)])
        _attempt("snapshots_deleted", lambda: backup.delete_old_snapshots(options, options.keep_snapshots))


def _attempt(event: str, action: Callable[[], list[str]]) -> None:
    try:
        if done := action():
            _log.info(event, names=done)
    except Failure as failure:
        _log.warning("chore_failed", chore=event, detail=str(failure))
