"""Title: finds the headline of an article, without the name of its site. Pure.

In: the structured data of a page, its host, and the title in the feed. Out: the title, its source and a confidence of 0
to 1.
"""

import re
from collections.abc import Iterator

from ingest.page.structured_data import StructuredData, single_line

# between a headline and the name of its site or section
SEPARATOR = re.compile(r"\s+[-–—|·•:»«/]+\s+|\s*[|｜ㅣ]\s*|(?<=\S)[:：](?=\S+$)|\s-(?=\S+$)")
WORD = re.compile(r"\w+")
# the first of these that the page has is believed (measured on pages/fundus: 0.88 so, 0.82 with og:title before the
# headline of the JSON-LD, 0.76 with the page's own heading first; no vote of the sources did better)
SOURCE_ORDER = ("json-ld", "opengraph", "heading", "feed", "twitter", "title")
FEWEST_WORDS = 2  # of a headline: what is shorter is not cut off before a separator


def find_title(data: StructuredData, host: str, feed_title: str = "") -> tuple[str, tuple[str, float]]:
    """The title, and its source with a confidence: the share of sources that state the same title (0 to 1)."""
    found = dict(_read_sources(data, feed_title))
    if not found:
        return "", ("none", 0.0)
    names = _site_names(data, host)
    heads = [_letters_only(text) for source, text in found.items() if source in ("json-ld", "heading", "feed")]
    bare = {source: _strip_site_name(text, names, heads) for source, text in found.items()}
    source = next(source for source in SOURCE_ORDER if source in bare)
    agree = [other for other, text in bare.items() if _letters_only(text) == _letters_only(bare[source])]
    return bare[source], (source, round(len(agree) / len(bare), 2))


def _read_sources(data: StructuredData, feed_title: str) -> Iterator[tuple[str, str]]:
    """(source, title) for every source that has one."""
    headings = [each for each in dict.fromkeys(data.headings) if each]
    stated = {
        "opengraph": data.meta("og:title"),
        "json-ld": data.article_field("headline"),
        "heading": headings[0] if len(headings) == 1 else _choose_heading(headings, data),
        "twitter": data.meta("twitter:title"),
        "feed": feed_title,
        "title": data.title_tag,
    }
    names = {_letters_only(name) for name in (data.site_name(), data.meta("og:site_name")) if name}
    for source in SOURCE_ORDER:
        text = single_line(stated[source])
        if text and _letters_only(text) not in names:  # the site's own name is no headline
            yield source, text


def _choose_heading(headings: list[str], data: StructuredData) -> str | None:
    """Of several <h1> headings the first that other sources repeat."""
    others = _letters_only(f"{data.meta('og:title') or ''} {data.article_field('headline') or ''} {data.title_tag}")
    return next((each for each in headings if len(_letters_only(each)) > 8 and _letters_only(each) in others), None)


def _site_names(data: StructuredData, host: str) -> set[str]:
    """The names of the site and the section, reduced to letters (_letters_only)."""
    labels = host.removeprefix("www.").split(".")
    section = data.meta("article:section") or data.article_field("articleSection")
    names = (data.site_name(), data.meta("twitter:site"), section, host, *labels[:-1])
    return {_letters_only(name) for name in names if name and len(_letters_only(name)) > 1}


def _strip_site_name(text: str, names: set[str], heads: list[str]) -> str:
    """A title without the site's name: cut at the separator before that name, or where another source's title ends.

    `heads` are the titles of the other sources, and `names` the site's names, reduced to letters.
    """
    for match in SEPARATOR.finditer(text):
        head, tail = text[: match.start()].strip(), text[match.end() :].strip()
        if len(WORD.findall(head)) < FEWEST_WORDS and _letters_only(head) not in heads:
            continue
        if _letters_only(head) in heads or _is_site_name(tail, names):
            return head
    return text


def _is_site_name(tail: str, names: set[str]) -> bool:
    key = _letters_only(tail)
    return key in names or (
        len(WORD.findall(tail)) <= 6 and any(len(name) > 3 and key.startswith(name) for name in names)
    )


def _letters_only(text: str) -> str:
    return "".join(WORD.findall(text)).casefold()
