"""How well title, date and authors of pages are read, and what is wrong by its cause. Pure.

In: the pages with their truth, and what a reader found on each. Out: shares of 0 to 1, and lines of text.

Authors are counted twice: as the truth writes them, and with names divided where the truth has several in one ("Jane
Doe und John Roe", "Von Jane Doe"). A wrong page is given a cause by what the page itself shows, by a rule and not by a
list: is a name, or a title, a short line of the page (SHORT_LINE characters), a part of its text, or not there at all?
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree, html

from bench.page_metadata.written_names import WORDS, divide_names, name_keys
from ingest.page.page import Page
from ingest.page.structured_data import single_line

ALIKE = 0.9  # of two titles' letters that are the same
SHORT_LINE = 90  # characters
INVISIBLE = ("script", "style", "noscript", "template")
Names = Iterable[str]


@dataclass(frozen=True)
class StatedPage:
    """A page, and what is known of it: None and () where it is not known."""

    url: str
    body: bytes
    title: str | None
    date: datetime | None
    authors: tuple[str, ...]


Found = Sequence[Page | None]


def alike(one: str, other: str) -> bool:
    """Whether two titles have nine tenths of their letters in common."""
    first, second = ("".join(WORDS.findall(title)).casefold() for title in (one, other))
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio() >= ALIKE


def same_day(page: Page | None, wanted: datetime) -> bool:
    """Whether a page's date is the day that is wanted, where it was wanted."""
    if page is None or page.published is None:
        return False
    if page.published_day_only:
        return page.published.date() == wanted.date()
    return page.published.astimezone(wanted.tzinfo).date() == wanted.date()


def score_authors(pairs: Iterable[tuple[Names, Names]]) -> tuple[int, int, int]:
    """Of (found, true) names: how many are right, how many should be found, how many were found."""
    right = wanted = given = 0
    for found, truth in pairs:
        first, second = name_keys(found), name_keys(truth)
        right, wanted, given = right + len(first & second), wanted + len(second), given + len(first)
    return right, wanted, given


def describe_scores(found: Found, pages: Sequence[StatedPage]) -> str:
    """One line: the shares of right titles and dates, and recall and precision of authors."""
    pairs = list(zip(found, pages, strict=True))
    titles = [(page, each.title) for page, each in pairs if each.title]
    figures = {
        "title": [_equal(page, title) for page, title in titles],
        "alike": [bool(page and alike(page.title, title)) for page, title in titles],
        "among its headlines": [_among(page, title) for page, title in titles],
        "date": [same_day(page, each.date) for page, each in pairs if each.date],
    }
    shares = [f"{name} {sum(right) / len(right):.3f}" for name, right in figures.items() if right]
    return "  ".join((*shares, *_author_shares(pairs)))


def _equal(page: Page | None, title: str) -> bool:
    return page is not None and single_line(page.title) == single_line(title)


def _among(page: Page | None, title: str) -> bool:
    return page is not None and any(alike(each, title) for each in (page.title, *page.alternative_titles))


def _author_shares(pairs: Sequence[tuple[Page | None, StatedPage]]) -> Iterator[str]:
    """Recall and precision of authors, as they are written and divided."""
    names = [(page.authors if page else (), each.authors) for page, each in pairs if each.authors]
    for word, count in (
        ("authors", score_authors(names)),
        ("divided", score_authors((divide_names(found), divide_names(truth)) for found, truth in names)),
    ):
        right, wanted, given = count
        if wanted:
            yield f"{word} recall {right / wanted:.3f} precision {right / max(1, given):.3f}"


# --- what is wrong, and why ---


def describe_wrong(found: Found, pages: Sequence[StatedPage]) -> list[str]:
    """What is wrong of titles, dates and authors, counted by cause, each cause with the first page that has it."""
    lines = []
    for name, find_causes in (("titles", _title_causes), ("dates", _date_causes), ("authors", _author_causes)):
        causes = [
            (cause, each.url) for page, each in zip(found, pages, strict=True) for cause in find_causes(page, each)
        ]
        counts, first = Counter(cause for cause, _ in causes), dict(reversed(causes))
        lines += [f"    {name}: {count} {cause}, as {first[cause][:70]}" for cause, count in counts.most_common()]
    return lines


def _title_causes(page: Page | None, each: StatedPage) -> Iterator[str]:
    if each.title is None or (page and alike(page.title, each.title)):
        return
    if page is None:
        yield "not read as an article"
    elif _among(page, each.title):
        yield f"where the page has two headlines, and that of {page.sources.get('title', ('?',))[0]} was taken"
    else:
        yield f"where the page shows the true one {_place(each.title, each.body)}"


def _date_causes(page: Page | None, each: StatedPage) -> Iterator[str]:
    if each.date is None or same_day(page, each.date):
        return
    source = page.sources.get("published", ("none",))[0] if page else "none"
    yield "guessed wrong" if source == "htmldate" else "not found" if source == "none" else f"otherwise in {source}"


def _author_causes(page: Page | None, each: StatedPage) -> Iterator[str]:
    """For each name that is missing or too much, divided as they are written."""
    truth, found = divide_names(each.authors), page.authors if page else ()
    for word, names, others in (("missing", truth, found), ("too much", found, truth)):
        known = name_keys(others)
        for name in names if each.authors else ():
            if name_keys([name]) - known:
                yield f"{word}, {_place(name, each.body)}"


def _place(words: str, body: bytes) -> str:
    """Where a page shows some words."""
    wanted = _letters(words)
    lines = [line for line in _visible_lines(body) if wanted in _letters(line)]
    short = any(len(line) <= max(SHORT_LINE, 2 * len(words)) for line in lines)
    return "in a short line" if short else "in its text alone" if lines else "nowhere"


def _visible_lines(body: bytes) -> list[str]:
    try:
        tree = html.document_fromstring(body)
    except (etree.ParserError, ValueError):
        return []
    etree.strip_elements(tree, *INVISIBLE, with_tail=False)
    return [line for each in tree.itertext() if isinstance(each, str) and (line := single_line(each))]


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())
