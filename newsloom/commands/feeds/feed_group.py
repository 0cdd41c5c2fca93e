"""`newsloom feeds`: finds a site's feeds, changes the feed list, imports and exports it as OPML or a plain list."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import click

from ingest.feeds.feed_list import read_feeds
from newsloom import terminal
from newsloom.commands.feeds import feed_list_commands, feed_status
from newsloom.commands.feeds.feed_list_commands import FEEDS, list_of
from newsloom.local_run import run_addresses
from pipeline import settings

MOST_PROBLEMS = 5  # of a list that is imported: more of them are counted


@click.group()
def feeds() -> None:
    """The feed list: find feeds, try, add and remove them, import and export the list, see how each is doing."""


for command in (feed_status.status, *feed_list_commands.COMMANDS):
    feeds.add_command(command)


@feeds.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--into", type=click.Path(path_type=Path), help="The feed list; else that of the run or the settings.")
@run_addresses.DATA_OPTION
def import_feeds(file: BinaryIO, into: Path | None, data: Path) -> None:
    """Add feeds from an OPML file or a plain list.

    A plain list has an address a line, and a name behind a tab or comma. What the feed list has already is not added.
    """
    from ingest.feeds import feed_list_edit, opml  # noqa: PLC0415 - only when asked

    path = list_of(into, data)
    listed = opml.parse_feed_list(file.read())
    name = "standard input" if file is sys.stdin.buffer else Path(file.name).name
    if not listed.feeds:
        why = f" ({listed.problems[0]})" if listed.problems else ""
        terminal.complain(f"{name} is neither OPML nor a list of addresses: no feed was found in it{why}")
        raise SystemExit(1)
    added = feed_list_edit.add_feeds(path, listed.feeds, f"imported from {name}")
    complain_of(listed.problems)
    terminal.say(f"{path}: {len(added.new)} added, {added.known} known, {len(listed.problems)} refused")


def complain_of(problems: Sequence[str]) -> None:
    """Prints the first problems of a list, and how many more there are."""
    for problem in problems[:MOST_PROBLEMS]:
        terminal.complain(f"refused: {problem}")
    if len(problems) > MOST_PROBLEMS:
        terminal.complain(f"refused: {len(problems) - MOST_PROBLEMS} more")


@feeds.command("export")
@click.option("--format", "form", type=click.Choice(["opml", "list"]), default="opml", show_default=True)
@FEEDS
@run_addresses.DATA_OPTION
def export_feeds(form: str, path: Path | None, data: Path) -> None:
    """Write the feed list for other readers."""
    from ingest.feeds import opml  # noqa: PLC0415 - only when asked

    known = [
        each for each in read_feeds(list_of(path, data)) if not (each.folder or each.page)
    ]  # other readers have neither
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
            if each.kind == "hub_page":
                terminal.say(f"no feed, but a page of links: newsloom feeds add --page {each.url}")
    if not found:
        terminal.complain(
            f"{url}: no feed, no sitemap and no page of links found; `newsloom feeds add --page URL "
            "--selector CSS` names the links of a page"
        )
        raise SystemExit(1)
