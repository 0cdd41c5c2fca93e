"""Page metadata: language, section, tags and image of an article. Pure.

In: the structured data of a page (JSON-LD, meta tags). Out: each value, or None, with the source that it comes from and
a confidence of 0 to 1. Its times are read in ingest/page/page_dates.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import urljoin

from ingest.page.json_ld import plain_text
from ingest.page.structured_data import StructuredData, single_line

KEYWORD_METAS = ("news_keywords", "keywords", "parsely-tags", "article:tag")
LANGUAGE_CODE = re.compile(r"[A-Za-z]{2}(?=$|[-_])")
MOST_TAGS = 30
# the content of <meta http-equiv="refresh">: "0; url=/next"
REFRESH = re.compile(
    r"\s*(?P<wait>\d+(?:\.\d*)?)\s*[;,\s]\s*(?:url\s*=\s*)?[\"']?(?P<url>[^\"']+)[\"']?\s*", re.IGNORECASE
)
LONGEST_REFRESH = 5.0  # seconds; what waits longer is a page that reloads itself, or an advertisement

IMAGE_METAS = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
T = TypeVar("T")
Source = tuple[str, float]  # where a value was found, and the confidence in it (0 to 1)
Sourced = tuple[T | None, Source]  # a value with its source
NO_SOURCE: Source = ("none", 0.0)


def find_language(data: StructuredData, headers: Mapping[str, str] | None = None) -> Sourced[str]:
    """The language of the page, as two lower-case letters (ISO 639-1); `headers` are those of the HTTP answer.

    Content-Language comes last, and counts only where it names one language: it says whom a page is for.
    """
    header = next((value for name, value in (headers or {}).items() if name.lower() == "content-language"), None)
    return _first_value(
        ("html", _language_code(data.html_language), 0.9),
        ("opengraph", _language_code(data.meta("og:locale")), 0.7),
        ("json-ld", _language_code(data.article_field("inLanguage")), 0.8),
        ("meta", _language_code(data.meta("language")), 0.7),
        ("meta", _only_language(data.meta("content-language")), 0.6),
        ("header", _only_language(header), 0.5),
    )


def _only_language(text: str | None) -> str | None:
    return None if "," in (text or "") else _language_code(text)


def _language_code(text: str | None) -> str | None:
    match = LANGUAGE_CODE.match((text or "").strip())
    return match.group().lower() if match else None


def find_section(data: StructuredData) -> Sourced[str]:
    """The section of the newspaper, such as "Politics"."""
    return _first_value(
        ("meta", single_line(data.meta("article:section")), 0.9),
        ("json-ld", single_line(data.article_field("articleSection")), 0.9),
    )


def find_tags(data: StructuredData) -> Sourced[tuple[str, ...]]:
    """The article's keywords from JSON-LD and meta tags together, each once, MOST_TAGS at most."""
    linked = [word for each in data.json_ld_articles for word in _split_keywords(each.get("keywords"))]
    metas = [word for name in KEYWORD_METAS for word in _split_keywords(data.metas(name))]
    found = tuple(dict.fromkeys(word for each in (*linked, *metas) if (word := single_line(plain_text(each)))))[
        :MOST_TAGS
    ]
    return _first_value(("json-ld" if linked else "meta", found, 0.8))


def _split_keywords(keywords: Any) -> Iterable[str]:
    parts = keywords if isinstance(keywords, list) else [keywords]
    return (word for part in parts if isinstance(part, str) for word in re.split(r"[,;]", part))


def find_refresh(data: StructuredData, base: str) -> str | None:
    """The URL that a page sends its readers to within LONGEST_REFRESH seconds; None for none, or for itself."""
    matches = (REFRESH.fullmatch(content) for content in data.refreshes)
    found = (absolute_url(base, each["url"]) for each in matches if each and float(each["wait"]) <= LONGEST_REFRESH)
    return next((url for url in found if url and url.partition("#")[0] != base.partition("#")[0]), None)


def find_image(data: StructuredData, base: str) -> Sourced[str]:
    """The absolute URL of the article's picture; `base` is the URL of the page."""
    linked = (
        ("json-ld", absolute_url(base, found), 0.9)
        for each in data.json_ld_articles
        for found in _image_urls(each.get("image"))
    )
    return _first_value(*(("meta", absolute_url(base, data.meta(name)), 0.9) for name in IMAGE_METAS), *linked)


def _first_value(*candidates: tuple[str, T | None, float]) -> Sourced[T]:
    """The first of these (source, value, confidence) that has a value; else None, with NO_SOURCE."""
    return next(((value, (source, confidence)) for source, value, confidence in candidates if value), (None, NO_SOURCE))


def _image_urls(image: Any) -> Iterator[str]:
    for each in image if isinstance(image, list) else [image]:
        found = each.get("url") or each.get("contentUrl") if isinstance(each, dict) else each
        if isinstance(found, str):
            yield found


def absolute_url(base: str, url: str | None) -> str | None:
    """An absolute http(s) URL; `url` may be relative to `base`. None for anything else."""
    try:
        joined = urljoin(base, url.strip()) if url else ""
    except ValueError:
        return None
    return joined if joined.startswith(("http://", "https://")) else None
