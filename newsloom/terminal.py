"""The only door from `newsloom` to a terminal: every text that is printed for people passes `printable` here.

In: texts that anybody may have written (titles, addresses, errors of servers). Out: lines, tables and screens in which
they are text and nothing else: no escape sequence, no markup of rich's. Only this file imports rich or writes to
standard output (tests/contracts/test_terminal.py); what programs read (JSON, exported lists, original bytes) leaves
through here too, unchanged, unless it is a terminal that it would be written to.
"""

import json
import sys
import traceback as tracebacks
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

import click
import msgspec
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pipeline.printable import MOST_CHARACTERS, escape_unsafe, printable

__all__ = ["MOST_CHARACTERS", "Drawing"]

Drawing = RenderableType
MOST_OF_SEVERAL_LINES = 40_000
LEAST_WIDTH = 20  # of what is indented, on however narrow a screen
MOST_OF_A_TEXT = 400_000  # an article's: as much as the poller keeps (ingest.max_text_chars)
SHORT_ID = 8  # characters of an id that are shown: as a rule no other id begins with them, and commands take them


@dataclass(frozen=True, slots=True)
class Styled:
    """A text in one of rich's styles, such as "bold" or "red". The style is ours, the text anybody's."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `fold`: what is too long goes on in the next line, whatever it is."""

    header: str = ""
    justify: Literal["left", "right"] = "left"
    style: str = ""
    fold: bool = False
    no_wrap: bool = False


Cell = str | Styled | tuple[str | Styled, ...]  # of a tuple, each is a line of its own

# --- lines ---


def say(text: str) -> None:
    """Prints one line on standard output."""
    click.echo(printable(text))


def say_lines(text: str) -> None:
    """Prints a text with its line breaks on standard output."""
    click.echo(printable(text, MOST_OF_SEVERAL_LINES, lines=True))


def complain(text: str) -> None:
    """Prints one line on standard error: a problem, or how something goes on."""
    click.echo(printable(text), err=True)


def complain_lines(text: str) -> None:
    """Prints a text with its line breaks on standard error."""
    click.echo(printable(text, MOST_OF_SEVERAL_LINES, lines=True), err=True)


def confirm(question: str) -> bool:
    """Asks a question that is answered with yes or no."""
    return click.confirm(printable(question))


def show_traceback(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    """Prints an error that nobody has caught, as Python does: a bug of ours, with texts of anybody in its message."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, where)
    else:
        complain_lines("".join(tracebacks.format_exception(kind, error, where)))


# --- for programs ---


def to_json(value: object, indent: int | None = None) -> str:
    """The value as JSON, on one line unless `indent` is given; what could steer a terminal is escaped in it."""
    # line breaks are JSON's own: those of texts are escaped by json already
    written = json.dumps(msgspec.to_builtins(value), ensure_ascii=False, indent=indent)
    return "\n".join(escape_unsafe(line) for line in written.split("\n"))


def say_json(value: object, indent: int | None = None) -> None:
    """Prints a value as JSON on standard output."""
    click.echo(to_json(value, indent))


def write_bytes(data: bytes) -> None:
    """Writes bytes to standard output as they are; a terminal is shown them as text."""
    if sys.stdout.isatty():
        say_lines(data.decode(errors="replace"))
    else:
        click.echo(data, nl=False)


# --- tables and screens ---


def table(columns: Sequence[str | Column], rows: Iterable[Sequence[Cell]], title: str = "") -> Table:
    """A table without lines; it has no header where no column has one."""
    found = [each if isinstance(each, Column) else Column(each) for each in columns]
    shown = Table(box=None, title=_text(title) if title else None, show_header=any(each.header for each in found))
    for each in found:
        overflow: Literal["fold", "ellipsis"] = "fold" if each.fold else "ellipsis"
        shown.add_column(
            _text(each.header), justify=each.justify, style=each.style, overflow=overflow, no_wrap=each.no_wrap
        )
    for row in rows:
        shown.add_row(*map(_cell, row))
    return shown


def stack(*parts: Drawing | Styled) -> Drawing:
    """Drawings and lines, one below the other."""
    return Group(*(_text(each.text, each.style) if isinstance(each, Styled) else each for each in parts))


class Screen:
    """What lines and drawings are printed on: standard output, or another console."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console()

    def line(self, text: str, style: str = "", *, indent: int = 0, wrap: bool = True) -> None:
        """Prints one line; it is broken at the screen's width, each part indented, unless `wrap` is false."""
        whole = _text(text, style)
        width = max(LEAST_WIDTH, self._console.width - indent)
        for part in whole.wrap(self._console, width) if wrap else [whole]:
            part.pad_left(indent)
            self._console.print(part, soft_wrap=True)

    def lines(self, text: str) -> None:
        """Prints a long text with its line breaks, its lines broken between words on a terminal."""
        for line in text.split("\n"):
            self._console.print(Text(printable(line, MOST_OF_A_TEXT)), soft_wrap=not self.is_terminal)

    def draw(self, drawing: Drawing) -> None:
        """Prints a table or a stack."""
        self._console.print(drawing)

    @property
    def is_terminal(self) -> bool:
        """Whether somebody looks at it."""
        return self._console.is_terminal

    @contextmanager
    def live(self) -> Iterator["LiveScreen"]:
        """A drawing that is replaced again and again, for the block."""
        with Live(console=self._console, auto_refresh=False, screen=False) as live:
            yield LiveScreen(live)


@contextmanager
def paged_screen(pager: bool) -> Iterator[Screen]:
    """A screen for what may be long: more lines than the terminal has go through the pager that PAGER names.

    Never where standard output is no terminal, where `pager` (the setting) is false, or with `newsloom --no-pager`.
    """
    console = Console()
    context = click.get_current_context(silent=True)
    refused = context is not None and bool(context.find_root().params.get("no_pager"))
    if not (pager and console.is_terminal) or refused:
        yield Screen(console)
        return
    with console.capture() as captured:
        yield Screen(console)
    text = captured.get()  # of ours alone: lines and drawings have made everything printable
    if text.count("\n") < console.height:
        click.echo(text, nl=False)
    else:
        click.echo_via_pager(text.rstrip("\n"))


class LiveScreen:
    """The drawing of a Screen that is replaced again and again."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def update(self, drawing: Drawing) -> None:
        """Shows this instead of what was shown before."""
        self._live.update(drawing, refresh=True)

    def line(self, text: str) -> None:
        """Prints a line above the drawing, which stays."""
        self._live.console.print(_text(text))


def _cell(cell: Cell) -> Text:
    lines = cell if isinstance(cell, tuple) else (cell,)
    return Text("\n").join(_text(each.text, each.style) if isinstance(each, Styled) else _text(each) for each in lines)


def _text(text: str, style: str = "") -> Text:
    """A Text of rich's, whose characters it takes for nothing else."""
    return Text(printable(text), style=style)
