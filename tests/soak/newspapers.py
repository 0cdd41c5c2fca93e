"""The newspapers of a soak: articles that appear over time, each with a marker of its own, and are revised.

In: a seed, the sites' addresses, sentences. Out: what each path of each site serves at the moment, and what is expected
of every article in the end. The same seed gives the same articles. Sentences come from the corpus where it is there
(read in place), else they are invented.
"""

import html
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from threading import Lock

FEEDS_OF_A_SITE = 2
SHOWN = 60  # entries of a feed
WORDS = (
    *("harbour", "council", "bridge", "ferry", "lamp", "winter", "quarrel", "baker", "orchestra", "tram", "river"),
    *("market", "school", "budget", "storm", "railway", "minister", "nurse", "orchard", "museum", "election"),
    *("strike", "festival", "clinic", "archive", "mountain", "village", "captain", "library", "island", "theatre"),
)
MARKER = re.compile(r"zq[0-9a-f]{4}x[a-z0-9]+")
EDITION = re.compile(r"(zq[0-9a-f]{4}x[a-z0-9]+) edition (\d+)")
INVENTED_SENTENCES = 4_000


@dataclass(slots=True)
class Publication:
    """An article on a site. `edition` grows when it is revised; `date` is what its page and feed say."""

    marker: str
    url: str
    headline: str
    paragraphs: tuple[str, ...]
    date: str
    edition: int = 1

    @property
    def path(self) -> str:
        """Where it lies on its site."""
        return "/" + self.url.split("/", 3)[3]


@dataclass(frozen=True, slots=True)
class Served:
    """What a path serves."""

    content_type: str
    body: bytes


@dataclass
class Newspapers:
    """All sites. `sites`: their addresses, as http://127.0.1.1:8000; the last is for what is strange on purpose."""

    seed: int
    sites: Sequence[str]
    sentences: Sequence[str]
    by_path: dict[tuple[str, str], Publication] = field(default_factory=dict)  # (site, path)
    feeds: dict[tuple[str, str], list[Publication]] = field(default_factory=dict)
    pages: dict[tuple[str, str], Served] = field(default_factory=dict)  # what is served instead
    _lock: Lock = field(default_factory=Lock)
    _count: int = 0

    def __post_init__(self) -> None:
        for site in self.sites:
            for number in range(FEEDS_OF_A_SITE):
                self.feeds[site, f"/feed{number}.xml"] = []

    def feed_urls(self) -> list[str]:
        """The feeds, for the feed list."""
        return [site + path for site, path in self.feeds]

    def publish(self, now: datetime) -> Publication:
        """A new article in one of the newspapers' feeds."""
        self._count += 1
        chance = random.Random(f"{self.seed} {self._count}")
        site, path = chance.choice([each for each in self.feeds if each[0] != self.sites[-1]])
        return self.put(site, path, f"{self._count:06d}", format_datetime(now.astimezone(UTC)), chance)

    def publish_strange(self, name: str, date: str) -> Publication:
        """An article on the strange site, about whose page the caller knows more."""
        return self.put(self.sites[-1], "/feed0.xml", name, date, random.Random(name))

    def put(self, site: str, feed: str, name: str, date: str, chance: random.Random) -> Publication:
        """An article of this name at the top of a feed."""
        made = make_publication(self.seed, site, name, date, [chance.choice(self.sentences) for _ in range(9)])
        with self._lock:
            self.by_path[site, made.path] = made
            self.feeds[site, feed].append(made)
        return made

    def revise(self, publication: Publication) -> None:
        """The article's next edition: its page first and its feed in the same moment."""
        with self._lock:
            publication.edition += 1

    def serve(self, site: str, path: str) -> Served | None:
        """What a path serves now; None for what is not there."""
        if path == "/robots.txt":
            return Served("text/plain", b"User-agent: *\nDisallow: /private/\n")
        with self._lock:
            if (site, path) in self.pages:
                return self.pages[site, path]
            if (site, path) in self.feeds:
                return Served("application/rss+xml", feed_body(self.feeds[site, path][-SHOWN:]))
            publication = self.by_path.get((site, path))
            return Served("text/html; charset=utf-8", page_body(publication).encode()) if publication else None


def make_publication(seed: int, site: str, name: str, date: str, sentences: Sequence[str]) -> Publication:
    """An article whose marker no other has."""
    marker = f"zq{seed & 0xFFFF:04x}x{name}"
    paragraphs = tuple(" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3))
    return Publication(marker, f"{site}/news/{marker}.html", " ".join(sentences[0].split()[:7]), paragraphs, date)


def title_of(publication: Publication) -> str:
    """The headline with marker and edition: what tells in the end which text arrived."""
    return f"{publication.headline} {publication.marker} edition {publication.edition}"


def page_body(publication: Publication, more: str = "") -> str:
    """The article's page; `more`: HTML that stands behind its text."""
    title, text = html.escape(title_of(publication)), "".join(f"<p>{html.escape(p)}</p>" for p in _text(publication))
    return (
        f"<!doctype html><html lang='en'><head><title>{title}</title>"
        f"<meta property='article:published_time' content='{publication.date}'></head><body>"
        f"<article><h1>{title}</h1>{text}{more}</article></body></html>"
    )


def _text(publication: Publication) -> tuple[str, ...]:
    """With marker and edition inside a paragraph: a line that returns on a feed's pages is taken for no text."""
    first, second, *rest = publication.paragraphs
    return (first, f"{second} So says {publication.marker} edition {publication.edition}.", *rest)


def feed_body(publications: Sequence[Publication]) -> bytes:
    """An RSS feed, the newest entry first."""
    items = "".join(
        f"<item><title>{html.escape(title_of(each))}</title><link>{each.url}</link><guid>{each.url}</guid>"
        f"<pubDate>{each.date}</pubDate><description>{html.escape(each.paragraphs[0])}</description></item>"
        for each in reversed(publications)
    )
    return f"<rss version='2.0'><channel><title>Paper</title><link>/</link>{items}</channel></rss>".encode()


def read_sentences(corpus: Path, seed: int) -> list[str]:
    """Sentences of the corpus' true texts, or invented ones where it is not there."""
    files = sorted(corpus.glob("pages/*/truth.jsonl"))
    texts = [
        json.loads(line)["text"] for file in files for line in file.read_text(encoding="utf-8").split("\n") if line
    ]
    found = {part.strip() for text in texts for part in re.split(r"(?<=[.!?])\s+", text)}
    return sorted(each for each in found if 40 <= len(each) <= 300) or invented_sentences(seed)


def invented_sentences(seed: int) -> list[str]:
    """Sentences of plain words."""
    chance = random.Random(seed)
    return [f"The {' '.join(chance.choices(WORDS, k=chance.randint(8, 16)))}." for _ in range(INVENTED_SENTENCES)]
