"""Belonging: is a page the one that its feed's entry means, under which address, and does another continue it? Pure.

In: the entry, and its page as it was read; a further page of it. Out: the address to believe, the reason for which a
page is refused, and the page with the text of the further one. What is refused is published from the feed's text, under
the entry's own address (ingest/entry_decision).
"""

import re

from msgspec.structs import replace

from ingest.feeds.entry import Entry
from ingest.page.page import Page
from ingest.pagination.joined_text import join_texts
from ingest.pagination.numbered_address import page_number
from ingest.urls import canonical_url, is_home_page, is_section_page, same_site

# of the words of an entry's title, in the page that a redirect led to; a wall or a front page has next to none of them
# (`python -m bench.page_extraction` counts)
LEAST_SHARED = 0.25
WORD = re.compile(r"\w+")
# of the words of an article's title, in the headlines of its further pages: they repeat it, with a number behind it
LEAST_REPEATED = 0.5
SHORTEST_WORD = 4  # shorter ones are in every page
STEM = 5  # characters by which two forms of a word are one
# scripts that leave no space between words: a run of them is compared by pairs of characters
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
# a last part of a path that names an article: a number, a date, or some words
NAMES_AN_ARTICLE = re.compile(r"\d{3,}|[^\W_]+(?:[-_][^\W_]+){2,}|[^\x00-\x7f]{2,}|%[0-9A-F]{2}")
# a query that tells articles apart: id=7, storyid=4711, p=123
TELLS_ARTICLES_APART = re.compile(r"(?:^|&)(?:\w*id|article|story|news|item|nr)=[^&]|=[^&]*\d{2}", re.IGNORECASE)


def page_address(page: Page) -> str:
    """The canonical URL of a page: what it says itself, where that can be believed, else where it was found."""
    claimed = canonical_url(page.canonical_url or "")
    return claimed if claimed and _is_believable(claimed, fetched_address(page)) else fetched_address(page)


def fetched_address(page: Page) -> str:
    """The canonical form of the URL under which a page was found."""
    return canonical_url(page.url) or page.url


def refusal(page: Page, entry: Entry) -> str:
    """Why the page is not the article that the entry means: "no_article_page", "other_page"; "" where it is."""
    address = page_address(page)
    if is_home_page(address) or is_section_page(address):
        return "no_article_page"
    redirected = (canonical_url(entry.url) or entry.url) != fetched_address(page)
    return "other_page" if redirected and shared_words(entry.title, page) < LEAST_SHARED else ""


def shared_words(title: str, page: Page) -> float:
    """The share of a title's words that the page has, in its headlines or its text; 1 for a title without words."""
    wanted = _words(title)
    found = _words("\n".join((page.title, *page.alternative_titles, page.text)))
    return len(wanted & found) / len(wanted) if wanted else 1.0


def with_further_page(page: Page, further: Page, number: int) -> Page | None:
    """The page with the text of the one that its `next_url` led to, its `number`th; None where that is another article.

    `next_url` becomes that of the further page: None at the end of the article, and where nothing new is said, because
    then the address turns the pages of something else.
    """
    if not _continues(page, further, number):
        return None
    text = join_texts(page.text, further.text)
    opt_outs = tuple(dict.fromkeys((*page.opt_outs, *further.opt_outs)))
    return replace(page, text=text or page.text, next_url=further.next_url if text else None, opt_outs=opt_outs)


def number_of(url: str, first: Page) -> int | None:
    """Which page of an article an address is, by its first one; None for another article's."""
    return page_number(url, (first.url, first.canonical_url))


def _continues(first: Page, further: Page, number: int) -> bool:
    """Whether a page is this article's: by the address that it has in the end, by what it says of itself."""
    if number_of(further.url, first) != number or not _may_be_of_one_day(first, further):
        return False
    claimed = page_address(further)
    if number_of(claimed, first) == 1:
        return True
    if number_of(claimed, first) is None and not claimed.startswith(page_address(first).partition("?")[0]):
        return False
    wanted, said = _words(first.title), _words("\n".join((further.title, *further.alternative_titles)))
    return len(wanted & said) >= LEAST_REPEATED * len(wanted)


def _may_be_of_one_day(one: Page, other: Page) -> bool:
    """Whether two pages state the same day of publication, or one of them states none."""
    days = {each.published.date() for each in (one, other) if each.published and not each.published_guessed}
    return len(days) < 2


def _words(text: str) -> set[str]:
    """The stems of its longer words, and the pairs of characters of those in scripts without spaces."""
    found: set[str] = set()
    for word in WORD.findall(text.casefold()):
        if UNSPACED.search(word):
            found.update(word[at : at + 2] for at in range(len(word) - 1))
        elif len(word) >= SHORTEST_WORD:
            found.add(word[:STEM])
    return found


def _is_believable(claimed: str, found: str) -> bool:
    """Not another site's, the front page, the section that the page lies in, or what all pages of a script share."""
    if not same_site(claimed, found) or is_home_page(claimed):
        return False
    path, _, query = found.partition("?")
    if claimed.rstrip("/") == path.rstrip("/") and TELLS_ARTICLES_APART.search(query):
        return NAMES_AN_ARTICLE.search(claimed.rstrip("/").rpartition("/")[2]) is not None
    folder = claimed.rstrip("/") + "/"
    rest = path.removeprefix(folder)
    below = found.startswith(folder) and rest.strip("/") != ""
    return not below or rest.strip("/").lower() in ("amp", "amp.html", "1", "index.html")
