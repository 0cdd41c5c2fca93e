"""What an article is called: the headline, without its site's name. Pure.

In: what the page and its feed say. Out: the title, where it was found and how sure that is.
"""

import re
from collections.abc import Iterator

from ingest.page.structured_data import StructuredData, line

# between a headline and the name of its site or section
SEPARATOR = re.compile(r"\s+[-–—|·•:»«/]+\s+|\s*[|｜ㅣ]\s*|(?<=\S)[:：](?=\S+$)|\s-(?=\S+$)")
WORD = re.compile(r"\w+")
# in this order where they disagree (measured on pages/fundus: 0.88 so, 0.82 with og:title before the headline of the
# JSON-LD, 0.76 with the page's own heading first; no vote of the sources did better)
ORDER = ("json-ld", "opengraph", "heading", "feed", "twitter", "title")
# of a headline that is one
FEWEST_WORDS = 2


def title_of(evidence: StructuredData, host: str, from_feed: str = "") -> tuple[str, tuple[str, float]]:
    """The title, and its source and confidence (0 to 1): the share of the sources that say the same."""
    found = dict(_candidates(evidence, from_feed))
    if not found:
        return "", ("none", 0.0)
    names = _names(evidence, host)
    heads = [_key(text) for source, text in found.items() if source in ("json-ld", "heading", "feed")]
    bare = {source: _without_site(text, names, heads) for source, text in found.items()}
    source = next(source for source in ORDER if source in bare)
    agree = [other for other, text in bare.items() if _key(text) == _key(bare[source])]
    return bare[source], (source, round(len(agree) / len(bare), 2))


def _candidates(evidence: StructuredData, from_feed: str) -> Iterator[tuple[str, str]]:
    """What every source says."""
    headings = [each for each in dict.fromkeys(evidence.headings) if each]
    told = {
        "opengraph": evidence.meta("og:title"),
        "json-ld": evidence.stated("headline"),
        "heading": headings[0] if len(headings) == 1 else _closest(headings, evidence),
        "twitter": evidence.meta("twitter:title"),
        "feed": from_feed,
        "title": evidence.title_tag,
    }
    names = {_key(name) for name in (evidence.site_name(), evidence.meta("og:site_name")) if name}
    for source in ORDER:
        text = line(told[source])
        if text and _key(text) not in names:  # the site's own name is no headline
            yield source, text


def _closest(headings: list[str], evidence: StructuredData) -> str | None:
    """Of several headings the one that other sources repeat."""
    others = _key(f"{evidence.meta('og:title') or ''} {evidence.stated('headline') or ''} {evidence.title_tag}")
    return next((each for each in headings if len(_key(each)) > 8 and _key(each) in others), None)


def _names(evidence: StructuredData, host: str) -> set[str]:
    """What the site is called, as keys."""
    labels = host.removeprefix("www.").split(".")
    section = evidence.meta("article:section") or evidence.stated("articleSection")
    told = (evidence.site_name(), evidence.meta("twitter:site"), section, host, *labels[:-1])
    return {_key(name) for name in told if name and len(_key(name)) > 1}


def _without_site(text: str, names: set[str], heads: list[str]) -> str:
    """A title up to the separator behind which its site's name begins, or where another source ends."""
    for match in SEPARATOR.finditer(text):
        head, tail = text[: match.start()].strip(), text[match.end() :].strip()
        if len(WORD.findall(head)) < FEWEST_WORDS and _key(head) not in heads:
            continue
        if _key(head) in heads or _is_name(tail, names):
            return head
    return text


def _is_name(tail: str, names: set[str]) -> bool:
    key = _key(tail)
    return key in names or (
        len(WORD.findall(tail)) <= 6 and any(len(name) > 3 and key.startswith(name) for name in names)
    )


def _key(text: str) -> str:
    return "".join(WORD.findall(text)).casefold()
