"""An enriched article as a document: where it lies, under which id and version, and its fields. Pure.

In: an Enriched and the present time. Out: a Document, or Poison when no index could ever take it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from pipeline.failures import Poison
from pipeline.messages import ArticleKind, DuplicateKind, Enriched, Entity, EntityType, TextFrom

# of a message, not of the index: the schema version, the fingerprint, and what was known of the language before
LEFT_OUT = frozenset({"schema", "sketch", "claimed_language", "claimed_by", "language_confidence", "language_source"})
NAMES_ONLY = frozenset({"places"})  # what the message tells more of than the document

VERSIONS = 1_000  # annotators and enrichers are numbered below this
MAX_ID_BYTES = 512  # Elasticsearch refuses the whole bulk request for a longer one


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of config/elasticsearch/index_templates/articles.json."""

    id: str
    revision: int
    version: int
    annotator: int
    enricher: int
    url: str
    source: str
    source_name: str
    feed_url: str
    title: str
    summary: str = ""
    text: str
    text_from: TextFrom
    truncated: bool = False
    changed: tuple[str, ...] = ()
    kind: ArticleKind = "article"
    free: bool | None = None
    opt_outs: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    language: str
    date: datetime  # when it was published, as far as we can believe it: what is sorted and filtered by
    published_at: datetime | None = None
    modified_at: datetime | None = None
    first_seen_at: datetime
    fetched_at: datetime
    indexed_at: datetime
    seconds_from_fetch: float  # to indexed_at
    seconds_from_publication: float | None = None
    entities: tuple[Entity, ...] = ()
    people: tuple[str, ...] = ()  # names, most often named first, for facets
    organisations: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    main_country: str | None = None
    countries: tuple[str, ...] = ()
    content_hash: str
    story: str
    group: str  # the original's id: an article and its copies have the same
    duplicate_of: str | None = None
    duplicate_kind: DuplicateKind | None = None
    resemblance: float | None = None
    containment: float | None = None


class Document(msgspec.Struct, frozen=True):
    """A document and its address. `version` is external: the highest one stays, whatever comes in which order."""

    index: str
    id: str
    version: int
    body: Body


def document(article: Enriched, prefix: str, now: datetime) -> Document:
    """The document of an article that is indexed at `now`, in the index of the month of its first sight.

    Raises Poison `rejected_document` for an id or a version that would make Elasticsearch refuse the whole request.
    """
    if not 1 <= len(article.id.encode()) <= MAX_ID_BYTES:
        raise Poison("rejected_document", f"an id must have 1 to {MAX_ID_BYTES} bytes: {article.id[:80]!r}")
    return Document(index_name(prefix, article.first_seen_at), article.id, version(article), _body(article, now))


def index_name(prefix: str, first_seen_at: datetime) -> str:
    """`news-articles-2026.11`, by the month in UTC."""
    return f"{prefix}-articles-{first_seen_at.astimezone(UTC):%Y.%m}"


def version(article: Enriched) -> int:
    """Grows with the content's revision, then with the annotator, then with the enricher. Raises Poison."""
    annotator, enricher = article.annotator, article.enricher
    if not (1 <= article.revision < 1 << 40 and 0 <= annotator < VERSIONS and 0 <= enricher < VERSIONS):
        detail = f"no version can be made of revision {article.revision}, annotator {annotator}, enricher {enricher}"
        raise Poison("rejected_document", detail)
    return (article.revision * VERSIONS + annotator) * VERSIONS + enricher


def _body(article: Enriched, now: datetime) -> Body:
    shared = {name: getattr(article, name) for name in Enriched.__struct_fields__ if name not in LEFT_OUT | NAMES_ONLY}
    published = article.published_at
    return Body(
        **shared,
        version=version(article),
        # nothing is published after it was seen: a date from the future is a mistake of its page
        date=min(published or article.first_seen_at, article.first_seen_at),
        indexed_at=now,
        seconds_from_fetch=(now - article.fetched_at).total_seconds(),
        seconds_from_publication=(now - published).total_seconds() if published else None,
        people=_names(article.entities, "person"),
        organisations=_names(article.entities, "organisation"),
        places=_names(article.entities, "place"),
        group=article.duplicate_of or article.id,
    )


def _names(entities: Iterable[Entity], kind: EntityType) -> tuple[str, ...]:
    """Most often named first; in the order of the text where equal."""
    chosen = sorted((each for each in entities if each.type == kind), key=lambda each: -each.count)
    return tuple(dict.fromkeys(each.name for each in chosen))
