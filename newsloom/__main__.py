"""The entry point of `newsloom`: finds and runs a subcommand. Failures end with one clear line, not a traceback.

Exit status: 0 done, 1 a problem was found, 2 wrong usage or setting, 3 stopped after too many bugs in a row, 4 a server
is unavailable, or nobody looks who could say that nothing is wrong.
"""

import importlib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from newsloom import __version__, terminal
from pipeline import observability
from pipeline.failures import Failure, Poison, Unavailable, WrongSetting
from pipeline.kafka.stage import TooManyBugs
from pipeline.printable import is_text

# subcommand -> its module and its name there. Imported when used: `newsloom search` must not wait for spaCy.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "run": ("newsloom.commands.run", "run"),
    "setup": ("newsloom.commands.services", "setup"),
    "ingest": ("newsloom.commands.services", "ingest"),
    "enrich": ("newsloom.commands.services", "enrich"),
    "index": ("newsloom.commands.index", "index"),
    "watch": ("newsloom.commands.watch", "watch"),
    "web": ("newsloom.commands.web", "web"),
    "health": ("newsloom.commands.services", "health"),
    "feeds": ("newsloom.commands.feeds.feed_group", "feeds"),
    "search": ("newsloom.commands.articles.search", "search"),
    "article": ("newsloom.commands.articles.article", "article"),
    "trace": ("newsloom.commands.articles.trace", "trace"),
    "stories": ("newsloom.commands.articles.stories", "stories"),
    "story": ("newsloom.commands.articles.stories", "story"),
    "status": ("newsloom.commands.monitoring.status", "status"),
    "freshness": ("newsloom.commands.monitoring.freshness", "freshness"),
    "alerts": ("newsloom.commands.monitoring.alerts", "alerts"),
    "dead": ("newsloom.commands.dead", "dead"),
    "replay": ("newsloom.commands.replay", "replay"),
    "rewind": ("newsloom.commands.rewind", "rewind"),
    "try": ("newsloom.commands.try_stage", "trial"),
    "doctor": ("newsloom.commands.doctor", "doctor"),
    "demo": ("newsloom.commands.demo", "demo"),
}

EXIT_STATUS: Mapping[type[Failure], int] = {Poison: 1, WrongSetting: 2, TooManyBugs: 3, Unavailable: 4}


class Commands(click.Group):
    """Subcommands by name, imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the library's signature
        """The names of all subcommands, in the order of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The subcommand of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in the library, which looks for the nearest name among commands that are there already: ours are not."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            raise click.NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--no-pager", is_flag=True, help="Long output as it is, not through a pager.")
def newsloom(no_pager: bool) -> None:
    """News from feeds, through Kafka, into Elasticsearch: found, read, recognised, and none lost."""


def in_words(failure: Failure) -> str:
    """What a person is told of a failure: without the reason by which programs count dead letters."""
    return failure.detail if isinstance(failure, Poison) else str(failure)


def check_arguments(arguments: Iterable[str]) -> None:
    """Raises WrongSetting for an argument that is no text and names no file: no address, id or query has such bytes."""
    for each in arguments:
        if not is_text(each) and not _is_there(each):
            raise WrongSetting(f"{each!r} is no text in UTF-8")


def _is_there(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # too long for a name
        return False


def main() -> None:
    """The entry point of the `newsloom` script."""
    observability.leave_libraries_unheard()
    sys.excepthook = terminal.show_traceback
    try:
        check_arguments(sys.argv[1:])
        newsloom(prog_name="newsloom")
    except Failure as failure:
        terminal.complain_lines(f"newsloom: {in_words(failure)}")
        sys.exit(next((status for kind, status in EXIT_STATUS.items() if isinstance(failure, kind)), 1))


if __name__ == "__main__":
    main()
