"""Entry + Page -> Article: which source wins, dates made sane, and whether a known article has changed. Pure.

In: what the feed and the page say. Out: an Article of revision 1; `revised` makes it the right revision of what is
known already, or nothing when nothing changed.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec.structs import replace

from ingest.belonging import judge, page_address
from ingest.dates.time_reading import DAY_OR_LONGER, Precision
from ingest.feeds.parse import Entry
from ingest.field_limits import MOST_DELIVERED_TEXT
from ingest.frontier.published_articles import Version
from ingest.page.bylines.person_name import parse_bylines
from ingest.page.page import Page
from ingest.urls import article_id, canonical_url, naming_authority, pageless_url, source_of
from pipeline.messages import Article

Part = Literal["title", "text", "date"]
PARTS: tuple[Part, ...] = ("title", "text", "date")
PART = 8  # hex digits of each in a content hash
# a source's clock or time zone may be wrong by so much; a later date is no date
CLOCK_ERROR = timedelta(days=1)
# news on the web is not older
FIRST_NEWS = datetime(1990, 1, 1, tzinfo=UTC)
# a feed's time and a page's day are the same day in some time zone
SAME_DAY = timedelta(hours=36)
HALF_A_DAY = timedelta(hours=12)
# what a time without a zone may be off by
LARGEST_OFFSET = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Origin:
    """The feed that an article came from."""

    feed_url: str
    name: str
    language: str | None = None
    opt_outs: tuple[str, ...] = ()  # of the site's robots.txt


def article_from_page(page: Page, entry: Entry | None, origin: Origin, now: datetime, max_text_chars: int) -> Article:
    """The article of a page; `entry` is what its feed says about it, where there is one."""
    judged = judge(page, entry) if entry else None
    entry = entry or Entry(identity=page.url)
    url = page_address(page)
    text, cut = _cut(page.text, max_text_chars)
    return Article(
        id=article_id(url),
        revision=1,
        url=url,
        source=source_of(url),
        source_name=origin.name,
        feed_url=origin.feed_url,
        title=_title(page.title, entry.title),
        text=text,
        text_from="page",
        summary=entry.summary or page.description,
        authors=page.authors or entry.authors,
        section=page.section,
        kind=page.kind,
        free=page.free,
        tags=_union(page.tags, entry.tags),
        image=page.image or entry.image,
        claimed_language=page.language or entry.language or origin.language,
        claimed_by=_claimed_by(page.language, entry.language or origin.language),
        feed_languages=_feed_languages(entry, origin),
        published_at=_published(page, entry, now),
        modified_at=sane(page.modified or entry.updated, now),
        first_seen_at=now,
        fetched_at=now,
        truncated=cut or page.next_url is not None,
        opt_outs=_union(page.opt_outs, origin.opt_outs),
        alternative_titles=page.alternative_titles,
        belonging=judged.confidence if judged else None,
        belonging_reasons=judged.evidence if judged else (),
    )


def article_from_feed(entry: Entry, origin: Origin, now: datetime, max_text_chars: int) -> Article | None:
    """The article as the feed alone tells it; None when the feed has no text.

    Of an item without a usable address under one that is no web page's (`pageless_url`). An agency's item has its whole
    text, and bylines instead of names.
    """
    page = canonical_url(entry.url)
    url = page or pageless_url(origin.feed_url, entry.identity)
    whole = entry.content if entry.delivery and entry.content else max(entry.content, entry.summary, key=len)
    text, truncated = _cut(whole, max_text_chars)
    if not text:
        return None
    return Article(
        id=article_id(url),
        revision=1,
        url=url,
        source=_source(page, entry, origin),
        source_name=origin.name,
        feed_url=origin.feed_url,
        title=entry.title,
        text=text,
        text_from="agency" if entry.delivery else "feed",
        summary=entry.summary,
        authors=parse_bylines(entry.authors, (origin.name,)) if entry.delivery else entry.authors,
        tags=entry.tags,
        image=entry.image,
        claimed_language=entry.language or origin.language,
        claimed_by=_claimed_by(None, entry.language or origin.language),
        feed_languages=_feed_languages(entry, origin),
        published_at=sane(entry.published, now),
        modified_at=sane(entry.updated, now),
        first_seen_at=now,
        fetched_at=now,
        truncated=truncated or (entry.delivery is not None and len(whole) >= MOST_DELIVERED_TEXT),
        opt_outs=origin.opt_outs,
    )


def _source(page: str | None, entry: Entry, origin: Origin) -> str:
    """The host that readers are told; of an agency's item in a folder the domain in its name, else the feed's name."""
    host = source_of(page or origin.feed_url)
    if host or entry.delivery is None:
        return host
    return naming_authority(entry.identity) or origin.name


def _claimed_by(page: str | None, feed: str | None) -> Literal["page", "feed"] | None:
    return "page" if page else "feed" if feed else None


def _feed_languages(entry: Entry, origin: Origin) -> tuple[str, ...]:
    return tuple(each for each in (entry.language, origin.language) if each)


def under(known: str, article: Article, entry: Entry) -> Article:
    """The article under the id that it was published with before (`known`, "" for none).

    That is another one where its feed's text stood in for its page, and the page names another address.
    """
    told = canonical_url(entry.url)
    if told is None or known == article.id or article_id(told) != known:
        return article
    return replace(article, id=known, url=told, source=source_of(told))


def same_parts(content: str, article: Article) -> frozenset[Part] | None:
    """What of an article is still as in a content hash, which is evidence of one article; None where nothing is known.

    That both have no date, or one of the same day, is no evidence.
    """
    now = content_hash(article)
    if len(content) != len(now):
        return None
    at = article.published_at
    only_a_day = at is None or (at.hour, at.minute, at.second) == (0, 0, 0)
    return frozenset(PARTS) - frozenset(changed_parts(content, now)) - ({"date"} if only_a_day else set())


def content_hash(article: Article) -> str:
    """Equal for two revisions that say the same: eight hex digits each for title, text and date."""
    told = (article.title, article.text, article.published_at.isoformat() if article.published_at else "")
    return "".join(hashlib.sha256(each.encode(errors="surrogatepass")).hexdigest()[:PART] for each in told)


def changed_parts(before: str, after: str) -> tuple[Part, ...]:
    """What differs between two content hashes. Hashes of another length tell only that something does."""
    if len(before) != len(after):
        return ()
    return tuple(part for at, part in enumerate(PARTS) if _part(before, at) != _part(after, at))


def _part(hashed: str, at: int) -> str:
    return hashed[at * PART : (at + 1) * PART]


NO_DATE_HASH = hashlib.sha256(b"").hexdigest()[:PART]


def revised(article: Article, known: Version | None, least: int = 1) -> Article | None:
    """The article as the next revision of what is known of it; None when nothing changed.

    `least`: the version of an agency's item. A later version so has a higher revision also where the earlier ones are
    forgotten, and the index keeps the later one.
    """
    if known is None:
        return replace(article, revision=least) if article.revision < least else article
    if _was_in_the_future(article, known):
        article = replace(article, published_at=None)
    content = content_hash(article)
    if known.content == content:
        return None
    changed = changed_parts(known.content, content)
    revision = max(known.revision + 1, least)
    return replace(article, revision=revision, first_seen_at=known.first_seen_at, changed=changed)


def _was_in_the_future(article: Article, known: Version) -> bool:
    """Whether its time was no time when the article was first seen, because it was far in the future, and is not now.

    An article that had a time may get a later one: sites publish again.
    """
    had_none = _part(known.content, PARTS.index("date")) == NO_DATE_HASH
    return had_none and sane(article.published_at, known.first_seen_at) is None


def version_of(article: Article) -> Version:
    """What is remembered of an article."""
    return Version(content_hash(article), article.revision, article.first_seen_at)


def sane(found: datetime | None, now: datetime) -> datetime | None:
    """A time of publication that can be: not far in the future, not before there was news on the web.

    One in the near future, where a clock or zone is wrong, stays as it is: cut to `now` it would be another one at each
    reading.
    """
    return None if found is None or found < FIRST_NEWS or found > now + CLOCK_ERROR else found


def _published(page: Page, entry: Entry, now: datetime) -> datetime | None:
    """The page's time, because feeds show old articles as new; the feed's where the page tells less.

    It tells less where it is only guessed, where it states no zone and the feed does, and where it knows only the day
    (or month, or year) and the feed the time of it.
    """
    from_page, from_feed = sane(page.published, now), sane(entry.published, now)
    if from_page is None or from_feed is None:
        return from_page or from_feed
    if page.published_guessed:
        return from_feed
    if page.published_day_only:
        return from_feed if _within(from_feed, from_page, page.published_precision) else from_page
    other_zone = not page.published_zone_known and entry.published_zone_known
    exact = entry.published_precision not in DAY_OR_LONGER
    return from_feed if other_zone and exact and abs(from_feed - from_page) <= LARGEST_OFFSET else from_page


def settle_late_guess(article: Article, page: Page, known: Version | None) -> Article:
    """The article; where its day is guessed and after the one on which it was first seen, with that day.

    Such a guess is the clock of a page that states no time: it would be another day at each reading.
    """
    at = article.published_at
    if known is None or at is None or not page.published_guessed or at != page.published or at <= known.first_seen_at:
        return article
    return replace(article, published_at=known.first_seen_at.replace(hour=0, minute=0, second=0, microsecond=0))


def _within(time: datetime, start: datetime, precision: Precision) -> bool:
    """Whether a time is of the day, month or year that begins at `start`, in some time zone."""
    length = timedelta(days={"year": 366, "month": 31}.get(precision, 1))
    return start - SAME_DAY + HALF_A_DAY <= time <= start + length - HALF_A_DAY + SAME_DAY


def _title(from_page: str, from_feed: str) -> str:
    """The page's, which is the newer one; the feed's where the page only adds its site's name to it."""
    decorated = from_feed and (from_page.startswith(from_feed) or from_page.endswith(from_feed))
    return from_feed if decorated or not from_page else from_page


def _cut(text: str, most: int) -> tuple[str, bool]:
    """The text, cut at its last paragraph or word before `most` characters."""
    if len(text) <= most:
        return text, False
    end = max(text.rfind("\n", 0, most), text.rfind(" ", most - min(100, most), most))
    return text[: end if end > most // 2 else most].rstrip(), True


def _union(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
