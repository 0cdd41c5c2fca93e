"""Belonging: is a page the one that its feed's entry means, how sure is that, and under which address? Pure.

In: the entry, and its page as it was read. Out: the address to believe; and Belonging: what speaks for and against, the
confidence, and why a page is refused. What is refused is published from the feed's text, under the entry's own address
(ingest/entry_decision).

The evidence is weighed as in a naive Bayes classifier: each piece adds the logarithm of how much oftener it is seen on
the right page than on another one (`python -m bench.corpus.page_belonging` counts; docs/decisions/0024).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from ingest.dates.time_reading import DAY_OR_LONGER
from ingest.feeds.entry import Entry
from ingest.page.page import Page
from ingest.urls import canonical_url, is_home_page, is_section_page, is_shortener, same_site
from pipeline.combining_marks import WORD

Refusal = Literal["", "no_article_page", "other_page"]

# evidence -> decimal logarithm of its likelihood ratio. Those of words and dates are what the corpus says, smaller
# where two of them repeat each other and where real feeds differ from the corpus (other headlines, old articles as new
# ones); those of addresses are judgement: an entry's own address is its page unless everything says otherwise
WEIGHTS = {
    "own_address": 4.0,
    "redirected": 1.0,
    "other_site": -0.3,  # a redirect to another site, which is no link shortener's errand
    "states_entry_address": 1.5,  # behind a redirect: in canonical, og:url or the JSON-LD of the article
    "claims_article": 0.5,
    "claims_no_article": -0.5,
    "headline_same": 2.0,
    "headline_partly": 0.3,
    "headline_other": -1.5,
    "title_in_text": 1.5,
    "title_partly_in_text": -0.3,
    "title_not_in_text": -1.2,
    "summary_found": 2.0,
    "summary_partly": -0.5,
    "summary_other": -1.5,
    "date_same_minute": 1.5,
    "date_near": 0.0,
    "date_other": -1.0,
    "list_address": -9.0,  # a home or section page
    "less_than_entry_address": -3.0,  # a redirect up, or to an address that names no article where the entry's does
    "canonical_of_list": -6.0,
    "canonical_not_believed": 0.0,
}
LIST_EVIDENCE = frozenset({"list_address", "less_than_entry_address", "canonical_of_list"})
# the share of words from which on a text is there, and from which on it is there in part
MOST_WORDS, SOME_WORDS = 0.6, 0.25
# a page's day and a feed's time are the same day in some time zone
NEAR = timedelta(hours=36)
SAME_MINUTE = timedelta(minutes=1)
FEWEST_TEXT_WORDS = 5  # a text of fewer need not repeat its title
LEAD_CHARS = 3_000  # of a text, which its summary sums up; a long text has the words of any summary
SUMMARY_CHARS = 600  # of a content that stands for a summary
SHORTEST_WORD = 4  # shorter ones are in every page
STEM = 5  # characters by which two forms of a word are one
# scripts that leave no space between words: a run of them is compared by pairs of characters
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
# a last part of a path that names an article: a number that is no year, or some words
NAMES_AN_ARTICLE = re.compile(
    r"(?<!\d)(?!(?:19|20)\d\d$)\d{3,}|[^\W_]+(?:[-_][^\W_]+){2,}|[^\x00-\x7f]{2,}|%[0-9A-F]{2}"
)
ONE_WORD = re.compile(r"[^\W\d_]*(?:\.\w+)?")
# a parameter that tells articles apart: id=7, storyid=4711, p=123
TELLS_ARTICLES_APART = re.compile(r"(?:\w*id|article|story|news|item|nr)=.|[^=]*=.*\d{2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Belonging:
    """How sure it is that a page is the one that its entry means (0 to 1), by which evidence (keys of WEIGHTS).

    `refused`: "no_article_page" for a home or section page, "other_page" for another article, a wall or an error.
    """

    confidence: float
    evidence: tuple[str, ...]
    refused: Refusal = ""


# --- the address ---


def page_address(page: Page) -> str:
    """The canonical URL of a page: what it says itself, where that can be believed, else where it was found."""
    claimed = canonical_url(page.canonical_url or "")
    return claimed if claimed and _is_believable(claimed, fetched_address(page)) else fetched_address(page)


def fetched_address(page: Page) -> str:
    """The canonical form of the URL under which a page was found."""
    return canonical_url(page.url) or page.url


def _is_believable(claimed: str, found: str) -> bool:
    """Not another site's, the front page, a section, or what all pages of a script share."""
    if not same_site(claimed, found) or is_home_page(claimed) or _drops_the_name(claimed, found):
        return False
    return not _lies_below(found, claimed)


def _lies_below(address: str, folder: str) -> bool:
    """Whether an address lies in a folder; its AMP version and its first page do not."""
    folder = folder.rstrip("/") + "/"
    rest = address.partition("?")[0].removeprefix(folder).strip("/").lower()
    return address.startswith(folder) and rest not in ("", "amp", "amp.html", "1", "index.html")


def _drops_the_name(claimed: str, found: str) -> bool:
    """Whether an address names no article, where the other one, by its path or its query, does."""
    (path, _, query), (claimed_path, _, claimed_query) = found.partition("?"), claimed.partition("?")
    last, claimed_last = (each.rstrip("/").rpartition("/")[2] for each in (path, claimed_path))
    if NAMES_AN_ARTICLE.search(claimed_last):
        return False
    telling = {item for item in query.split("&") if TELLS_ARTICLES_APART.match(item)}
    if telling and claimed_path.rstrip("/") == path.rstrip("/"):
        return not telling <= set(claimed_query.split("&"))
    nameless = not claimed_query and ONE_WORD.fullmatch(claimed_last) and not _words(claimed_last) & _words(last)
    return bool(nameless and (telling or NAMES_AN_ARTICLE.search(last)))


# --- the page ---


def judge(page: Page, entry: Entry) -> Belonging:
    """Whether the page is the article that the entry means."""
    evidence = tuple(_evidence(page, entry))
    odds = sum(WEIGHTS[each] for each in evidence)
    confidence = round(1 / (1 + 10**-odds), 3)
    if odds >= 0:
        return Belonging(confidence, evidence)
    return Belonging(confidence, evidence, "no_article_page" if LIST_EVIDENCE & set(evidence) else "other_page")


def has_other_title(page: Page, entry: Entry) -> bool:
    """Whether the headlines of a page are others than the title of an entry."""
    return shared_words(entry.title, *page.headlines) < MOST_WORDS


def _evidence(page: Page, entry: Entry) -> Iterator[str]:
    yield from _of_addresses(page, entry)
    yield "claims_article" if page.claims_article else "claims_no_article"
    own_text = "" if page.text == entry.content else page.text  # short pages are given the text of their feed
    headlines, text = _words("\n".join(page.headlines)), _words(own_text)
    title, summary = _words(entry.title), _words(entry.summary or entry.content[:SUMMARY_CHARS])
    yield from _graded(title, headlines, ("headline_same", "headline_partly", "headline_other"))
    in_text = _graded(title, text, ("title_in_text", "title_partly_in_text", "title_not_in_text"))
    yield from (each for each in in_text if each != "title_not_in_text" or len(text) >= FEWEST_TEXT_WORDS)
    in_lead = _words(f"{own_text[:LEAD_CHARS]}\n{page.description}")
    yield from _graded(summary, in_lead, ("summary_found", "summary_partly", "summary_other"))
    yield from _of_dates(page, entry)


def _of_addresses(page: Page, entry: Entry) -> Iterator[str]:
    meant, found, address = canonical_url(entry.url) or entry.url, fetched_address(page), page_address(page)
    if meant == found:
        yield "own_address"
    else:
        yield "redirected"
        if not same_site(meant, found) and not is_shortener(meant):
            yield "other_site"
        if meant in {canonical_url(each) for each in (page.canonical_url or "", *page.stated_urls)}:
            yield "states_entry_address"
        if _is_less(found, meant):
            yield "less_than_entry_address"
    if is_home_page(address) or is_section_page(address):
        yield "list_address"
    claimed = canonical_url(page.canonical_url or "")
    if claimed and claimed not in (address, found):
        yield "canonical_of_list" if is_home_page(claimed) or is_section_page(claimed) else "canonical_not_believed"


def _is_less(found: str, meant: str) -> bool:
    """Whether a redirect led up on its own site, or to what names no article where the entry's address does."""
    if not same_site(found, meant):
        return False
    up = _lies_below(meant, found) and not NAMES_AN_ARTICLE.search(found.rstrip("/").rpartition("/")[2])
    return up or _drops_the_name(found, meant)


def _of_dates(page: Page, entry: Entry) -> Iterator[str]:
    if page.published is None or entry.published is None or page.published_guessed:
        return
    apart = abs(page.published - entry.published)
    exact = not page.published_day_only and entry.published_precision not in DAY_OR_LONGER
    if exact and apart < SAME_MINUTE:
        yield "date_same_minute"
    else:
        yield "date_near" if apart <= NEAR else "date_other"


# --- words ---


def shared_words(text: str, *others: str) -> float:
    """The share of a text's longer words that others have; 1 for a text without any."""
    wanted = _words(text)
    return _share(wanted, _words("\n".join(others))) if wanted else 1.0


def _graded(wanted: set[str], found: set[str], grades: tuple[str, str, str]) -> Iterator[str]:
    """The first grade where most of the wanted words are found, the second for some, the last for next to none."""
    if wanted:
        share = _share(wanted, found)
        yield grades[0 if share >= MOST_WORDS else 1 if share >= SOME_WORDS else 2]


def _share(wanted: set[str], found: set[str]) -> float:
    return len(wanted & found) / len(wanted)


def _words(text: str) -> set[str]:
    """The stems of its longer words, and the pairs of characters of those in scripts without spaces."""
    found: set[str] = set()
    for word in WORD.findall(text.casefold()):
        if UNSPACED.search(word):
            found.update(word[at : at + 2] for at in range(len(word) - 1))
        elif len(word) >= SHORTEST_WORD:
            found.add(word[:STEM])
    return found
