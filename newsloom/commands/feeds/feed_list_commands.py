"""`newsloom feeds add`, `list`, `remove` and `test`: the feed list changed and looked at, and a feed tried.

In: the list of a run, of the settings, or another one. Out: the changed file, which a running poller takes by itself.
"""

import difflib
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

import click

from ingest.feeds import feed_list_edit
from ingest.feeds.entry import Entry, ParsedFeed
from ingest.feeds.feed_list import Feed, read_feeds
from ingest.trial.feed_trial import fetch_feed
from ingest.urls import folder_of, folder_url, host_of, source_of
from newsloom import terminal
from newsloom.local_run import run_addresses
from newsloom.named_values import LANGUAGE
from newsloom.times import show_time
from pipeline import settings
from pipeline.failures import Poison, Unavailable, WrongSetting
from pipeline.printable import is_text

FEEDS = click.option(
    "--feeds", "path", type=click.Path(path_type=Path), help="The feed list; else that of the run or the settings."
)
SHOWN_ENTRIES = 5  # of a feed that is tried
MOST_NEAR = 3  # names that are told to one who has mistyped
OLDEST = datetime.min.replace(tzinfo=UTC)


def list_of(path: Path | None, data: Path) -> Path:
    """The feed list that is meant: the one named, else that of the run on `data`, else that of the settings."""
    return path or run_addresses.feeds_of_run(data) or settings.load(os.environ).feeds_file()


@click.command()
@click.argument("url", metavar="URL-OR-FOLDER")
@click.option("--name", help="What people call it; else the title that it has itself.")
@click.option("--group", default="", help="A region or topic.")
@click.option("--language", type=LANGUAGE, help="Of its articles (two letters, or its name).")
@click.option("--page", is_flag=True, help="It is a page that lists links to articles, of a site without a feed.")
@click.option(
    "--selector", default="", help="CSS selector of such a page's links; else those that look like articles'."
)
@click.option("--untested", is_flag=True, help="Without asking first whether it is a feed.")
@FEEDS
@run_addresses.DATA_OPTION
def add(url: str, path: Path | None, data: Path, **about: Any) -> None:
    """Add a feed at the end of the feed list; it is asked for first. A running pipeline takes it within seconds.

    A FOLDER is watched for an agency's files (ninjs, NewsML-G2); a relative one is written with a slash, as ./wire.
    """
    listed = list_of(path, data)
    feed = _folder_feed(url, about) if _is_folder(url) else _web_feed(listed, url, about)
    if feed_list_edit.add_feeds(listed, [feed]).new:
        terminal.say(f"{feed.name} was added to {listed}{_what_follows(listed, data)}")
    else:
        terminal.say(f"{listed} has this feed already")


def _is_folder(typed: str) -> bool:
    """Whether a path was typed, and no address."""
    return typed.startswith(("/", "./", "../", "~/"))


def _folder_feed(typed: str, about: Mapping[str, Any]) -> Feed:
    """A watched folder as a feed, under its whole path. Raises Unavailable when it can't be read."""
    folder = Path(typed).expanduser().resolve()
    if not is_text(str(folder)):
        raise WrongSetting(f"{str(folder)!r} is no text in UTF-8: a feed list can't name it")
    if not about["untested"]:
        read_watched_folder(folder)
    name, group = about["name"] or folder.name or str(folder), about["group"] or ""
    return Feed(url=folder_url(str(folder)), folder=str(folder), name=name, group=group, language=about["language"])


def _web_feed(listed: Path, typed: str, about: Mapping[str, Any]) -> Feed:
    url = typed if "://" in typed else f"https://{typed}"
    if not host_of(url):
        raise WrongSetting(f"{url} is no http or https address")
    is_page = about["page"] or bool(about["selector"])
    links = about["selector"] if is_page else None
    title = (
        ""
        if about["untested"] or _known(listed, url)
        else fetch_feed(settings.load(os.environ).ingest, url, links)[1].title
    )
    return Feed(
        url=url,
        page=url if is_page else "",
        selector=about["selector"],
        name=about["name"] or title or source_of(url),
        group=about["group"] or "",
        language=about["language"],
    )


@click.command()
@click.argument("feed", metavar="URL-OR-NAME")
@FEEDS
@run_addresses.DATA_OPTION
def remove(feed: str, path: Path | None, data: Path) -> None:
    """Take a feed off the feed list; its articles stay. A running pipeline polls it no more within seconds."""
    listed = list_of(path, data)
    known = read_feeds(listed)
    chosen = find_feed(known, feed, listed)
    if len(known) == 1:
        raise WrongSetting(f"{chosen.name} is the only feed of {listed}: to poll nothing, stop the poller")
    feed_list_edit.remove_feed(listed, chosen)
    terminal.say(f"{chosen.name} was taken off {listed}{_what_follows(listed, data)}")


@click.command("list")
@click.argument("part", default="")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a feed, for programs.")
@FEEDS
@run_addresses.DATA_OPTION
def list_feeds(part: str, as_json: bool, path: Path | None, data: Path) -> None:
    """The feeds of the feed list, in its order; PART of a URL, name or group chooses."""
    listed = list_of(path, data)
    known = read_feeds(listed)
    chosen = [each for each in known if part.lower() in f"{each.url} {each.name} {each.group}".lower()]
    if not chosen and part:
        raise Poison("no_such_feed", f"no feed of {listed} has {part!r} in its URL, name or group")
    if as_json:
        for each in chosen:
            terminal.say_json(each)
        return
    with terminal.paged_screen(settings.load(os.environ).display.pager) as screen:
        for each in chosen:
            about = ", ".join(filter(None, (each.group, each.language, "paused" if each.paused else "")))
            screen.line(f"{each.name} ({about})" if about else each.name, "bold")
            screen.line(each.folder or each.url, "blue", indent=2, wrap=False)
        screen.line(f"{len(chosen)} feeds of {listed}", wrap=False)


@click.command("test")
@click.argument("feed", metavar="URL-FOLDER-OR-NAME")
@FEEDS
@run_addresses.DATA_OPTION
def try_feed(feed: str, path: Path | None, data: Path) -> None:
    """Ask for a feed once, as the poller would, and say what it is and has. Nothing is published or remembered."""
    listed = list_of(path, data)
    known = _of_list(feed, listed)
    url = known.url if known else feed if "://" in feed or _is_folder(feed) else f"https://{feed}"
    folder = folder_of(url) or (feed if _is_folder(feed) else "")
    if folder:
        root = listed.parent / Path(folder).expanduser() if folder_of(url) else Path(folder).expanduser().resolve()
        address, parsed = str(root), read_watched_folder(root)
    else:
        address, parsed = fetch_feed(settings.load(os.environ).ingest, url, known.links if known else None)
    print_feed(address, parsed, terminal.Screen(), settings.load(os.environ).display.zone())


@click.command()
@click.argument("feed", metavar="URL-OR-NAME")
@FEEDS
@run_addresses.DATA_OPTION
def pause(feed: str, path: Path | None, data: Path) -> None:
    """Poll a feed no more until `resume`; it stays on the list, and what is known of it is kept."""
    _pause(list_of(path, data), feed, data, paused=True)


@click.command()
@click.argument("feed", metavar="URL-OR-NAME")
@FEEDS
@run_addresses.DATA_OPTION
def resume(feed: str, path: Path | None, data: Path) -> None:
    """Poll a paused feed again."""
    _pause(list_of(path, data), feed, data, paused=False)


def _pause(listed: Path, typed: str, data: Path, *, paused: bool) -> None:
    chosen = find_feed(read_feeds(listed), typed, listed)
    feed_list_edit.pause_feed(listed, chosen, paused=paused)
    terminal.say(f"{chosen.name} is {'paused' if paused else 'polled again'}{_what_follows(listed, data)}")


COMMANDS = (add, list_feeds, remove, pause, resume, try_feed)


def find_feed(known: Sequence[Feed], typed: str, listed: Path) -> Feed:
    """The feed with this address or name (case does not matter). Raises Poison, which names those that are near."""
    wanted = typed.casefold()
    for each in known:
        same = typed in (each.url, each.folder)
        same |= "://" in typed and feed_list_edit.comparable_url(typed) == feed_list_edit.comparable_url(each.url)
        if same or wanted == each.name.casefold():
            return each
    names = {text.casefold(): text for each in known for text in (each.name, each.url)}
    holding = [text for folded, text in names.items() if wanted in folded]
    near = (holding or [names[each] for each in difflib.get_close_matches(wanted, names)])[:MOST_NEAR]
    hint = f": did you mean {' or '.join(near)}?" if near else ": `newsloom feeds list` shows them"
    raise Poison("no_such_feed", f"no feed of {listed} has the address or name {typed!r}{hint}")


def read_watched_folder(root: Path) -> ParsedFeed:
    """What the newest files of a watched folder say, as many as one poll reads. Raises Unavailable."""
    from ingest.deliveries import folder, folder_poll  # noqa: PLC0415 - only when asked
    from ingest.feeds.parse import parse_feed  # noqa: PLC0415

    most_bytes = settings.load(os.environ).ingest.max_feed_bytes
    try:
        listing = folder.list_folder(root)
    except OSError as error:
        raise Unavailable(str(root), error.strerror or str(error)) from error
    read: list[folder_poll.ReadFile] = []
    for each in folder_poll.files_of_a_poll(listing.files, most_bytes):
        try:
            body = folder.read_file(root, each.name, most_bytes)
            read.append(folder_poll.ReadFile(each, parse_feed(body, folder_url(str(root)), {}, most_bytes)))
        except OSError as error:
            read.append(folder_poll.failed_file(each, error))
    return folder_poll.merge(listing, b"", read, datetime.now(UTC)).parsed


def print_feed(address: str, parsed: ParsedFeed, screen: terminal.Screen, zone: tzinfo = UTC) -> None:
    """Prints what a feed is and its newest entries."""
    screen.line(parsed.title or address, "bold")
    screen.line(address, "blue", indent=2)
    facts = [parsed.version or parsed.kind, f"language {parsed.language or 'not stated'}", _count(parsed)]
    screen.line(", ".join(facts), indent=2)
    if parsed.error:
        screen.line(f"broken, and read as far as it goes: {parsed.error}", "red", indent=2)
    if parsed.left_out:
        kinds = ", ".join(f"{count} {kind}" for kind, count in parsed.left_out.items())
        screen.line(f"no article: {kinds}", indent=2)
    for entry in sorted(parsed.entries, key=lambda each: _time_of(each) or OLDEST, reverse=True)[:SHOWN_ENTRIES]:
        when = _time_of(entry)
        screen.line(
            f"{show_time(when, zone) if when else 'no time'}  {entry.title or entry.url or entry.identity}", indent=2
        )


def _time_of(entry: Entry) -> datetime | None:
    return entry.published or entry.updated


def _count(parsed: ParsedFeed) -> str:
    if parsed.kind == "sitemap_index":
        return f"{len(parsed.child_sitemaps)} sitemaps"
    return f"{len(parsed.entries)} entries"


def _known(listed: Path, url: str) -> bool:
    wanted = feed_list_edit.comparable_url(url)
    return listed.exists() and any(feed_list_edit.comparable_url(each.url) == wanted for each in read_feeds(listed))


def _of_list(typed: str, listed: Path) -> Feed | None:
    """The feed of the list that is meant; None for an address or a folder that is not on it."""
    try:
        return find_feed(read_feeds(listed) if listed.exists() else [], typed, listed)
    except Poison:
        if "://" in typed or _is_folder(typed) or ("." in typed and " " not in typed):
            return None
        raise


def _what_follows(listed: Path, data: Path) -> str:
    """What a running pipeline makes of the changed list."""
    if run_addresses.is_running(data) and list_of(None, data).resolve() == listed.resolve():
        return "; the running pipeline takes that within seconds"
    return ""
