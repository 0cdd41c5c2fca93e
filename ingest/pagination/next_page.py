"""Next page: finds the link from one page of an article to the next one of the same article. Pure.

In: the lxml tree of a page, its address, and its position in the article. Out: NextPage: the address, or None, and the
reason.

`rel=next` is not enough: blogs and archives link their next *article* with it. So the address has to be that of the
article's first page with the number that comes next (numbered_address), and without `rel=next` the link has to be
labelled as a pager's links are: "2", "Next page", "»". Pagers of readers' comments are none of the article's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from ingest.pagination.numbered_address import page_number

LONGEST_LABEL = 40  # characters
MOST_LINKS = 50  # that are looked at
# the label of a link to the next page
NEXT_LABEL = re.compile(
    r"\W*(?:(?:go to |zur |auf |lire la |ir a la )?(?:next|n[äa]chste[rn]?|weiter|suivante?|siguiente|pr[óo]xima|"
    r"successiva|volgende|n[äa]sta|neste|n[æa]ste|seuraava|nast[eę]pna|dal[šs][íi]|sonraki|следующая|continue|page|"
    r"seite|p[áa]gina|pagina|sida|side|sivu|strona|strana|sayfa)"
    r"(?: (?:page|seite|p[áa]gina|pagina|sida|side|sivu|strona|strana|sayfa|страница|lesen|reading))?"
    r"(?: (?P<number>\d{1,3}))?(?: ?(?:of|von|de|di|van|av|/) ?\d{1,3})?\W*|下一[页頁]|次(?:の)?ページ(?:へ)?|次へ|"
    r"다음|[›»→>]{1,2})",
    re.IGNORECASE,
)
COMMENTS = re.compile(r"comment|disqus|discuss|kommentar|reply|respond|replies|forum", re.IGNORECASE)
NAMES = ("class", "id", "data-testid", "aria-label")
LEVELS = 6  # elements around a link whose names are looked at


@dataclass(frozen=True, slots=True)
class Position:
    """Which page of an article this is, counted from 1, and the addresses under which its first page is known."""

    first: tuple[str | None, ...]
    number: int = 1


@dataclass(frozen=True, slots=True)
class NextPage:
    """The address of the next page of the article, absolute; None where there is none. `reason`: what tells so."""

    url: str | None
    reason: str = ""


NONE = NextPage(None)


def find_next_page(tree: Any, url: str, position: Position) -> NextPage:
    """The next page of the article that the page at `url` belongs to.

    Where rel=next says that an earlier page follows, that one is returned: the reader sees that it goes in circles, and
    that something may be missing.
    """
    otherwise = NONE
    for element, stated in islice(_links(tree, position.number + 1), MOST_LINKS):
        target = _resolve(url, element.get("href") or "")
        number = page_number(target, position.first)
        if number == position.number + 1 and not _is_of_comments(element, target):
            return NextPage(target, "rel=next" if stated else "pager")
        if stated and number is None:
            otherwise = NextPage(otherwise.url, otherwise.reason or "rel=next leads to another article")
        elif stated and number is not None and number < position.number:
            otherwise = NextPage(target, "rel=next leads back")
    return otherwise


def _links(tree: Any, wanted: int) -> Iterator[tuple[Any, bool]]:
    """The links that may lead to the page with this number; with True those with rel=next, which are the first."""
    numbered = re.compile(rf"(?<![0-9]){wanted}(?![0-9])")
    labelled = []
    for element in tree.iter("link", "a"):
        href, relation = element.get("href"), element.get("rel")
        if href and relation and "next" in relation.lower().split():
            yield element, True
        elif href and numbered.search(href) and element.tag == "a":
            labelled.append(element)
    yield from ((element, False) for element in labelled if _is_labelled(element, wanted))


def _is_labelled(element: Any, wanted: int) -> bool:
    label = " ".join("".join(element.itertext()).split()) or element.get("aria-label") or element.get("title") or ""
    if len(label) > LONGEST_LABEL:
        return False
    match = NEXT_LABEL.fullmatch(label)
    if match is None:
        return label.strip("[]() ") == str(wanted)
    return match["number"] is None or int(match["number"]) == wanted


def _resolve(base: str, href: str) -> str:
    try:
        return urljoin(base, href.strip())
    except ValueError:
        return ""


def _is_of_comments(element: Any, target: str) -> bool:
    """Whether a link turns the pages of the readers' comments."""
    around = [element, *_ancestors(element)]
    names = (each.get(name) or "" for each in around if each.tag not in ("html", "body") for name in NAMES)
    return COMMENTS.search(target.partition("#")[2]) is not None or any(COMMENTS.search(name) for name in names)


def _ancestors(element: Any) -> Iterator[Any]:
    for _ in range(LEVELS):
        element = element.getparent()
        if element is None:
            return
        yield element
