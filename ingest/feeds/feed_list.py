"""Feed list: reads config/feeds.toml, the operator's list of feeds to poll.

In: a TOML file of `[[feeds]]` tables with url, folder or page, name and, optionally, group and language (two letters).
Out: a list of Feed; raises WrongSetting, which names every invalid entry: a list with mistakes is refused as a whole.
"""

import posixpath
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cssselect
import msgspec

from ingest.urls import folder_url, host_of
from pipeline.failures import WrongSetting

MOST_TOLD = 200  # characters of a wrong value that a message repeats


class Feed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One feed of the operator's list. `url` is requested exactly as written: feed addresses are not canonicalised.

    `folder`: a folder that is watched instead, absolute or relative to the list; `url` is then its name (`folder_url`).
    `page`: a page that lists links instead (docs/decisions/0033), with the CSS `selector` of those that count; "" for
    all that look like articles'.
    `paused`: it stands on the list, and is not polled.
    """

    url: str = ""
    name: str
    folder: str = ""
    page: str = ""
    selector: str = ""
    group: str = ""
    language: str | None = None
    paused: bool = False

    @property
    def host(self) -> str:
        """The host of `url`, by which feeds are assigned to pollers and rate limited; "localhost" for a folder."""
        return "localhost" if self.folder else host_of(self.url)

    @property
    def links(self) -> str | None:
        """Of a page that lists links, its selector; None for a feed."""
        return self.selector if self.page else None


@dataclass
class FeedList:
    """The feed list's file, which an operator may change while the poller runs."""

    path: Path
    _stamp: tuple[int, int] | None = None
    _missed: int = 0  # looks in a row at which the file was not there

    def read(self) -> list[Feed]:
        """The feeds of the list that are to be polled. Raises WrongSetting, like `read_feeds`."""
        self._stamp = self._file_stamp()
        return [each for each in read_feeds(self.path) if not each.paused]

    def read_if_changed(self) -> list[Feed] | None:
        """The feeds if the file has changed since it was last read, else None. Raises WrongSetting once a change.

        A file that is not there counts as a change at the second look: at the first an editor may be replacing it. One
        without any feed is no list that somebody wanted: an editor has just emptied it, or lost it.
        """
        stamp = self._file_stamp()
        self._missed = self._missed + 1 if stamp is None else 0
        if self._missed != 2 and (stamp is None or stamp == self._stamp):
            return None
        feeds = self.read()
        if not feeds:
            raise WrongSetting(
                f"ingest.feeds: the feed list {self.path} has no feeds: to poll nothing, stop the poller"
            )
        return feeds

    def _file_stamp(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


@dataclass(frozen=True, slots=True)
class _Checked:
    feeds: list[Feed]
    problems: list[str]


def read_feeds(path: Path) -> list[Feed]:
    """The feeds of a list, in its order, paused ones too.

    Raises WrongSetting if it is unreadable, no TOML, or has invalid entries.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongSetting(f"ingest.feeds: the feed list {path} can't be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongSetting(f"ingest.feeds: the feed list {path} is not valid TOML: {error}") from error
    entries = tree.get("feeds", [])
    if not isinstance(entries, list) or set(tree) - {"feeds"}:
        raise WrongSetting(f"ingest.feeds: {path} must hold [[feeds]] tables and nothing else")
    checked = _check(entries)
    if checked.problems:
        raise WrongSetting(f"ingest.feeds: {path}: " + "; ".join(checked.problems))
    return checked.feeds


def _check(entries: list[Any]) -> _Checked:
    feeds: dict[str, Feed] = {}
    problems: list[str] = []
    for number, entry in enumerate(entries, start=1):
        try:
            feed = _named(msgspec.convert(entry, Feed))
        except msgspec.ValidationError as error:
            problems.append(f"feed {number} ({_label(entry)}): {error}")
            continue
        problem = _problem(feed, feeds)
        if problem:
            problems.append(f"feed {number} ({_label(entry)}): {problem}")
        else:
            feeds[feed.url] = feed
    return _Checked(list(feeds.values()), problems)


def _named(feed: Feed) -> Feed:
    """The feed; a folder under its name, which is the same however its path is written."""
    if feed.page and not feed.url:
        return msgspec.structs.replace(feed, url=feed.page)
    if not feed.folder or feed.url:
        return feed
    folder = posixpath.normpath(feed.folder)
    return msgspec.structs.replace(feed, folder=folder, url=folder_url(folder))


def _problem(feed: Feed, before: dict[str, Feed]) -> str:
    """What is wrong with a feed, given those `before` it by URL; "" if nothing is."""
    if problem := _problem_of_place(feed):
        return problem
    if not feed.name.strip():
        return "name is empty"
    if feed.url in before:
        return f"the same {'folder' if feed.folder else 'url'} as {before[feed.url].name[:MOST_TOLD]!r}"
    if feed.language is not None and not (len(feed.language) == 2 and feed.language.isalpha()):
        return f"language {feed.language[:MOST_TOLD]!r} is not two letters"
    return ""


def _problem_of_page(feed: Feed) -> str:
    if feed.page and (feed.url != feed.page or feed.folder):
        return "page stands beside a url or a folder: a feed has one of them"
    if feed.selector and not feed.page:
        return "selector belongs to a page, and there is none"
    try:
        cssselect.parse(feed.selector or "a")
    except cssselect.SelectorError as error:
        return f"selector {feed.selector[:MOST_TOLD]!r} is no CSS selector: {error}"
    return ""


def _problem_of_place(feed: Feed) -> str:
    if problem := _problem_of_page(feed):
        return problem
    if feed.folder and feed.url != folder_url(feed.folder):
        return "url and folder are both given: a feed has one of them"
    if "\0" in feed.folder:
        return "folder has a character that no path has"
    if not feed.host:
        return (
            f"url {feed.url[:MOST_TOLD]!r} is no http or https address"
            if feed.url
            else "it has no url, no folder and no page"
        )
    return ""


def _label(entry: Any) -> str:
    named = entry if isinstance(entry, dict) else {}
    return str(named.get("name") or named.get("url") or "without a name")[:MOST_TOLD]
