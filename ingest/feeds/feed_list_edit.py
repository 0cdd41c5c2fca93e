"""Changes of the feed list's file: feeds are added and taken out; comments, order and layout of the rest stay.

In: the path of a feed list, and feeds. Out: the file, replaced in one step, so that a poller that watches it reads the
list of before or the new one. A text that `read_feeds` would not read never takes the list's place.
"""

import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ingest.feeds.feed_list import Feed, read_feeds
from pipeline.failures import WrongSetting

HEADER = "# The feeds that are polled: one [[feeds]] table for each, with url, name, group and language.\n"
TABLE_BEGIN = re.compile(r"\s*\[\[\s*feeds\s*\]\]")
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


def without_table(text: str, number: int) -> str:
    """The text of a feed list without its [[feeds]] table of this number (from 0); unchanged if it has no such one."""
    lines = text.splitlines(keepends=True)
    begins = [at for at, line in enumerate(lines) if TABLE_BEGIN.match(line)]
    if number >= len(begins):
        return text
    begin = begins[number]
    limit = begins[number + 1] if number + 1 < len(begins) else len(lines)
    # comments and empty lines behind its last key are those of what follows
    end = max(at for at in range(begin, limit) if not NO_PART_OF_A_TABLE.fullmatch(lines[at].rstrip("\r\n"))) + 1
    if begin and not lines[begin - 1].strip():
        while end < len(lines) and not lines[end].strip():
            end += 1
    return "".join(lines[:begin] + lines[end:])


def comparable_url(url: str) -> str:
    """An address without what does not tell feeds apart: http or https, "www.", a last slash."""
    return (url.partition("://")[2] or url).rstrip("/").removeprefix("www.")


def _table(feed: Feed) -> str:
    """One [[feeds]] table. A JSON string is a TOML string, but for DEL."""
    place = {"folder": feed.folder} if feed.folder else {"url": feed.url}
    fields = {**place, "name": feed.name, "group": feed.group, "language": feed.language}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items() if value]
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
