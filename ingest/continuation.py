"""Continuation: does a further page continue an article, and what does the article say with it? Pure.

In: the first page of an article as it was read, with those that followed it, and the page that its `next_url` led to.
Out: the article's page with the text of that one; None where it is another article.
"""

from msgspec.structs import replace

from ingest.belonging import page_address, shared_words
from ingest.page.page import Page
from ingest.pagination.joined_text import join_texts
from ingest.pagination.numbered_address import page_number

# of the words of an article's title, in the headlines of its further pages: they repeat it, with a number behind it
LEAST_REPEATED = 0.5


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
    return shared_words(first.title, further.title, *further.alternative_titles) >= LEAST_REPEATED


def _may_be_of_one_day(one: Page, other: Page) -> bool:
    """Whether two pages state the same day of publication, or one of them states none."""
    days = {each.published.date() for each in (one, other) if each.published and not each.published_guessed}
    return len(days) < 2
