"""Feed list forms: a feed added, tried, paused; a list imported. What `newsloom feeds` does, for the list of the run.

Folders can't be added here: who may change the list by the page need not be one who may read this machine's files.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from enrich.language_names import find_language
from ingest.feeds import feed_list_edit, opml
from ingest.feeds.entry import Entry, ParsedFeed
from ingest.feeds.feed_list import Feed, read_feeds
from ingest.trial.feed_trial import fetch_feed
from ingest.urls import host_of, source_of
from pipeline.failures import Unavailable, WrongSetting
from web.changes import change_page
from web.frame import Answer, Asked, SentOn, Shown, Site

FEEDS_PATH = "/feeds"
MOST_PROBLEMS = 50  # of a list, that are shown
SHOWN_ENTRIES = 10
OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ImportView:
    """What came of a list."""

    added: int
    known: int
    problems: tuple[str, ...]
    more_problems: int


@dataclass(frozen=True, slots=True)
class TrialView:
    """A feed that was asked for: what it is, and its newest entries with their times."""

    url: str
    title: str
    facts: str
    error: str
    entries: tuple[tuple[datetime | None, str], ...]


def list_path(site: Site) -> Path:
    """The feed list. Raises WrongSetting where there is no word of one."""
    return site.operations.feed_list() if site.operations else site.options.feeds_file()


def read_list(site: Site) -> dict[str, Feed]:
    """The feeds of the list by URL; none when there is no list. Raises WrongSetting."""
    path = list_path(site)
    return {each.url: each for each in read_feeds(path)} if path.exists() else {}


def add(asked: Asked, site: Site) -> Answer:
    """Adds a feed, which is asked for first."""
    url = _address(asked.field("url"))
    language = asked.field("language").strip()
    code = find_language(language) if language else None
    if language and code is None:
        raise WrongSetting(f"no language is called {language[:80]!r}")
    links = asked.field("selector").strip() if asked.field("page") else None
    title = _fetch(site, url, links)[1].title
    feed = Feed(
        url=url,
        page=url if links is not None else "",
        selector=links or "",
        name=asked.field("name").strip() or title or source_of(url),
        group=asked.field("group").strip(),
        language=code,
    )
    feed_list_edit.add_feeds(list_path(site), [feed])
    return SentOn(FEEDS_PATH)


def try_feed(asked: Asked, site: Site) -> Answer:
    """Asks for a feed once, and shows what it has."""
    url, parsed = _fetch(site, _address(asked.field("url")), "" if asked.field("page") else None)
    facts = (parsed.version or parsed.kind, f"language {parsed.language or 'not stated'}", _count(parsed))
    newest = sorted(parsed.entries, key=lambda each: _time_of(each) or OLDEST, reverse=True)[:SHOWN_ENTRIES]
    entries = tuple((_time_of(each), each.title or each.url or each.identity) for each in newest)
    view = TrialView(url, parsed.title or url, ", ".join(facts), parsed.error or "", entries)
    return Shown("operate/feed_trial.html", "A feed tried", view)


def _fetch(site: Site, url: str, links: str | None) -> tuple[str, ParsedFeed]:
    try:
        return fetch_feed(site.options.ingest, url, links)
    except Unavailable as failure:  # the feed, and not one of our servers
        raise WrongSetting(str(failure)) from failure


def pause(asked: Asked, site: Site) -> Answer:
    """Pauses a feed, or has it polled again."""
    feed = read_list(site).get(asked.field("url"))
    if feed is None:
        raise WrongSetting("there is no such feed on the list any more")
    feed_list_edit.pause_feed(list_path(site), feed, paused=asked.field("paused") == "true")
    return SentOn(FEEDS_PATH)


def import_list(asked: Asked, site: Site) -> Answer:
    """Adds the feeds of an OPML file or a plain list."""
    read = opml.parse_feed_list(asked.field("list").encode())
    if not read.feeds:
        raise WrongSetting("; ".join(read.problems[:1]) or "no feed was found: give an OPML file, or an address a line")
    added = feed_list_edit.add_feeds(list_path(site), read.feeds, "imported by the page")
    shown = tuple(read.problems[:MOST_PROBLEMS])
    view = ImportView(len(added.new), added.known, shown, len(read.problems) - len(shown))
    return Shown("operate/feed_import.html", "Feeds imported", view)


def _address(typed: str) -> str:
    """The address that was typed. Raises WrongSetting for what is none, a folder above all."""
    bare = typed.strip()
    url = bare if "://" in bare else f"https://{bare}"
    if not host_of(url) or not url.startswith(("http://", "https://")):
        raise WrongSetting(f"{bare[:200]!r} is no http or https address")
    return url


def _count(parsed: ParsedFeed) -> str:
    if parsed.kind == "sitemap_index":
        return f"{len(parsed.child_sitemaps)} sitemaps"
    return f"{len(parsed.entries)} entries"


def _time_of(entry: Entry) -> datetime | None:
    return entry.published or entry.updated


PAGES = (
    change_page("feed_add", "/feeds/add", add),
    change_page("feed_trial", "/feeds/test", try_feed),
    change_page("feed_pause", "/feeds/pause", pause),
    change_page("feed_import", "/feeds/import", import_list),
)
