"""Article document: builds the Elasticsearch document of an enriched article. Pure.

In: an Enriched and the present time. Out: a Document with id, index, external version and every field of the mapping;
raises Poison for an article that no index could ever take.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from index.mapping import STEMMED_LANGUAGES
from index.writing.document import Document, check_id, check_web_addresses, monthly_index
from index.writing.edits import Edit, Wording, edits_after
from pipeline.entity import Entity, EntityType, Place
from pipeline.failures import Poison
from pipeline.messages import FOLDER_PREFIX, PAGELESS_PREFIX, ArticleKind, DuplicateKind, Enriched, TextFrom

# fields of the message that are not indexed: schema version, sketch, what was claimed about the language, and the time
# that `seconds_from_found` says in a way that can be searched
FIELDS_NOT_INDEXED = frozenset(
    {
        "schema",
        "sketch",
        "claimed_language",
        "claimed_by",
        "feed_languages",
        "language_confidence",
        "language_source",
        "found_at",
    }
)
FIELDS_INDEXED_BY_NAME = frozenset({"places"})  # the document has only the names; `located` has the rest
VERSION_LIMIT = 1_000  # annotators and enrichers are numbered below this


class StemmedText(msgspec.Struct, frozen=True, omit_defaults=True):
    """An article's title, summary and text, to be indexed with the stemmer of one language."""

    title: str
    summary: str
    text: str


class GeoPoint(msgspec.Struct, frozen=True):
    """A point in degrees, with the field names of Elasticsearch's geo_point."""

    lat: float
    lon: float


class LocatedPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A country or city that an article names, for maps and for counts by country."""

    name: str
    kind: Literal["country", "city"]
    country: str
    geoname: int | None = None
    count: int
    point: GeoPoint | None = None


class ArticleBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of an article document: those of config/elasticsearch/index_templates/articles.json."""

    id: str
    revision: int
    version: int
    annotator: int
    enricher: int
    url: str
    source: str
    source_name: str
    feed_url: str
    other_urls: tuple[str, ...] = ()  # of its feed's entry, and where its page was found
    page_answer: str = ""  # when its page was asked for: an HTTP status or a kind of error
    title: str
    alternative_titles: tuple[str, ...] = ()
    summary: str = ""
    text: str
    stemmed: dict[str, StemmedText] = {}  # title, summary and text by language code; indexed, but not in _source
    text_from: TextFrom
    belonging: float | None = None
    belonging_reasons: tuple[str, ...] = ()
    truncated: bool = False
    changed: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()  # what revisions changed in title and text, the newest last
    kind: ArticleKind  # no default: a field with its default is left out, and could not be counted
    free: bool | None = None
    opt_outs: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    language: str
    date: datetime  # plausible date of publication; searches sort and filter by it
    published_at: datetime | None = None
    modified_at: datetime | None = None
    first_seen_at: datetime
    fetched_at: datetime
    indexed_at: datetime
    seconds_from_fetch: float  # to indexed_at
    seconds_from_found: float | None = None
    seconds_from_publication: float | None = None
    entities: tuple[Entity, ...] = ()
    entities_by: Literal["model", "rules", "none"] = "none"
    people: tuple[str, ...] = ()  # canonical names, most often named first, for facets
    organisations: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    entity_keys: tuple[str, ...] = ()
    located: tuple[LocatedPlace, ...] = ()
    main_country: str | None = None
    countries: tuple[str, ...] = ()
    content_hash: str
    story: str
    group: str  # the original's id: an article and its copies have the same
    duplicate_of: str | None = None
    duplicate_kind: DuplicateKind | None = None
    resemblance: float | None = None
    containment: float | None = None


def build_article_document(article: Enriched, prefix: str, now: datetime) -> Document[ArticleBody]:
    """Builds the document of an article indexed at `now`, for the index of the month in which it was first seen.

    Raises Poison `rejected_document` for an id or a version for which Elasticsearch would refuse the whole request, and
    for addresses that are no links.
    """
    check_id(article.id)
    has_page = not article.url.startswith(PAGELESS_PREFIX)
    has_address = not article.feed_url.startswith(FOLDER_PREFIX)
    check_web_addresses(url=article.url if has_page else None, feed_url=article.feed_url if has_address else None)
    index = monthly_index(f"{prefix}-articles", article.first_seen_at)
    return Document(index, article.id, article_version(article), _build_body(article, now))


def body_from_source(source: Mapping[str, Any]) -> ArticleBody:
    """Builds the body from the _source of an indexed document, which an older program may have written."""
    return add_stemmed_text(msgspec.convert({"kind": "article", **source}, ArticleBody, strict=False))


def complete_article(body: ArticleBody, source: Mapping[str, Any] | None) -> ArticleBody:
    """The body with its edits, in view of what the document that it replaces has of index/writing/edits.FIELDS."""
    now = Wording(revision=body.revision, title=body.title, text=body.text)
    return msgspec.structs.replace(body, edits=edits_after(source, now, body.fetched_at, body.changed))


def is_revision(body: ArticleBody) -> bool:
    """Whether there was an earlier revision, whose document it replaces."""
    return body.revision > 1


def article_version(article: Enriched) -> int:
    """External version of an article: grows with the revision, then with the annotator, then with the enricher.

    Raises Poison for numbers that are out of range.
    """
    annotator, enricher = article.annotator, article.enricher
    if not (1 <= article.revision < 1 << 40 and 0 <= annotator < VERSION_LIMIT and 0 <= enricher < VERSION_LIMIT):
        detail = f"no version can be made of revision {article.revision}, annotator {annotator}, enricher {enricher}"
        raise Poison("rejected_document", detail)
    return (article.revision * VERSION_LIMIT + annotator) * VERSION_LIMIT + enricher


def _build_body(article: Enriched, now: datetime) -> ArticleBody:
    shared = {
        name: getattr(article, name)
        for name in Enriched.__struct_fields__
        if name not in FIELDS_NOT_INDEXED | FIELDS_INDEXED_BY_NAME
    }
    published = article.published_at
    return add_stemmed_text(
        ArticleBody(
            **shared,
            version=article_version(article),
            # nothing is published after it was seen: a date from the future is a mistake of its page
            date=min(published or article.first_seen_at, article.first_seen_at),
            indexed_at=now,
            seconds_from_fetch=(now - article.fetched_at).total_seconds(),
            seconds_from_found=(now - article.found_at).total_seconds() if article.found_at else None,
            seconds_from_publication=(now - published).total_seconds() if published else None,
            people=_names_of_type(article.entities, "person"),
            organisations=_names_of_type(article.entities, "organisation"),
            places=_names_of_type(article.entities, "place"),
            entity_keys=tuple(dict.fromkeys(each.key for each in article.entities)),
            located=tuple(map(_locate_place, article.places)),
            group=article.duplicate_of or article.id,
        )
    )


def add_stemmed_text(body: ArticleBody) -> ArticleBody:
    """Adds the text for the stemmer of the article's own language, where there is one.

    A stemmer of another language would only do harm.
    """
    if body.language not in STEMMED_LANGUAGES:
        return body
    return msgspec.structs.replace(body, stemmed={body.language: StemmedText(body.title, body.summary, body.text)})


def _names_of_type(entities: Iterable[Entity], kind: EntityType) -> tuple[str, ...]:
    """Canonical names of one entity type, most often named first; equals in the order of the text."""
    chosen = sorted((each for each in entities if each.type == kind), key=lambda each: -each.count)
    return tuple(dict.fromkeys(each.canonical or each.name for each in chosen))


def _locate_place(place: Place) -> LocatedPlace:
    known = place.latitude is not None and place.longitude is not None
    point = GeoPoint(place.latitude, place.longitude) if known else None  # type: ignore[arg-type]  # neither is None
    return LocatedPlace(
        name=place.name,
        kind=place.kind,
        country=place.country,
        geoname=place.geoname,
        count=place.count,
        point=point,
    )
