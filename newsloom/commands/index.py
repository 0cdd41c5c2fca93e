"""`newsloom index`: the service that writes to Elasticsearch, and what can be done with its indices."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from newsloom.commands.services import work_side_by_side
from newsloom.local_run import run_addresses
from pipeline import settings

KINDS = ("articles", "stories", "feeds", "dead")
DATA = click.option(
    "--data", type=click.Path(path_type=Path), default=run_addresses.DEFAULT_DATA, help="Of `newsloom run`."
)


@click.group(invoke_without_command=True)
@click.pass_context
def index(context: click.Context) -> None:
    """Write articles, stories, feeds and dead letters to Elasticsearch; or one of the commands below."""
    if context.invoked_subcommand is None:
        from index import write  # noqa: PLC0415 - elasticsearch takes half a second to import
        from index.upkeep import maintenance  # noqa: PLC0415

        options = settings.load(os.environ)
        chore = partial(maintenance.run_until_stopped, options.elasticsearch)
        work_side_by_side("index", write.stages(options.elasticsearch), [chore], options)


@index.command()
@click.option("--months", type=click.IntRange(1), help="To keep, the present one included; else keep_months counts.")
@DATA
def prune(months: int | None, data: Path) -> None:
    """Delete the indices of old months, and those that a rebuild has replaced."""
    from index.upkeep import retention  # noqa: PLC0415

    options = run_addresses.located(data).elasticsearch
    tell("deleted", retention.prune(options, datetime.now(UTC), months or options.keep_months))


@index.command()
@click.argument("kinds", nargs=-1, type=click.Choice(KINDS))
@click.option("--from-kafka", is_flag=True, help="Make documents anew from the messages that are still on the topics.")
@DATA
def rebuild(kinds: tuple[str, ...], from_kafka: bool, data: Path) -> None:
    """Build indices anew beside the old ones, for a changed mapping or changed synonyms, while they are searched."""
    from index import mapping  # noqa: PLC0415
    from index.upkeep import rebuild as building  # noqa: PLC0415
    from index.writing.document_kinds import KINDS as ALL  # noqa: PLC0415

    options = run_addresses.located(data)
    mapping.put_templates(options.elasticsearch)
    for kind in ALL:
        if kind.name in (kinds or KINDS):
            tell("built", building.rebuild_indices(options, kind, from_kafka=from_kafka, report=click.echo))


@index.group()
def snapshot() -> None:
    """Snapshots in the repository that elasticsearch.repository names."""


@snapshot.command()
@click.argument("location")
@DATA
def register(location: str, data: Path) -> None:
    """Make the repository: a folder below the server's path.repo."""
    from index.upkeep import backup  # noqa: PLC0415

    backup.register_repository(run_addresses.located(data).elasticsearch, location)


@snapshot.command()
@DATA
def take(data: Path) -> None:
    """Take today's snapshot."""
    from index.upkeep import backup  # noqa: PLC0415

    tell("taken", [backup.take_snapshot(run_addresses.located(data).elasticsearch, datetime.now(UTC))])


@snapshot.command("list")
@DATA
def list_taken(data: Path) -> None:
    """The snapshots that are there, oldest first."""
    from index.upkeep import backup  # noqa: PLC0415

    tell("", backup.list_snapshots(run_addresses.located(data).elasticsearch))


@snapshot.command()
@click.argument("name")
@DATA
def restore(name: str, data: Path) -> None:
    """Bring back the indices of a snapshot; none of them may be there."""
    from index.upkeep import backup  # noqa: PLC0415

    tell("restored", backup.restore_snapshot(run_addresses.located(data).elasticsearch, name))


def tell(what: str, names: Iterable[str]) -> None:
    """A line for each."""
    for name in names:
        click.echo(f"{what} {name}".strip())
