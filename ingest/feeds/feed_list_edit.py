"""Changes of the feed list's file: feeds are added, paused and taken out; comments, order and layout of the rest stay.

In: the path of a feed list, and feeds. Out: the file, replaced in one step, so that a poller that watches it reads the
list of before or the new one. A text that `read_feeds` would not read never takes the list's place.
"""

import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ingest.feeds.feed_list import Feed, read_feeds
from pipeline.failures import WrongSetting

HEADER = "# The feeds that are polled: one [[feeds]] table for each, with url, name, group and language.\n"
TABLE_BEGIN = re.compile(r"\s*\[\[\s*feeds\s*\]\]")
PAUSED_KEY = re.compile(r"\s*paused\s*=")
NO_PART_OF_A_TABLE = re.compile(r"\s*(#.*)?")


@dataclass(frozen=True, slots=True)
class AddResult:
    """The feeds that were added to a list, and the number of those that it had already."""

    new: list[Feed]
    known: int


def add_feeds(path: Path, feeds_to_add: Iterable[Feed], source: str = "") -> AddResult:
    """Appends the feeds that a feed list does not have yet.

    `source` is named in a comment above them, unless it is empty. Addresses that differ only in http or https, "www."
    or a last slash are the same feed. Raises WrongSetting when the list can't be read or written.
    """
    path = path.resolve()  # a link stays one
    known = {comparable_url(feed.url) for feed in read_feeds(path)} if path.exists() else set()
    before = path.read_bytes().decode() if path.exists() else HEADER
    new: list[Feed] = []
    count = 0
    for feed in feeds_to_add:
        if comparable_url(feed.url) in known:
            count += 1
        else:
            known.add(comparable_url(feed.url))
            new.append(feed)
    if new:
        shown = "".join(character for character in source if character.isprintable())
        comment = ["", f"# --- {shown} ---"] if shown else []
        _replace(path, "\n".join([before.rstrip("\n"), *comment, *map(_table, new)]))
    return AddResult(new, count)


def remove_feed(path: Path, feed: Feed) -> None:
    """Takes a feed of the list out of it; comments stay, but for those within its table.

    Raises WrongSetting when the list can't be read or written, or is not laid out as one [[feeds]] table for each feed.
    """
    path = path.resolve()
    before = read_feeds(path)
    text = without_table(path.read_bytes().decode(), before.index(feed))
    _replace(path, text, expected=[each for each in before if each != feed])


def pause_feed(path: Path, feed: Feed, *, paused: bool) -> None:
    """Pauses a feed of the list, or has it polled again; all else stays as it is written.

    Raises WrongSetting when the list can't be read or written, or is not laid out as one [[feeds]] table for each feed;
    and for the last feed that is polled: a list of which nothing is polled is taken for a mistake.
    """
    path = path.resolve()
    before = read_feeds(path)
    if paused and not any(each != feed and not each.paused for each in before):
        raise WrongSetting(f"{feed.name} is the only feed that is polled: to poll nothing, stop the poller")
    text = with_pause(path.read_bytes().decode(), before.index(feed), paused=paused)
    changed = msgspec.structs.replace(feed, paused=paused)
    _replace(path, text, expected=[changed if each == feed else each for each in before])


def without_table(text: str, number: int) -> str:
    """The text of a feed list without its [[feeds]] table of this number (from 0); unchanged if it has no such one."""
    lines = text.splitlines(keepends=True)
    found = _table_lines(lines, number)
    if found is None:
        return text
    begin, end = found
    if begin and not lines[begin - 1].strip():
        while end < len(lines) and not lines[end].strip():
            end += 1
    return "".join(lines[:begin] + lines[end:])


def with_pause(text: str, number: int, *, paused: bool) -> str:
    """The text of a feed list whose table of this number (from 0) says that it is paused, or no longer says so."""
    lines = text.splitlines(keepends=True)
    found = _table_lines(lines, number)
    if found is None:
        return text
    begin, end = found
    kept = [each for each in lines[begin:end] if not PAUSED_KEY.match(each)]
    if paused:
        ending = "\r\n" if lines[begin].endswith("\r\n") else "\n"
        kept[-1] = kept[-1].rstrip("\r\n") + ending
        kept.append(f"paused = true{ending}")
    return "".join([*lines[:begin], *kept, *lines[end:]])


def _table_lines(lines: list[str], number: int) -> tuple[int, int] | None:
    """Where a table begins and ends in these lines; None if there is no such one."""
    begins = [at for at, line in enumerate(lines) if TABLE_BEGIN.match(line)]
    if number >= len(begins):
        return None
    begin = begins[number]
    limit = begins[number + 1] if number + 1 < len(begins) else len(lines)
    # comments and empty lines behind its last key are those of what follows
    end = max(at for at in range(begin, limit) if not NO_PART_OF_A_TABLE.fullmatch(lines[at].rstrip("\r\n"))) + 1
    return begin, end


def comparable_url(url: str) -> str:
    """An address without what does not tell feeds apart: http or https, "www.", a last slash."""
    return (url.partition("://")[2] or url).rstrip("/").removeprefix("www.")


def _table(feed: Feed) -> str:
    """One [[feeds]] table. A JSON string is a TOML string, but for DEL."""
    place = {"folder": feed.folder} if feed.folder else {"url": feed.url}
    place = {"page": feed.page, "selector": feed.selector} if feed.page else place
    fields = {**place, "name": feed.name, "group": feed.group, "language": feed.language}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items() if value]
    lines += ["paused = true"] if feed.paused else []
    return "\n".join(["", "[[feeds]]", *lines]).replace("\x7f", "\\u007F") + "\n"


def _replace(path: Path, text: str, expected: list[Feed] | None = None) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        if path.exists():
            shutil.copymode(path, part)
        found = read_feeds(part)  # what the poller could not read never takes the list's place
        if expected is not None and found != expected:
            raise WrongSetting(f"the feed list {path} is laid out otherwise than one [[feeds]] table each: edit it")
        part.replace(path)
    except OSError as error:
        raise WrongSetting(f"the feed list {path} can't be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
