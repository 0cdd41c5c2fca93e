"""Who types a word finds its article in every language of the feed list, and in six more: ten queries for each.

The articles and the queries are invented, for this test, and say nothing about the world. Each language has in
relevance_languages.toml `queries`, what is typed and the name of the article that is meant, and `articles`, title and
text. Words are typed in another form, case or spelling than they are written in, or stand inside text without spaces;
some articles (d1, d2 and so on) are meant by no query, and have its letters or one of its words, often as it was typed.
All languages lie in one index.

`pytest tests/quality/test_relevance_languages.py -rP` prints the table.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from index import mapping, write
from index.searching import article_search
from ingest.feeds.feed_list import read_feeds
from pipeline.messages import Enriched
from pipeline.settings import ROOT, Settings
from tests.index.samples import enriched

LANGUAGES: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("relevance_languages.toml").read_text(encoding="utf-8")
)
FIRST = 3
# found in the first three by this test over the code of commit bb64295, with one analyzer for all but nine languages
BEFORE = {
    "ar": 0,
    "bn": 2,
    "de": 6,
    "el": 3,
    "en": 10,
    "es": 8,
    "fa": 4,
    "fr": 10,
    "he": 2,
    "hi": 2,
    "id": 1,
    "it": 7,
    "ja": 5,
    "km": 0,
    "ko": 0,
    "lo": 0,
    "pl": 3,
    "pt": 10,
    "ru": 8,
    "th": 0,
    "tr": 9,
    "uk": 1,
    "ur": 8,
    "zh": 5,
}


def test_every_language_of_the_feed_list_has_ten_queries() -> None:
    listed = {feed.language for feed in read_feeds(ROOT / "config" / "feeds.toml")} - {None}
    assert listed <= LANGUAGES.keys()
    for language, case in LANGUAGES.items():
        assert len(case["queries"]) == 10, language
        assert set(case["queries"].values()) <= case["articles"].keys(), language


@pytest.mark.stack
@pytest.mark.quality
def test_the_wanted_article_is_among_the_first_three(options: Settings) -> None:
    mapping.install(options.elasticsearch)
    write.stage(options.elasticsearch).handle([each for language in LANGUAGES for each in articles(language)])
    article_search.refresh(options.elasticsearch)
    missed = {language: misses(options, language) for language in LANGUAGES}
    print("language  queries  in the first three: before -> now")
    for language, typed in missed.items():
        queries = len(LANGUAGES[language]["queries"])
        print(f"{language:8}  {queries:7}  {BEFORE[language]} -> {queries - len(typed)}  {typed or ''}")
    assert not any(missed.values())


def articles(language: str) -> list[Enriched]:
    """The articles of a language, as the stage before would say them."""
    return [
        enriched(f"{language}-{name}", language=language, title=title, text=text, content_hash=f"{language}-{name}")
        for name, (title, text) in LANGUAGES[language]["articles"].items()
    ]


def misses(options: Settings, language: str) -> list[str]:
    """The queries whose article is not among the first three."""
    return [
        typed
        for typed, wanted in LANGUAGES[language]["queries"].items()
        if f"{language}-{wanted}" not in first_ids(options, typed)
    ]


def first_ids(options: Settings, typed: str) -> list[str]:
    """The first hits."""
    return [hit.article.id for hit in article_search.search(options.elasticsearch, typed, size=FIRST).hits]
