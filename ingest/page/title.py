"""Title: finds the headline of an article, without the name of its site, and the other headlines it has. Pure.

In: the structured data of a page, its host, and the title in the feed. Out: the title, its source and a confidence of 0
to 1; the headlines that differ from it.
"""

import html
import re
from collections.abc import Iterator

from ingest.page.structured_data import StructuredData, single_line
from pipeline.combining_marks import WORD

# between a headline and the name of its site or section
SEPARATOR = re.compile(r"\s+[-–—―|│┃‖¦·•:»«›‹/]+\s+|\s*[|│｜ㅣ]\s*|(?<=\S)[:：](?=\S+$)|\s-(?=\S+$)|\s+\((?=[^()]+\)$)")
PARTS = re.compile(r"\s*[|│｜]\s*")  # of a <title> such as "Headline | Section | Newspaper"
# marks of HTML in a title that should have none
TAG = re.compile(
    r"</?(?:a|abbr|b|big|br|cite|code|del|div|em|font|h[1-6]|i|ins|mark|p|q|s|small|span|strong|sub|sup|u|wbr)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
# the first of these that the page has is believed (measured on pages/fundus: 0.88 so, 0.82 with og:title before the
# headline of the JSON-LD, 0.76 with the page's own heading first; three sources that overrule the JSON-LD: 0.81)
SOURCE_ORDER = ("json-ld", "opengraph", "heading", "feed", "twitter", "title")
FEWEST_WORDS = 2  # of a headline: what is shorter is not cut off before a separator
SHORTEST_CUT = 40  # characters of a headline that software may have cut
CUT_END = re.compile(r"\W*(?:…|\.\.\.)?$")
MOST_ALTERNATIVES = 5


def find_title(data: StructuredData, host: str, feed_title: str = "") -> tuple[str, tuple[str, float]]:
    """The title, and its source with a confidence: the share of sources that state the same title (0 to 1).

    Of a headline that was cut somewhere the whole is taken.
    """
    found = _bare_titles(data, host, feed_title)
    if not found:
        return "", ("none", 0.0)
    source = _choose_source(found)
    whole = _restore_cut(found[source], list(found.values()))
    agree = [other for other in found.values() if _same_headline(other, whole)]
    return whole, (source, round(len(agree) / len(found), 2))


def find_alternative_titles(data: StructuredData, host: str, title: str, feed_title: str = "") -> tuple[str, ...]:
    """The headlines of the article that say something else than its title."""
    linked = (data.article_field("alternativeHeadline"), data.article_field("alternateName"))
    chosen = [title]
    for text in (*_bare_titles(data, host, feed_title).values(), *map(_clean, linked)):
        if len(WORD.findall(text)) >= FEWEST_WORDS and not any(_tells_the_same(text, other) for other in chosen):
            chosen.append(text)
    return tuple(chosen[1 : MOST_ALTERNATIVES + 1])


def stated_headlines(data: StructuredData, host: str) -> tuple[str, ...]:
    """All that the page itself states as its headline, without what its feed says."""
    return tuple(dict.fromkeys(_bare_titles(data, host, "").values()))


def _bare_titles(data: StructuredData, host: str, feed_title: str) -> dict[str, str]:
    """Source -> its title without the site's name, in SOURCE_ORDER."""
    names = _site_names(data, host) | {_banner(data)} - {""}
    section = _letters_only(data.meta("article:section") or data.article_field("articleSection") or "")
    found = dict(_read_sources(data, names, feed_title))
    names |= {section} - {""}
    heads = [_letters_only(text) for source, text in found.items() if source in ("json-ld", "heading", "feed")]
    bare = {source: _strip_site_name(text, names, heads) for source, text in found.items()}
    return {"title": _longest_part(bare["title"])} if list(bare) == ["title"] else bare


def _longest_part(title: str) -> str:
    """The longest part of a <title> that no other source confirms; all of it where no part is a headline."""
    longest = max(PARTS.split(title), key=lambda part: len(WORD.findall(part)))
    return longest if len(WORD.findall(longest)) > FEWEST_WORDS else title


def _choose_source(found: dict[str, str]) -> str:
    """The first source; where that is a heading or less and stands alone, the first of those that agree.

    Measured on pages/trafilatura: 0.71 of titles equal without it, 0.73 with it, and as before on pages/fundus.
    """
    votes = {source: sum(_same_headline(text, other) for other in found.values()) for source, text in found.items()}
    first = next(source for source in SOURCE_ORDER if source in found and not _is_description(source, found))
    most = max(SOURCE_ORDER, key=lambda source: votes.get(source, 0))
    return first if first in ("json-ld", "opengraph") or votes[first] > 1 else most


def _is_description(source: str, found: dict[str, str]) -> bool:
    """Whether the JSON-LD's headline has no word of any other source's: encyclopedias write there what a thing is."""
    others = [text for other, text in found.items() if other != source]
    return source == "json-ld" and len(others) > 1 and not any(_words(found[source]) & _words(text) for text in others)


def _words(text: str) -> set[str]:
    return set(WORD.findall(text.casefold()))


def _restore_cut(title: str, others: list[str]) -> str:
    """The headline that a title was cut from, where another source has the whole."""
    start = CUT_END.sub("", title)
    wholes = [
        other
        for other in others
        if len(CUT_END.sub("", other)) > len(start) >= SHORTEST_CUT and other.startswith(start)
    ]
    return next((other for other in wholes if _is_cut(title, start, other)), title)


def _is_cut(title: str, start: str, whole: str) -> bool:
    """Whether a title ends where software has cut it: within a word, or with an ellipsis."""
    return whole[len(start)].isalnum() or (start != title and title[len(start) :].strip() in ("…", "..."))


def _same_headline(one: str, other: str) -> bool:
    first, second = sorted((_letters_only(one), _letters_only(other)), key=len)
    return first == second or (len(first) >= SHORTEST_CUT and second.startswith(first))


def _tells_the_same(one: str, other: str) -> bool:
    """Whether a headline has nothing that the other one has not."""
    return _letters_only(one) in _letters_only(other) or _same_headline(one, other)


def _read_sources(data: StructuredData, names: set[str], feed_title: str) -> Iterator[tuple[str, str]]:
    """(source, title) for every source that has one."""
    headings = [each for each in dict.fromkeys(map(_clean, data.headings)) if each]
    stated = {
        "opengraph": data.meta("og:title"),
        "json-ld": data.article_field("headline"),
        "heading": headings[0] if len(headings) == 1 else _choose_heading(headings, data),
        "twitter": data.meta("twitter:title"),
        "feed": feed_title,
        "title": data.title_tag,
    }
    for source in SOURCE_ORDER:
        text = _clean(stated[source])
        if text and _letters_only(text) not in names:  # the site's own name is no headline
            yield source, text


def _clean(text: str | None) -> str:
    """A title without marks of HTML, which some software writes into it as text, escaped once or twice."""
    plain = html.unescape(html.unescape(text or ""))
    return single_line(TAG.sub("", plain) if "<" in plain else plain)


def _banner(data: StructuredData) -> str:
    """The heading that the <title> has behind a longer headline, reduced to letters: the name of the site; or ""."""
    headings = {_letters_only(each) for each in data.headings}
    headings -= {_letters_only(each or "") for each in (data.meta("og:title"), data.article_field("headline"))}
    for match in SEPARATOR.finditer(data.title_tag) if headings else ():
        head, tail = data.title_tag[: match.start()], data.title_tag[match.end() :]
        if _letters_only(tail) in headings and len(WORD.findall(tail)) < len(WORD.findall(head)):
            return _letters_only(tail)
    return ""


def _choose_heading(headings: list[str], data: StructuredData) -> str | None:
    """Of several <h1> headings the first that other sources repeat."""
    others = _letters_only(f"{data.meta('og:title') or ''} {data.article_field('headline') or ''} {data.title_tag}")
    return next((each for each in headings if len(_letters_only(each)) > 8 and _letters_only(each) in others), None)


def _site_names(data: StructuredData, host: str) -> set[str]:
    """The names of the site, reduced to letters (_letters_only)."""
    labels = host.removeprefix("www.").split(".")
    names = (data.site_name(), data.meta("og:site_name"), data.meta("twitter:site"), host, *labels[:-1])
    return {_letters_only(name) for name in names if name and len(_letters_only(name)) > 1}


def _strip_site_name(text: str, names: set[str], heads: list[str]) -> str:
    """A title without the site's name: cut at the separator before that name, or where another source's title ends.

    `heads` are the titles of the other sources, and `names` the site's names, reduced to letters.
    """
    for match in SEPARATOR.finditer(text):
        head, tail = text[: match.start()].strip(), text[match.end() :].strip(" »›|/)")
        if len(WORD.findall(tail)) >= FEWEST_WORDS and _letters_only(head) in names:
            return _strip_site_name(tail, names, heads)
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
