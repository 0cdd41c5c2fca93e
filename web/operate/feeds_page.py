"""Feeds: how each is, its rhythm, when it is polled next; of one, its last events and its last articles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from index.searching import article_export, feed_search
from index.searching.article_search import ArticleSummary
from index.searching.feed_search import FeedRow
from ingest.feeds.feed_list import Feed
from ingest.urls import folder_of, host_of
from pipeline.failures import Unavailable, WrongSetting
from pipeline.feed_state import FeedEvent
from pipeline.kafka import broker
from pipeline.kafka.consumer_lag import TopicFollower
from pipeline.kafka.publisher import partition_for
from pipeline.messages import FEEDS, FeedState
from web.changes import FormView, form_of
from web.frame import Answer, Asked, NoSuchPage, Page, Shown, Site
from web.operate.feed_health import describe_health
from web.operate.feed_list_forms import FEEDS_PATH, read_list

LAST_ARTICLES = 10


@dataclass(frozen=True, slots=True)
class FeedView:
    """A feed in the list: what is known of it, its health in words, and how it stands on the feed list."""

    feed: FeedRow
    health: str
    url: str
    listed: Feed | None


@dataclass(frozen=True, slots=True)
class FeedsView:
    """The feeds, those on the list that were not polled yet, and what was asked for."""

    part: str
    troubled: bool
    total: int
    rows: tuple[FeedView, ...]
    new: tuple[Feed, ...]
    problem: str
    form: FormView


@dataclass(frozen=True, slots=True)
class OneFeedView:
    """A feed with its last events, the newest first, and its last articles."""

    row: FeedView
    events: tuple[FeedEvent, ...]
    events_problem: str
    articles: tuple[ArticleSummary, ...]
    form: FormView


def show(asked: Asked, site: Site) -> Answer:
    """The list. `part`: of a URL, name or group; `troubled`: only those with a trouble."""
    part, troubled = asked.word("part").strip(), bool(asked.word("troubled"))
    found = feed_search.find_feeds(site.options.elasticsearch, part, troubled=troubled)
    listed, problem = _list(site)
    known = {each.url for each in found.rows}
    complete = not part and not troubled and found.total == len(known)
    new = tuple(feed for url, feed in listed.items() if complete and url not in known)
    rows = tuple(build_row(each, listed, asked.now) for each in found.rows)
    view = FeedsView(part, troubled, found.total, rows, new, problem, form_of(asked, site))
    return Shown("operate/feeds.html", "Feeds", view)


def _list(site: Site) -> tuple[dict[str, Feed], str]:
    """The feed list, and what is wrong with it: the page is shown in spite of that."""
    try:
        return read_list(site), ""
    except WrongSetting as error:
        return {}, str(error)


def build_row(feed: FeedRow, listed: dict[str, Feed], now: datetime) -> FeedView:
    """A feed of the list. Pure."""
    on_list = listed.get(feed.url)
    health = "paused" if on_list and on_list.paused else describe_health(feed, now)
    return FeedView(feed, health, f"/feeds/one?{urlencode({'url': feed.url})}", on_list)


def show_one(asked: Asked, site: Site) -> Answer:
    """One feed. `url`: its address as the list has it."""
    url = asked.word("url")
    feed = feed_search.find_feed(site.options.elasticsearch, url)
    if feed is None:
        raise NoSuchPage(f"No feed with the address {url[:200]} was polled yet.")
    events, problem = _events(site, url)
    articles = article_export.latest_of_feed(site.options.elasticsearch, url, LAST_ARTICLES)
    view = OneFeedView(build_row(feed, _list(site)[0], asked.now), events, problem, articles, form_of(asked, site))
    return Shown("operate/feed.html", feed.name, view)


def _events(site: Site, url: str) -> tuple[tuple[FeedEvent, ...], str]:
    """The last events of a feed, the newest first; why they can't be told, where Kafka is away."""
    try:
        states = read_states(site, url)
    except (Unavailable, WrongSetting) as failure:
        return (), str(failure)
    return tuple(reversed(states[-1].events)) if states else (), ""


def read_states(site: Site, url: str) -> Sequence[FeedState]:
    """The states of a feed that Kafka has, the newest last. Raises Unavailable, WrongSetting."""
    follower = TopicFollower(site.options.kafka, FEEDS)
    try:
        begins, ends = follower.begins(), follower.ends()
        partition = partition_for(_host(url), len(begins))
        records = follower.read({partition: begins[partition]}, {partition: ends[partition]})
        newest = [each.value for each in records if each.value and each.key == url.encode(errors="replace")][-1:]
    finally:
        follower.close()
    return [state for value in newest if (state := broker.decode_or_none(value, FeedState)) is not None]


def _host(url: str) -> str:
    """By which states are partitioned (`Feed.host`)."""
    return "localhost" if folder_of(url) else host_of(url)


PAGES = (Page("feeds", FEEDS_PATH, show), Page("feed", "/feeds/one", show_one))
