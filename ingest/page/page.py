"""Page: the struct that holds what was read from an article's page; and how lines of pages are compared.

In: nothing. Out: Page, with the source of every field and the confidence in it.
"""

import re
from datetime import datetime
from typing import Literal

import msgspec
from msgspec.structs import replace

from ingest.dates.time_reading import Precision
from ingest.field_limits import MOST_NAME, MOST_NAMES, MOST_SUMMARY, MOST_TITLE, cut_names, cut_text, is_short_address
from pipeline.messages import ArticleKind

# what pages without an article are; ArticleKind are the kinds of articles
NonArticleKind = Literal["consent", "login", "error", "empty", "index"]

WORD = re.compile(r"\w+")


class Page(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was read from an article's page; `url` is where it was fetched.

    Texts are plain text, paragraphs separated by "\\n"; times are in UTC.
    """

    url: str
    title: str
    text: str
    alternative_titles: tuple[str, ...] = ()  # headlines that say something else than the title
    headlines: tuple[str, ...] = ()  # all that it states itself; title and alternatives may be its feed's
    kind: ArticleKind = "article"
    free: bool | None = None  # whether it can be read without paying; None where the page does not say
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_day_only: bool = False  # the time of day is not known
    published_precision: Precision = "second"
    published_zone_known: bool = True  # False: no zone is stated, and UTC was assumed
    published_guessed: bool = False  # the page does not state it
    modified: datetime | None = None
    language: str | None = None
    canonical_url: str | None = None
    stated_urls: tuple[str, ...] = ()  # further addresses that it says are its own: og:url, those in its JSON-LD
    claims_article: bool = False  # whether it says in JSON-LD or meta tags that it is an article
    next_url: str | None = None  # of the article's next page; the text ends before it
    refresh_url: str | None = None  # where the page sends its readers within seconds (<meta http-equiv="refresh">)
    image: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    site: str | None = None
    description: str = ""
    opt_outs: tuple[str, ...] = ()  # signals against text and data mining (ingest/web/opt_out)
    sources: dict[str, tuple[str, float]] = {}  # field -> its source and the confidence in it (0 to 1)


def limit_page(page: Page) -> Page:
    """The page with every field but its text, whose limit is a setting, within the bounds of ingest/field_limits."""
    return replace(
        page,
        title=cut_text(page.title, MOST_TITLE),
        alternative_titles=tuple(cut_text(each, MOST_TITLE) for each in page.alternative_titles),
        headlines=tuple(cut_text(each, MOST_TITLE) for each in page.headlines),
        authors=cut_names(page.authors),
        canonical_url=_address(page.canonical_url),
        stated_urls=tuple(each for each in page.stated_urls[:MOST_NAMES] if is_short_address(each)),
        next_url=_address(page.next_url),
        refresh_url=_address(page.refresh_url),
        image=_address(page.image),
        section=cut_text(page.section, MOST_NAME) if page.section else None,
        tags=cut_names(page.tags),
        site=cut_text(page.site, MOST_NAME) if page.site else None,
        description=cut_text(page.description, MOST_SUMMARY),
    )


def _address(url: str | None) -> str | None:
    return url if url and is_short_address(url) else None


def normalise_line(line: str) -> str:
    """A line for comparison: words in lower case, all numbers alike ("Updated 3 May" is equal to "Updated 4 May")."""
    return re.sub(r"\d+", "0", " ".join(WORD.findall(line.casefold())))
