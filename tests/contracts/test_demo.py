"""The demo's newspapers match the header of config/demo/newspaper.toml, and contain what the demo is to show."""

import re
import tomllib
from collections import Counter
from itertools import combinations
from string import Template
from typing import Any

import pytest

from pipeline.settings import ROOT

FOLDER = ROOT / "config" / "demo"
DEMO: dict[str, Any] = tomllib.loads((FOLDER / "newspaper.toml").read_text(encoding="utf-8"))
FEEDS: list[dict[str, Any]] = tomllib.loads((ROOT / "config" / "feeds.toml").read_text(encoding="utf-8"))["feeds"]
OUTLETS: dict[str, dict[str, str]] = DEMO["outlets"]
ARTICLES: dict[str, dict[str, Any]] = {article["slug"]: article for article in DEMO["articles"]}
KEYS = {"outlet", "slug", "title", "section", "author", "minutes_ago", "caption", "summary", "paragraphs", "phrase"}
PAGE_FIELDS = {
    *("outlet", "tagline", "base", "url", "title", "summary", "section", "author", "published", "published_text"),
    *("modified", "caption", "paragraphs", "correction", "related"),
}
FEED_FIELDS = {"outlet", "tagline", "base", "updated", "items"}
ITEM_FIELDS = {"url", "title", "summary", "section", "author", "published", "modified", "content"}
AGENCIES = ("Reuters", "Associated Press", "AFP", "Agence France", "dpa", "ANSA", "EFE", "TASS", "Xinhua", "Bloomberg")


def text(article: dict[str, Any]) -> str:
    return "\n".join(article["paragraphs"])


def words(article: dict[str, Any]) -> list[str]:
    return re.findall(r"\w+", text(article).lower())


def grams(article: dict[str, Any], length: int = 5) -> set[tuple[str, ...]]:
    found = words(article)
    return {tuple(found[at : at + length]) for at in range(len(found) - length + 1)}


def correction_of(article: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = article["correction"]
    return found


def test_four_outlets_publish_twelve_articles() -> None:
    assert len(DEMO["articles"]) == len(ARTICLES) == 12
    assert len(OUTLETS) == 4
    assert {article["outlet"] for article in ARTICLES.values()} == OUTLETS.keys()


@pytest.mark.parametrize("slug", ARTICLES)
def test_an_article_is_complete_and_of_a_newspapers_length(slug: str) -> None:
    article = ARTICLES[slug]
    assert KEYS <= article.keys() <= KEYS | {"copy_of", "story", "correction"}
    assert 180 <= len(words(article)) <= 350
    assert article["minutes_ago"] > 0
    assert re.fullmatch(r"[a-z0-9-]+", slug)


@pytest.mark.parametrize("slug", ARTICLES)
def test_a_phrase_finds_its_article_and_no_other(slug: str) -> None:
    phrase = ARTICLES[slug]["phrase"]
    assert [each for each, article in ARTICLES.items() if phrase in text(article)] == [slug]
    assert text(ARTICLES[slug]).count(phrase) == 1


def test_the_copy_is_the_agencys_report_with_a_first_and_a_last_line_of_its_own() -> None:
    [copy] = [article for article in ARTICLES.values() if "copy_of" in article]
    original = ARTICLES[copy["copy_of"]]
    shared = (Counter(words(copy)) & Counter(words(original))).total()
    assert OUTLETS[original["outlet"]]["name"] in copy["paragraphs"][-1]
    assert original["outlet"] != copy["outlet"]
    assert set(copy["paragraphs"][1:-1]) < set(original["paragraphs"])
    assert shared / len(words(original)) > 0.8
    assert copy["minutes_ago"] < original["minutes_ago"]


def test_three_outlets_tell_one_story_in_their_own_words() -> None:
    reports = [article for article in ARTICLES.values() if "story" in article]
    assert len({article["outlet"] for article in reports}) == len(reports) == 3
    assert len({article["story"] for article in reports}) == 1
    for one, other in combinations(reports, 2):
        shared = grams(one) & grams(other)
        assert len(shared) / min(len(grams(one)), len(grams(other))) < 0.4
        assert all(name in text(one) for name in ("Aurelia Dawn", "Candle Reef", "214", "Jonas Vael", "Maja Torvald"))


def test_the_other_articles_have_no_sentence_in_common() -> None:
    others = [article for article in ARTICLES.values() if not {"story", "copy_of"} & article.keys()]
    assert all(not grams(one, 6) & grams(other, 6) for one, other in combinations(others, 2))


def test_one_article_is_corrected_at_its_own_address() -> None:
    [article] = [article for article in ARTICLES.values() if "correction" in article]
    correction = correction_of(article)
    assert correction.keys() == {"title", "paragraphs", "phrase", "note"}
    assert correction["title"] != article["title"]
    assert correction["phrase"] in text(correction)
    assert article["phrase"] in text(correction)
    assert not [each for each in ARTICLES.values() if correction["phrase"] in text(each)]


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir() if path.suffix in (".html", ".xml")))
def test_a_template_uses_the_fields_that_are_described(name: str) -> None:
    fields = {"page.html": PAGE_FIELDS}.get(name, FEED_FIELDS if name in ("rss.xml", "atom.xml") else ITEM_FIELDS)
    template = Template((FOLDER / name).read_text(encoding="utf-8"))
    assert template.is_valid()
    assert set(template.get_identifiers()) <= fields
    assert fields & {"items", "paragraphs"} <= set(template.get_identifiers())


def test_feeds_are_rss_and_atom_and_one_has_summaries_only() -> None:
    assert Counter(outlet["feed"] for outlet in OUTLETS.values()) == {"rss.xml": 3, "atom.xml": 1}
    items = {outlet["item"] for outlet in OUTLETS.values()}
    without = [name for name in items if "$content" not in (FOLDER / name).read_text(encoding="utf-8")]
    assert without == ["rss_summary_item.xml"]


def test_furniture_stands_around_every_text_and_in_none() -> None:
    page = (FOLDER / "page.html").read_text(encoding="utf-8")
    for phrase in DEMO["furniture"]:
        assert phrase in page
        assert not [slug for slug, article in ARTICLES.items() if phrase in text(article)]


def test_nothing_pretends_to_be_a_real_outlet() -> None:
    said = " ".join([*(outlet["name"] for outlet in OUTLETS.values()), *map(text, ARTICLES.values())])
    # "ABC News: World" -> "ABC News"; in capitals as they write themselves, for Nature is no nature trust
    real = {re.split(r"[:(]", feed["name"])[0].strip() for feed in FEEDS if feed.get("name")}
    assert not [name for name in (*real, *AGENCIES) if re.search(rf"\b{re.escape(name)}\b", said)]
