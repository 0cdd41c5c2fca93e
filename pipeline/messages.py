"""The messages between the stages, field by field, with their schema versions; and the topics that carry them.

Messages are JSON objects; unknown fields are ignored, so a field may be added without a new version. When a field
changes its meaning or leaves, `SCHEMA` of that message grows and an upgrade from the version before is added to
`UPGRADES`: old messages stay readable (tests/contracts decodes a golden file of every version).

Times are timezone-aware UTC. Ids are lower-case hex.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

import msgspec

from pipeline.alert_message import Alert
from pipeline.entity import Entity, Place
from pipeline.failures import Poison
from pipeline.feed_state import FeedState, UtcTime
from pipeline.message import Message
from pipeline.watch_messages import Watch, WatchHit, WatchProgress

__all__ = ["FeedState", "Message"]

PAGELESS_PREFIX = "urn:newsloom:"  # of the `url` of an article without a page: a name (RFC 8141), it leads nowhere
FOLDER_PREFIX = f"{PAGELESS_PREFIX}folder:"  # of the `url` of a feed that is a watched folder: its path follows, quoted
TextFrom = Literal["page", "feed", "agency"]
# pages with little text are published too, under their kind: a teaser is the beginning of a text behind a paywall; of
# an article that its agency took back (withdrawn) title and text only say so
ArticleKind = Literal["article", "liveblog", "gallery", "video", "teaser", "withdrawn"]


class Article(Message, frozen=True, kw_only=True):
    """An article as ingest read it: one canonical URL is one article; its revision grows when its content changes."""

    id: str  # sha256 of the canonical URL that it was first published under, first 32 hex digits
    # 1 when first seen; +1 whenever title, text or date changed; of an agency's item at least the item's own version
    revision: int
    url: str  # canonical; PAGELESS_PREFIX and a hash for an item of a feed that has no page
    source: str  # host of the canonical URL, without "www."; the feed's where there is no page
    source_name: str  # the feed's name, for people
    feed_url: str
    title: str
    text: str  # paragraphs separated by "\n"
    text_from: TextFrom  # "feed" when the page could not be read; "agency": an item that has its whole text
    summary: str = ""
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    claimed_language: str | None = None  # what page or feed say: two letters
    claimed_by: Literal["page", "feed"] | None = None  # which of the two
    feed_languages: tuple[str, ...] = ()  # what its entry or feed says, and what the list of feeds says: two letters
    published_at: UtcTime | None = None
    modified_at: UtcTime | None = None
    first_seen_at: UtcTime  # decides the monthly index: the same for every revision
    found_at: UtcTime | None = None  # when its entry, or the change of it, was seen in the feed
    fetched_at: UtcTime
    truncated: bool = False  # the text is not whole: longer than the limit, or a further page of it could not be read
    changed: tuple[Literal["title", "text", "date"], ...] = ()  # since the revision before
    kind: ArticleKind = "article"  # what its page is
    free: bool | None = None  # to read, where the page says so
    opt_outs: tuple[str, ...] = ()  # what the site says against automated use, as short names (ingest/web/opt_out)
    alternative_titles: tuple[str, ...] = ()  # further headlines of its page that say something else
    belonging: float | None = None  # how sure it is that its page is the one that its feed's entry means, 0 to 1
    # the evidence (ingest/belonging); where the page was refused the first is why: "other_page", "no_article_page" or
    # "unreadable_page"
    belonging_reasons: tuple[str, ...] = ()
    page_answer: str = ""  # when its page was asked for: an HTTP status or a kind of error (ingest/web/fetch); "": none
    other_urls: tuple[str, ...] = ()  # canonical: of its feed's entry, and where its page was found; without `url`


class Annotated(Article, frozen=True, kw_only=True):
    """An article with what the annotate stage found in its own text: language, entities, places, fingerprints."""

    annotator: int  # version of the annotate stage
    language: str  # ISO 639-1, or "unknown"
    language_confidence: float  # 0 to 1
    language_source: Literal["text", "page", "feed", "none", "claimed"]  # "claimed": by page or feed, before 2026-11-23
    entities: tuple[Entity, ...] = ()
    entities_by: Literal["model", "rules", "none"] = "none"  # rules: no model for this language, types are guessed
    places: tuple[Place, ...] = ()  # most often named first
    main_country: str | None = None  # what the article is about most, of `countries`
    countries: tuple[str, ...] = ()  # named, or of what is named: ISO 3166-1 alpha-2, most often first
    content_hash: str  # equal for texts that differ in case, punctuation and white space only
    sketch: bytes = b""  # sampled shingle hashes, little-endian uint64, sorted (enrich/copies/shingles)


DuplicateKind = Literal["exact", "near", "partial"]


class Enriched(Annotated, frozen=True, kw_only=True):
    """An annotated article with what the stories stage found by comparing it: whose copy it is, its story."""

    enricher: int  # version of the stories stage
    story: str
    duplicate_of: str | None = None
    duplicate_kind: DuplicateKind | None = None
    resemblance: float | None = None  # of a copy: shared shingles / all shingles, 0 to 1
    containment: float | None = None  # of a copy: shared shingles / shingles of the shorter text, 0 to 1


class EarlierCopy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A copy that arrived before its original and was taken for an original; noted in the original's fingerprint."""

    id: str
    duplicate_kind: DuplicateKind
    resemblance: float
    containment: float


class Fingerprint(Message, frozen=True, kw_only=True):
    """What the stories stage must remember of an article: small, so that a window of days is read back in seconds."""

    id: str
    revision: int
    language: str
    source: str
    title: str
    published_at: UtcTime | None = None
    first_seen_at: UtcTime
    content_hash: str
    sketch: bytes = b""
    report: bytes = (
        b""  # words, names and title as vectors, and what the story is found by (enrich/clustering/report_codec)
    )
    terms: dict[str, float] = msgspec.field(
        default_factory=dict
    )  # weighted words of title and lead; not written since there is `report`
    entities: tuple[str, ...] = ()  # keys
    numbers: tuple[str, ...] = ()  # of title and beginning; not written since there are `number_codes`
    number_codes: bytes = b""  # as 16-bit numbers (enrich/copies/shingles)
    title_codes: bytes = b""  # of the title's words
    story: str
    duplicate_of: str | None = None
    duplicate_kind: DuplicateKind | None = None
    resemblance: float | None = None
    containment: float | None = None
    copies: tuple[EarlierCopy, ...] = ()  # what came earlier and is a copy of this
    merged: tuple[str, ...] = ()  # stories that this article showed to be its own story


class Story(Message, frozen=True, kw_only=True):
    """A story: the reports of one event."""

    id: str
    language: str
    headline: str
    size: int  # articles, copies included
    sources: tuple[str, ...]
    first_seen_at: UtcTime
    last_seen_at: UtcTime
    entities: tuple[str, ...] = ()
    merged_into: str | None = None


class DeadLetter(Message, frozen=True, kw_only=True):
    """A message or page that could not be processed: the reason, and the original bytes."""

    id: str
    stage: str
    reason: str
    detail: str
    failed_at: UtcTime
    attempt: int = 1
    subject: str = ""  # what it is about, for people: a URL or an article id
    traceback: str = ""
    topic: str = ""  # where the message came from; "" when it came from the web
    partition: int = -1
    offset: int = -1
    key: bytes = b""
    original: bytes = b""
    original_size: int = 0  # bytes, also when `original` had to be cut


class Topic(msgspec.Struct, frozen=True):
    """A topic of the pipeline: its short name, its message type, its key, and how long messages are kept.

    `partition_by` gives the text whose hash picks the partition, where that is not the key; `partitions` is how many
    there are, where it is not `kafka.partitions`.
    """

    name: str
    message: type[Message]
    key: Callable[[Any], str]
    cleanup: Literal["compact", "delete"]
    retention_days: int = 14
    partition_by: Callable[[Any], str] | None = None
    partitions: int | None = None


FEEDS = Topic("feeds", FeedState, lambda m: str(m.url), "compact", partition_by=lambda m: str(m.host))
ARTICLES = Topic("articles", Article, lambda m: str(m.id), "delete")
ANNOTATED = Topic("annotated", Annotated, lambda m: str(m.language), "delete")
ENRICHED = Topic("enriched", Enriched, lambda m: str(m.id), "delete")
FINGERPRINTS = Topic("fingerprints", Fingerprint, lambda m: str(m.language), "delete", 7)
STORIES = Topic("stories", Story, lambda m: str(m.id), "compact")
DEAD = Topic("dead", DeadLetter, lambda m: str(m.subject or m.id), "delete", 30)
# one partition each: whoever owns that of the hits is the one that looks (docs/decisions/0027)
WATCHES = Topic("watches", Watch, lambda m: str(m.name), "compact", partitions=1)
WATCH_HITS = Topic("watch-hits", WatchHit, lambda m: str(m.id), "delete", 30, partitions=1)
WATCH_PROGRESS = Topic("watch-progress", WatchProgress, lambda m: str(m.name), "compact", partitions=1)
ALERTS = Topic("alerts", Alert, lambda m: str(m.key), "compact", partitions=1)
WATCH_TOPICS = (WATCHES, WATCH_HITS, WATCH_PROGRESS)

TOPICS: tuple[Topic, ...] = (FEEDS, ARTICLES, ANNOTATED, ENRICHED, FINGERPRINTS, STORIES, DEAD, *WATCH_TOPICS, ALERTS)

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
# (message type, version found) -> a function that gives the same message in the next version
UPGRADES: Mapping[tuple[type[Message], int], Upgrade] = {}

M = TypeVar("M", bound=Message)


class _Header(msgspec.Struct):
    schema: int


def encode(message: Message) -> bytes:
    """The message as JSON bytes. Raises Poison `unencodable_message` where a text in it is none: half a character."""
    try:
        return msgspec.json.encode(message)
    except UnicodeEncodeError as error:
        raise Poison("unencodable_message", f"a {type(message).__name__} with a text that is none: {error}") from error


def decode(value: bytes | None, kind: type[M]) -> M:
    """The message of type `kind` in JSON bytes; older schema versions are upgraded.

    Raises Poison: `malformed_message` when the bytes are no such message, `unknown_schema` when they are of a version
    that this program does not know yet (a newer program can replay the dead letter).
    """
    value = value or b""
    try:
        # in the form that `encode` writes, one read is enough; else the version is read first
        written_now = value.startswith(b'{"schema":%d,' % kind.SCHEMA)
        version = kind.SCHEMA if written_now else msgspec.json.decode(value, type=_Header).schema
        if version == kind.SCHEMA:
            return msgspec.json.decode(value, type=kind)
        return msgspec.convert(_upgraded(msgspec.json.decode(value), version, kind), kind)
    except Poison:
        raise
    except Exception as error:  # whatever strange bytes make of a decoder: RecursionError, for one
        raise Poison("malformed_message", f"not a {kind.__name__}: {type(error).__name__}: {error}") from error


def _upgraded(body: dict[str, Any], version: int, kind: type[Message]) -> dict[str, Any]:
    if not 1 <= version < kind.SCHEMA:
        raise Poison("unknown_schema", f"{kind.__name__} of schema {version}; this program reads 1 to {kind.SCHEMA}")
    for found in range(version, kind.SCHEMA):
        body = UPGRADES[kind, found](body)
    return body
