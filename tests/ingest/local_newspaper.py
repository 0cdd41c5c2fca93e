"""A newspaper on a local site: feeds and pages that a test may change, and what of them lies on Kafka."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic

import msgspec

from ingest import poll
from newsloom.demo.local_site import Resource, Site
from pipeline.kafka import broker
from pipeline.messages import ARTICLES, DEAD, FEEDS, Article, DeadLetter, FeedState, decode
from pipeline.service import Service
from pipeline.settings import Settings

HURRY = {"interval_seconds": 0.5, "interval_least_seconds": 0.5, "interval_most_seconds": 0.5}
SENTENCES = (  # each names the town: what returns on every page of a feed is no news
    "The council of {name} met on Tuesday to decide about the old bridge over the river.",
    "Engineers had warned {name} for years that its pillars would not carry the traffic of a growing town.",
    "The mayor of {name} said that a new bridge would cost eleven million and take three summers to build.",
    "Shopkeepers near the bridge of {name} fear for their customers while the road is closed to cars.",
    "A petition in {name} with four thousand signatures asks for a ferry in the meantime.",
)


@dataclass
class Story:
    """One entry of a feed, and its page."""

    slug: str
    title: str = ""
    summary: str = "The council decides about the bridge."
    text: str = ""
    page: bytes | None = None  # in place of the page that is made of title and text

    def __post_init__(self) -> None:
        self.title = self.title or f"What {self.slug} decided about its bridge"
        self.text = self.text or "\n".join(SENTENCES).format(name=self.slug)

    def html(self) -> bytes:
        if self.page is not None:
            return self.page
        paragraphs = "".join(f"<p>{line}</p>" for line in self.text.split("\n"))
        return (
            f'<!doctype html><html lang="en"><head><title>{self.title}</title></head><body>'
            f"<nav><a href='/'>Home</a></nav><article><h1>{self.title}</h1>{paragraphs}</article>"
            "<footer>About us</footer></body></html>"
        ).encode()


@dataclass
class Paper:
    """Feeds by path. `show` puts them, and their pages, on the site."""

    site: Site
    feeds: dict[str, list[Story]] = field(default_factory=dict)

    def show(self) -> None:
        for path, stories in self.feeds.items():
            items = "".join(
                f"<item><title>{story.title}</title><link>{self.site.url}/{story.slug}.html?utm_source={path}</link>"
                f"<guid isPermaLink='false'>{path} {story.slug}</guid>"
                f"<description>{story.summary}</description>"
                "<pubDate>Tue, 05 Nov 2024 10:00:00 GMT</pubDate></item>"
                for story in stories
            )
            body = f"<rss version='2.0'><channel><title>Paper</title>{items}</channel></rss>".encode()
            self._put(path, Resource(body, "application/rss+xml"))
            for story in stories:
                self._put(f"/{story.slug}.html", Resource(story.html()))

    def _put(self, path: str, resource: Resource) -> None:
        known = self.site.resources.get(path)
        if known is None or known.body != resource.body:
            self.site.resources[path] = resource

    def urls(self) -> list[str]:
        return [self.site.url + path for path in self.feeds]


def with_feeds(options: Settings, folder: Path, urls: list[str], **knobs: object) -> Settings:
    """The settings of a poller with these feeds."""
    file = folder / "feeds.toml"
    file.write_text("".join(f'[[feeds]]\nurl = "{url}"\nname = "Paper {number}"\n' for number, url in enumerate(urls)))
    return msgspec.structs.replace(options, ingest=msgspec.structs.replace(options.ingest, feeds=str(file), **knobs))


def articles(options: Settings) -> list[Article]:
    return [decode(record.value, Article) for record in broker.read_topic(options.kafka, ARTICLES)]


def letters(options: Settings) -> list[DeadLetter]:
    return [decode(record.value, DeadLetter) for record in broker.read_topic(options.kafka, DEAD)]


def states(options: Settings) -> dict[str, FeedState]:
    """The newest state of each feed."""
    found = [decode(record.value, FeedState) for record in broker.read_topic(options.kafka, FEEDS)]
    return {state.url: state for state in found}


def once(options: Settings) -> None:
    poll.run(options, Service("ingest"), once=True)


def until(condition: object, seconds: float = 40) -> None:
    deadline, look_again = monotonic() + seconds, Event()
    while not (callable(condition) and condition()):
        assert monotonic() < deadline, "it never came true"
        look_again.wait(0.02)  # the site, in this process, needs the time more


def asked(paper: Paper, since: int = 0) -> list[str]:
    """The paths that were asked for, robots.txt left out."""
    return [request.path for request in paper.site.requests[since:] if request.path != "/robots.txt"]
