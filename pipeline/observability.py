"""Logs and metrics: the log format of every process, and the name and meaning of every Prometheus metric.

A stage logs one structured event per unit of work, with fixed keys. Metric names say the unit and the outcome; they are
the constants below and nowhere else, so a misspelt metric does not type-check.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import Counter, Gauge, Histogram

from pipeline import library_logs
from pipeline.printable import printable

MOST_LOGGED = 20_000  # characters of a value on the console
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)

# --- every stage (pipeline/kafka/worker) ---
RECORDS = Counter(
    "newsloom_records", "Messages that a stage has finished, by outcome: done or dead", ("stage", "outcome")
)
BATCH_SECONDS = Histogram(
    "newsloom_batch_seconds", "From a batch's first handling to its commit", ("stage",), buckets=SECONDS
)
UNAVAILABLE = Counter(
    "newsloom_unavailable", "Times that a stage had to wait for what does not work now", ("stage", "what")
)
DEAD_LETTERS = Counter("newsloom_dead_letters", "Dead letters written, by reason", ("stage", "reason"))
PAUSED = Gauge("newsloom_paused", "1 while the stage waits for what does not work now", ("stage",))

# --- ingest ---
POLLS = Counter("newsloom_polls", "Feed polls by outcome: changed, unchanged, or the kind of the error", ("outcome",))
GAPS = Counter("newsloom_feed_gaps", "Polls that shared no entry with the one before: something was probably missed")
CUT = Counter("newsloom_feed_entries_cut", "Entries of feeds' answers that were too many, and the oldest: left out")
DISTRUSTED = Counter("newsloom_feeds_distrusted", "Feeds whose server said 304 when they had changed")
DRIFTS = Counter("newsloom_feed_drifts", "Feeds whose pages are suddenly other than usual: a new layout")
PAGES = Counter(
    "newsloom_pages", "Pages asked for, by outcome: fetched, unchanged (304), or the kind of the error", ("outcome",)
)
REVISITS = Counter(
    "newsloom_revisits",
    "Published pages asked for again, by what came of it: unchanged, revised, kept or later",
    ("outcome",),
)
ARTICLES = Counter("newsloom_articles_published", "Articles acknowledged by Kafka: new or revised", ("outcome",))
FEEDS = Gauge("newsloom_feeds", "Feeds of this poller: active, of them failing, silent, due; gone (410)", ("state",))
DAY_EXPECTED = Gauge("newsloom_day_entries_expected", "New entries that our feeds usually have in about a day")
DAY_SEEN = Gauge("newsloom_day_entries_seen", "New entries that they had in about the last day")
SILENT_FEEDS = Gauge(
    "newsloom_silent_feed_expected",
    "Entries that a silent feed usually has in a day, for at most 100 of them",
    ("feed",),
)
PENDING = Gauge("newsloom_pages_pending", "Entries whose page is still to be fetched")
EXTRACT_SECONDS = Histogram("newsloom_extract_seconds", "To read one page", buckets=SECONDS)

# --- enrich ---
DUPLICATES = Counter("newsloom_duplicates", "Articles recognised as copies, by kind", ("kind",))
STORIES = Counter("newsloom_stories", "Articles that opened a story or joined one, by which", ("outcome",))

# --- index ---
DOCUMENTS = Counter(
    "newsloom_documents",
    "Documents by kind and by what Elasticsearch did with them: written, stale or rejected",
    ("kind", "outcome"),
)
ITEM_RETRIES = Counter("newsloom_item_retries", "Items of bulk requests that were sent again after a 429")
FRESHNESS_SECONDS = Histogram(
    "newsloom_freshness_seconds", "From an article's fetch to its acknowledged write in Elasticsearch", buckets=SECONDS
)

# --- watch ---
LOOKS = Counter("newsloom_watch_looks", "Looks at what was indexed, by outcome: done or unavailable", ("outcome",))
LOOK_SECONDS = Histogram("newsloom_watch_look_seconds", "To hold all watches against what was indexed", buckets=SECONDS)
WATCHES = Gauge("newsloom_watches", "Watches, by state: working, or refused by Elasticsearch", ("state",))
WATCH_HITS = Counter("newsloom_watch_hits", "Articles found by a watch for the first time, or again as told", ("why",))
WATCH_DELIVERIES = Counter(
    "newsloom_watch_deliveries", "Hits by output and what became of them: done, failed or dead", ("output", "outcome")
)
WATCH_WAITING = Gauge("newsloom_watch_hits_waiting", "Hits that wait to be delivered, by output", ("output",))

# --- alerts ---
ALERTS = Gauge("newsloom_alerts", "Alerts that are open, by rule of config/alerts.toml", ("rule",))
ALERT_NOTICES = Counter(
    "newsloom_alert_notices",
    "Notices by output and what became of them: done, failed or refused",
    ("output", "outcome"),
)

# --- web ---
PAGES_SHOWN = Counter("newsloom_web_pages", "Pages that were asked for, by page and HTTP status", ("page", "status"))
PAGE_SECONDS = Histogram(
    "newsloom_web_page_seconds", "From a page's request to its answer, by page", ("page",), buckets=SECONDS
)


def configure_logs(log_format: str, level: str) -> None:
    """Sets up structlog on standard error: one JSON object or one coloured line for each event."""
    # JSON escapes whatever could steer a terminal; coloured lines do not
    rendering: list[Any] = (
        [structlog.processors.JSONRenderer()]
        if log_format == "json"
        else [_make_printable, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            *rendering,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, handlers=[library_logs.LibraryLogs()])


def leave_libraries_unheard() -> None:
    """For a command that a person uses: it tells in its own words what is away, and no library's log lines beside it.

    A process that calls `configure_logs` tells them all the same.
    """
    for library in ("kafka", "elastic_transport", "elasticsearch"):
        logging.getLogger(library).addHandler(logging.NullHandler())


def _make_printable(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Every value of an event made safe for a terminal; only a traceback keeps its line breaks."""
    for key, value in event.items():
        if not isinstance(value, bool | int | float | None):
            event[key] = printable(str(value), MOST_LOGGED, lines=key == "exception")
    return event


def get_logger(stage: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose events carry the stage's name."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(stage=stage)
    return logger
