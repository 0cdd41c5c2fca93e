"""`newsloom index`: runs the service that writes to Elasticsearch; prunes, rebuilds, backs up and restores indices."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from newsloom import terminal
from newsloom.commands.services import run_stages_together
from newsloom.local_run import run_addresses
from newsloom.times import show_time
from pipeline import settings

KINDS = ("articles", "stories", "feeds", "dead")


@click.group(invoke_without_command=True)
@click.pass_context
def index(context: click.Context) -> None:
    """Write articles, stories, feeds and dead letters to Elasticsearch; or one of the commands below."""
    if context.invoked_subcommand is None:
        from index import write  # noqa: PLC0415 - elasticsearch takes half a second to import
        from index.upkeep import maintenance  # noqa: PLC0415

        options = settings.load(os.environ)
        task = partial(maintenance.run_until_stopped, options.elasticsearch)
        run_stages_together("index", write.stages(options.elasticsearch), [task], options)


@index.command()
@click.option("--months", type=click.IntRange(1), help="To keep, the present one included; else keep_months counts.")
@run_addresses.DATA_OPTION
def prune(months: int | None, data: Path) -> None:
    """Delete the indices of old months, and those that a rebuild has replaced."""
    from index.upkeep import retention  # noqa: PLC0415

    options, now = run_addresses.settings_for_run(data), datetime.now(UTC)
    keep = months or options.elasticsearch.keep_months
    deleted = retention.prune(options.elasticsearch, now, keep)
    print_lines("deleted", deleted)
    kept = retention.replaced_indices_kept(options.elasticsearch, now)
    for name, at in kept.items():
        when = show_time(at, options.display.zone())
        terminal.say(f"kept {name}, which was replaced lately: a search may still read it; deleted from {when} on")
    if not deleted and not kept:
        terminal.say(f"nothing to delete: no index was replaced, and {_none_is_old(keep)}")


def _none_is_old(keep: int) -> str:
    return f"none is older than {keep} months" if keep else "elasticsearch.keep_months = 0 keeps all months"


@index.command()
@click.argument("kinds", nargs=-1, type=click.Choice(KINDS))
@click.option("--from-kafka", is_flag=True, help="Make documents anew from the messages that are still on the topics.")
@run_addresses.DATA_OPTION
def rebuild(kinds: tuple[str, ...], from_kafka: bool, data: Path) -> None:
    """Build indices anew beside the old ones, for a changed mapping or changed synonyms, while they are searched."""
    from index import mapping  # noqa: PLC0415
    from index.upkeep import rebuild as building  # noqa: PLC0415
    from index.writing.document_kinds import KINDS as ALL  # noqa: PLC0415

    options = run_addresses.settings_for_run(data)
    mapping.put_templates(options.elasticsearch)
    for kind in ALL:
        if kind.name in (kinds or KINDS):
            print_lines("built", building.rebuild_indices(options, kind, from_kafka=from_kafka, report=terminal.say))


@index.group()
def snapshot() -> None:
    """Snapshots in the repository that elasticsearch.repository names."""


@snapshot.command()
@click.argument("location")
@run_addresses.DATA_OPTION
def register(location: str, data: Path) -> None:
    """Make the repository: a folder below the server's path.repo (of a `newsloom run`: DIR/elasticsearch/snapshots)."""
    from index.upkeep import backup  # noqa: PLC0415

    options = run_addresses.settings_for_run(data).elasticsearch
    backup.register_repository(options, location)
    terminal.say(f"repository {options.repository} is {location} below the server's path.repo")


@snapshot.command()
@run_addresses.DATA_OPTION
def take(data: Path) -> None:
    """Take today's snapshot."""
    from index.upkeep import backup  # noqa: PLC0415

    print_lines("taken", [backup.take_snapshot(run_addresses.settings_for_run(data).elasticsearch, datetime.now(UTC))])


@snapshot.command("list")
@run_addresses.DATA_OPTION
def list_taken(data: Path) -> None:
    """The snapshots that are there, oldest first."""
    from index.upkeep import backup  # noqa: PLC0415

    print_lines("", backup.list_snapshots(run_addresses.settings_for_run(data).elasticsearch))


@snapshot.command()
@click.argument("name")
@run_addresses.DATA_OPTION
def restore(name: str, data: Path) -> None:
    """Bring back the indices of a snapshot; none of them may be there."""
    from index.upkeep import backup  # noqa: PLC0415

    print_lines("restored", backup.restore_snapshot(run_addresses.settings_for_run(data).elasticsearch, name))


def print_lines(what: str, names: Iterable[str]) -> None:
    """Prints a line for each name."""
    for name in names:
        terminal.say(f"{what} {name}".strip())
