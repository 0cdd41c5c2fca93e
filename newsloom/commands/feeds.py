"""`newsloom feeds`: finds a site's feeds, and imports and exports the feed list as OPML or a plain list."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import click

from ingest.feeds.feed_list import Feed, read_feeds
from newsloom import terminal
from newsloom.commands import feed_status
from pipeline import settings
from pipeline.failures import WrongSetting

HEADER = "# The feeds that are polled: one [[feeds]] table for each, with url, name, group and language.\n"


@click.group()
def feeds() -> None:
    """The feed list: find feeds, import and export it, see how each is doing."""


feeds.add_command(feed_status.status)


@feeds.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--into", type=click.Path(path_type=Path), help="The feed list; that of the settings where not given.")
def import_feeds(file: BinaryIO, into: Path | None) -> None:
    """Add feeds from an OPML file or a plain list.

    A plain list has an address a line, and a name behind a tab or comma. What the feed list has already is not added.
    """
    from ingest.feeds import opml  # noqa: PLC0415 - only when asked

    path = into or settings.load(os.environ).feeds_file()
    listed = opml.parse_feed_list(file.read())
    name = "standard input" if file is sys.stdin.buffer else Path(file.name).name
    added = add_feeds(path, listed.feeds, name)
    for problem in listed.problems:
        terminal.complain(f"refused: {problem}")
    terminal.say(f"{path}: {len(added.new)} added, {added.known} known, {len(listed.problems)} refused")
    if not listed.feeds:
        raise SystemExit(1)


@feeds.command("export")
@click.option("--format", "form", type=click.Choice(["opml", "list"]), default="opml", show_default=True)
@click.option("--feeds", "path", type=click.Path(path_type=Path), help="The feed list; that of the settings otherwise.")
def export_feeds(form: str, path: Path | None) -> None:
    """Write the feed list for other readers."""
    from ingest.feeds import opml  # noqa: PLC0415 - only when asked

    known = read_feeds(path or settings.load(os.environ).feeds_file())
    terminal.write_bytes(opml.write_opml(known) if form == "opml" else opml.write_plain_list(known).encode())


@feeds.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="One JSON list, for programs.")
def discover(url: str, as_json: bool) -> None:
    """Find a site's feeds and sitemaps.

    At most thirty requests, as polite as the poller's. What is shown was fetched and is a feed; the best is first.
    """
    from ingest.discover import DiscoveredFeed  # noqa: PLC0415 - only when asked
    from ingest.discover import discover_feeds as search  # noqa: PLC0415
    from ingest.web.client import WebClient  # noqa: PLC0415

    async def search_site() -> list[DiscoveredFeed]:
        async with WebClient(settings.load(os.environ).ingest) as web:
            return await search(web, url)

    found = asyncio.run(search_site())
    if as_json:
        terminal.say_json(found, indent=2)
    else:
        for each in found:
            terminal.say(f"{each.kind:13} {each.how:10} {each.entries:6} entries  {each.url}  {each.title}")
    if not found:
        terminal.complain(f"{url}: no feed and no sitemap found")
        raise SystemExit(1)


@dataclass(frozen=True, slots=True)
class AddResult:
    """The feeds that were added to a list, and the number of those that it had already."""

    new: list[Feed]
    known: int


def add_feeds(path: Path, feeds_to_add: Iterable[Feed], source: str) -> AddResult:
    """Appends the feeds that a feed list does not have yet; its own text stays, and the file is replaced in one step.

    `source` is named in a comment above them. Addresses that differ only in http or https, "www." or a last slash are
    the same feed. Raises WrongSetting when the list can't be read or written.
    """
    path = path.resolve()  # a link stays one
    before = path.read_text(encoding="utf-8") if path.exists() else HEADER
    known = {_comparable_url(feed.url) for feed in read_feeds(path)} if path.exists() else set()
    new: list[Feed] = []
    count = 0
    for feed in feeds_to_add:
        if _comparable_url(feed.url) in known:
            count += 1
        else:
            known.add(_comparable_url(feed.url))
            new.append(feed)
    if new:
        shown = "".join(character for character in source if character.isprintable())
        _replace(path, "\n".join([before.rstrip("\n"), "", f"# --- imported from {shown} ---", *map(_table, new)]))
    return AddResult(new, count)


def _comparable_url(url: str) -> str:
    return url.partition("://")[2].rstrip("/").removeprefix("www.")


def _table(feed: Feed) -> str:
    """One [[feeds]] table. A JSON string is a TOML string, but for DEL."""
    fields = {"url": feed.url, "name": feed.name, "group": feed.group, "language": feed.language}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items() if value]
    return "\n".join(["", "[[feeds]]", *lines]).replace("\x7f", "\\u007F") + "\n"


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        if path.exists():
            shutil.copymode(path, part)
        read_feeds(part)  # what the poller could not read never takes the list's place
        part.replace(path)
    except OSError as error:
        raise WrongSetting(f"the feed list {path} can't be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
