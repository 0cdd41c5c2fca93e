"""`newsloom web`: the page, on which people search, read and follow the news."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from alerts.open_alerts import read_open
from newsloom.commands.feeds.feed_list_commands import list_of
from newsloom.local_run import pipeline_status, run_addresses
from newsloom.local_run.pipeline_status import StatusSnapshot
from newsloom.trace import gather, way
from newsloom.trace.question import read_question
from newsloom.trace.revisions import Revision, read_revisions
from newsloom.trace.step import Way
from pipeline import service
from pipeline.alert_message import Alert
from pipeline.settings import Settings


class TopicHistory:
    """What the page can tell of an article beside the index: as `newsloom trace` and `newsloom article` do."""

    def __init__(self, options: Settings) -> None:
        self._options = options

    def way(self, id_: str) -> Way:
        """The way of an article. Raises WrongSetting for what is no id."""
        facts = gather.gather(self._options, read_question(id_), False, _tell_nobody)
        return way.tell(facts, datetime.now(UTC), self._options.display.zone())

    def revisions(self, id_: str, first_seen_at: datetime) -> Sequence[Revision]:
        """The revisions that Kafka has. Raises Unavailable, WrongSetting."""
        return read_revisions(self._options.kafka, id_, first_seen_at, _tell_nobody)


class RunOperations:
    """What the page can tell of the pipeline that runs: as `newsloom status`, `alerts` and `feeds` do."""

    def __init__(self, options: Settings, data: Path) -> None:
        self._options, self._data = options, data

    def feed_list(self) -> Path:
        """The feed list, of the run or of the settings."""
        return list_of(None, self._data)

    def status(self) -> StatusSnapshot:
        """How every stage is doing. Takes seconds at most."""
        run = run_addresses.read(self._data)
        return pipeline_status.take_snapshot(self._options, run.health if run else {}, pipeline_status.now())

    def open_alerts(self) -> Sequence[Alert]:
        """What is wrong now. Raises Unavailable."""
        return read_open(self._options.kafka)


def _tell_nobody(_progress: str) -> None:
    """A page is shown when it is whole."""


@click.command()
@run_addresses.DATA_OPTION
def web(data: Path) -> None:
    """Offer the page on which people search and read, at web.host and web.port of the settings."""
    from web import server  # noqa: PLC0415 - aiohttp and elasticsearch take a second to import

    options = run_addresses.settings_for_run(data)
    server.check_access(options)
    with service.running_service("web", options.service) as running:
        server.run(options, running, TopicHistory(options), RunOperations(options, data))
