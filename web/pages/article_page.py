"""Article: its text with the names marked, its times and how sure they are, its copies, its story, its publisher."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from index.searching.article_lookup import ArticleDetails, find_article
from index.searching.article_search import ArticleSummary
from index.writing.article_document import ArticleBody
from ingest.urls import canonical_url
from pipeline.entity import Entity
from web.frame import Answer, Asked, NoSuchPage, Page, SentOn, Shown, Site
from web.parts import marked_text
from web.parts.article_link import article_path
from web.parts.marked_text import Segment

MOST_NAMES = 20  # of each kind
KINDS = (("person", "People"), ("organisation", "Organisations"), ("place", "Places"))


class TimeView(msgspec.Struct, frozen=True):
    """A time of an article: what happened then, and who says so, how sure it is."""

    name: str
    at: datetime
    certainty: str


class NameView(msgspec.Struct, frozen=True):
    """A name: what it is, as it is called in full, how often the article has it."""

    kind: str
    name: str
    count: int


class ArticleView(msgspec.Struct, frozen=True, kw_only=True):
    """An article. `paragraphs` are segments; the mark of a segment is "kind/name in full"."""

    article: ArticleBody
    title: tuple[Segment, ...]
    paragraphs: tuple[tuple[Segment, ...], ...]
    times: tuple[TimeView, ...]
    notes: tuple[str, ...]
    names: tuple[tuple[str, tuple[NameView, ...]], ...]
    original: ArticleSummary | None
    copies: tuple[ArticleSummary, ...]
    headline: str
    has_history: bool


def show(asked: Asked, site: Site) -> Answer:
    """The page of an id, or of the beginning of one, which leads on."""
    details = find(asked.named["id"], site)
    if details.article.id != asked.named["id"]:
        return SentOn(article_path(details.article.id))
    return Shown("article.html", details.article.title, build_view(details, has_history=site.history is not None))


def find_by_address(asked: Asked, site: Site) -> Answer:
    """Leads to the article of an address."""
    return SentOn(article_path(find(asked.word("url"), site).article.id))


def find(id_or_url: str, site: Site) -> ArticleDetails:
    """The article. Raises NoSuchPage, Unavailable."""
    urls = list(filter(None, (id_or_url, canonical_url(id_or_url)))) if "://" in id_or_url else []
    found = find_article(site.options.elasticsearch, id_or_url, urls)
    if isinstance(found, tuple):
        meant = f": {len(found)} articles begin so" if found else ""
        raise NoSuchPage(f"There is no article {id_or_url[:200]}{meant}.")
    return found


def build_view(details: ArticleDetails, *, has_history: bool) -> ArticleView:
    """What the page shows. Pure."""
    article = details.article
    places = [(*place, mark_of(each)) for each in article.entities for place in each.offsets if each.type != "other"]
    text_begins = len(article.title) + 1
    original = next((each for each in details.same_text if each.id == article.duplicate_of), None)
    return ArticleView(
        article=article,
        title=marked_text.named_places(article.title, 0, places),
        paragraphs=tuple(marked_text.paragraphs(article.text, text_begins, places)),
        times=tuple(times_of(article)),
        notes=tuple(notes_of(article)),
        names=tuple((title, names_of(article.entities, kind)) for kind, title in KINDS),
        original=original,
        copies=tuple(each for each in details.same_text if each is not original),
        headline=details.headline,
        has_history=has_history,
    )


def mark_of(entity: Entity) -> str:
    """How a name is marked in the text: what leads to its page."""
    return f"{entity.type}/{entity.canonical or entity.name}"


def names_of(entities: Sequence[Entity], kind: str) -> tuple[NameView, ...]:
    """The names of a kind, those that the article has most often first."""
    found = [NameView(kind, each.canonical or each.name, each.count) for each in entities if each.type == kind]
    return tuple(sorted(found, key=lambda each: -each.count)[:MOST_NAMES])


def times_of(article: ArticleBody) -> Iterator[TimeView]:
    """When what happened, and how that is known."""
    if article.published_at is None:
        yield TimeView("Published", article.date, "not stated: when we first saw it")
    elif article.published_at == article.date:
        yield TimeView("Published", article.published_at, "as the publisher says")
    else:
        yield TimeView("Published", article.published_at, "as the publisher says, which can't be")
        yield TimeView("Counted as of", article.date, "when we first saw it")
    if article.modified_at:
        yield TimeView("Changed", article.modified_at, "as the publisher says")
    yield TimeView("First seen", article.first_seen_at, "by our clock")
    yield TimeView("Read", article.fetched_at, "by our clock")
    yield TimeView("Searchable", article.indexed_at, "by our clock")


def notes_of(article: ArticleBody) -> Iterator[str]:
    """What a reader has to know of how the text came about."""
    if article.kind != "article":
        yield f"This is a {article.kind}."
    if article.text_from != "page":
        yield f"The text is that of the {article.text_from}, not of a page."
    if article.truncated:
        yield "The text is not whole."
    if article.free is False:
        yield "The publisher lets only subscribers read it."
    if article.entities_by == "rules":
        yield "Names in this language are found by rules, without a model: what they are is guessed."
    if article.duplicate_kind:
        yield {
            "exact": "It is the same text as an earlier article.",
            "near": "It is nearly the same text as an earlier article.",
            "partial": "A part of its text is that of an earlier article.",
        }[article.duplicate_kind]


PAGES = (
    Page("article_by_address", "/articles", find_by_address),
    Page("article", "/articles/{id}", show),
)
