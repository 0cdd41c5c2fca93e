"""Is a page the one that its entry means, and under which address."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ingest.belonging import WEIGHTS, judge, page_address, shared_words
from ingest.feeds.entry import Entry
from ingest.page.page import Page

PAGE = Page(
    url="https://www.news.example/a?utm_source=rss",
    title="Bridge opens | News",
    headlines=("Bridge opens | News",),
    text="One.\nTwo.",
)
URL = "https://news.example/bridge"
ENTRY = Entry(identity="1", url=URL, title="What Arden's council decided about its bridge")
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
TEASER = "Eleven million and three summers: councillors quarrel about pillars, traffic and a possible ferry."
LONG = (
    "Nurses and teachers will meet in Brome to choose another speaker, as rain floods cellars near every harbour. " * 2
)
WALL = Page(
    url="https://consent.example/wall",
    title="We value your privacy",
    headlines=("We value your privacy",),
    text="We and our partners store data.",
)


@pytest.mark.parametrize(
    ("claimed", "wanted"),
    [
        ("https://news.example/2024/a?fbclid=7", "https://news.example/2024/a"),
        ("https://news.example/story", "https://news.example/story"),
        ("https://other.example.org/a", "https://www.news.example/a"),
        ("https://www.news.example/", "https://www.news.example/a"),
        ("javascript:void(0)", "https://www.news.example/a"),
        (None, "https://www.news.example/a"),
    ],
)
def test_a_canonical_url_is_believed_within_its_site(claimed: str | None, wanted: str) -> None:
    assert page_address(replace(PAGE, canonical_url=claimed)) == wanted


def test_a_section_is_not_the_canonical_url_of_its_articles() -> None:
    in_section = replace(PAGE, url="https://news.example/towns/a", canonical_url="https://news.example/towns/")
    assert page_address(in_section) == "https://news.example/towns/a"
    amp = replace(PAGE, url="https://news.example/a/amp/", canonical_url="https://news.example/a")
    assert page_address(amp) == "https://news.example/a"


@pytest.mark.parametrize(
    ("found", "claimed", "wanted"),
    [
        ("/news.php?id=4711", "/news.php", "/news.php?id=4711"),
        ("/article?storyid=4711", "/article", "/article?storyid=4711"),
        ("/read/?p=12", "/read/", "/read/?p=12"),
        ("/news.php?id=4711", "/2026/sea-wall-is-rebuilt", "/2026/sea-wall-is-rebuilt"),
        ("/sea-wall-is-rebuilt?rid=99", "/sea-wall-is-rebuilt", "/sea-wall-is-rebuilt"),
        ("/story/4711?from=123", "/story/4711", "/story/4711"),
        ("/bridge?src=front", "/bridge", "/bridge"),
        ("/news.php?id=4711", "/news.php?id=", "/news.php?id=4711"),
        ("/news.php?id=4711", "/news.php?id=4711&page=1", "/news.php?id=4711&page=1"),
        ("/news.php?id=4711", "/index.php", "/news.php?id=4711"),
        ("/?p=4711", "/bridge-opens/", "/bridge-opens/"),
        ("/2026/11/bridge-opens-on-monday", "/regional", "/2026/11/bridge-opens-on-monday"),
        ("/2026/11/bridge-opens-on-monday", "/regional/", "/2026/11/bridge-opens-on-monday"),
        ("/2026/11/bridge-opens-on-monday", "/bridge", "/bridge"),
    ],
)
def test_a_query_that_tells_articles_apart_stays(found: str, claimed: str, wanted: str) -> None:
    site = "https://courier.example"
    page = replace(PAGE, url=site + found, canonical_url=site + claimed)
    assert page_address(page) == site + wanted


def test_a_wall_that_a_redirect_led_to_is_refused() -> None:
    assert judge(WALL, ENTRY).refused == "other_page"
    assert judge(replace(WALL, url="https://news.example/gate"), ENTRY).refused == "other_page"
    alone = judge(replace(WALL, url=URL), ENTRY)  # at the entry's own address it takes more than another title
    assert (
        alone.refused,
        alone.confidence < judge(replace(WALL, url=URL, title=ENTRY.title, headlines=(ENTRY.title,)), ENTRY).confidence,
    ) == (
        "",
        True,
    )


@pytest.mark.parametrize(
    ("title", "headline", "text"),
    [
        (ENTRY.title, "Arden: bridge decision", "The council met on Tuesday."),
        ("Brücke in Arden wieder offen", "Nach elf Jahren", "Die Brücken in Arden sind wieder offen."),
        ("\u6a4b\u304c\u518d\u958b\u901a", "\u30a2\u30fc\u30c7\u30f3\u306e\u6a4b\u304c\u958b\u901a", "."),
        ("", "Anything", "at all"),
        ("On it", "Something", "else"),  # no word that tells anything
    ],
)
def test_an_article_that_moved_is_not_refused(title: str, headline: str, text: str) -> None:
    moved = Page(url="https://other.example/2026/moved", title=headline, headlines=(headline,), text=text)
    assert judge(moved, replace(ENTRY, title=title)).refused == ""


@pytest.mark.parametrize("path", ["/", "/politics", "/en/", "/2026/", "/2026/11"])
def test_a_front_page_or_section_in_an_articles_place_is_refused(path: str) -> None:
    """Also where it shows the entry's teaser among others."""
    entry = replace(ENTRY, url="https://news.example/2026/11/council-decides-on-bridge", summary=TEASER)
    page = replace(
        PAGE,
        url=f"https://news.example{path}",
        title="Our region",
        headlines=("Our region",),
        text=f"{entry.title}\n{TEASER}\n{LONG}",
    )
    assert judge(page, entry).refused == "no_article_page"


def test_a_front_page_that_answers_under_an_articles_address_is_refused_and_an_article_is_not() -> None:
    """Some sites name their front page as the canonical address of everything."""
    entry = replace(ENTRY, summary=TEASER)
    front = Page(
        url=URL,
        title="Marsh Courier",
        headlines=("Marsh Courier",),
        text=f"{entry.title}\n{TEASER}\n{LONG}",
        canonical_url="https://news.example/",
    )
    assert judge(front, entry).refused == "no_article_page"
    assert judge(replace(front, title=entry.title, headlines=(entry.title,)), entry).refused == ""
    assert (
        judge(
            replace(front, title="Nobody asked the ferry", headlines=("Nobody asked the ferry",), claims_article=True),
            entry,
        ).refused
        == ""
    )


def test_what_an_error_page_of_no_known_language_says_is_not_the_entry() -> None:
    entry = replace(ENTRY, summary=TEASER)
    error = Page(url=URL, title="Barkatu", headlines=("Barkatu",), text="Bilatzen duzun orria ez dago hemen. " * 9)
    assert judge(error, entry).refused == "other_page"
    foreign = replace(error, claims_article=True, published=NOW)
    assert judge(foreign, replace(entry, published=NOW)).refused == ""  # an article in another language than its feed's


@pytest.mark.parametrize(
    ("page", "entry", "evidence"),
    [
        ({"stated_urls": (URL,)}, {}, "states_entry_address"),
        ({"canonical_url": URL}, {}, "states_entry_address"),
        ({"text": LONG + TEASER}, {"summary": TEASER}, "summary_found"),
        ({"description": TEASER}, {"summary": TEASER}, "summary_found"),
        ({"text": LONG}, {"summary": TEASER}, "summary_other"),
        ({"text": LONG}, {"content": TEASER}, "summary_other"),
        ({"published": NOW}, {"published": NOW}, "date_same_minute"),
        ({"published": NOW, "published_day_only": True}, {"published": NOW}, "date_near"),
        ({"published": NOW}, {"published": NOW - timedelta(hours=5)}, "date_near"),
        ({"published": NOW}, {"published": NOW - timedelta(days=5)}, "date_other"),
        ({"claims_article": True}, {}, "claims_article"),
        ({}, {}, "other_site"),
    ],
)
def test_the_evidence_is_named_and_more_of_it_makes_surer(
    page: dict[str, Any], entry: dict[str, Any], evidence: str
) -> None:
    moved = Page(
        url="https://other.example/2026/bridge-of-arden-decided", title="Bridge of Arden", text="It was decided."
    )
    bare, judged = judge(moved, ENTRY), judge(replace(moved, **page), replace(ENTRY, **entry))
    assert evidence in judged.evidence
    without = [each for each in judged.evidence if each != evidence]
    surer = WEIGHTS[evidence] > 0
    assert judged.confidence == pytest.approx(_confidence(judged.evidence), abs=0.001)
    assert (_confidence(judged.evidence) > _confidence(without)) == surer
    assert 0 < bare.confidence < 1


def _confidence(evidence: Iterable[str]) -> float:
    return float(1 / (1 + 10 ** -sum(WEIGHTS[each] for each in evidence)))


def test_a_text_that_is_the_feeds_own_is_no_evidence() -> None:
    """Pages with next to no text are given that of their feed (ingest/page/extract)."""
    entry = replace(ENTRY, content=f"{ENTRY.title}. {TEASER}")
    wall = replace(WALL, text=entry.content)
    assert judge(wall, entry).refused == "other_page"
    assert judge(replace(wall, text=entry.content + " And the ferry."), entry).refused == ""


def test_a_short_link_is_no_other_site() -> None:
    assert "other_site" not in judge(PAGE, replace(ENTRY, url="https://bit.ly/3x")).evidence
    assert "other_site" in judge(PAGE, replace(ENTRY, url="https://elsewhere.example/3x")).evidence


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_page_with_the_title_shares_all_of_it(title: str, text: str) -> None:
    assert shared_words(title, text, title) == 1.0
    assert 0 <= shared_words(title, text) <= 1


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("प्रधानमंत्री ने नई रेल योजना की घोषणा की", "बाढ़ से हज़ारों किसानों की फसलें डूबीं"),
        ("প্রধানমন্ত্রী নতুন রেল প্রকল্প ঘোষণা করেছেন", "বন্যায় হাজারো কৃষকের ফসল ডুবে গেছে"),
        ("பிரதமர் புதிய ரயில் திட்டத்தை அறிவித்தார்", "வெள்ளத்தில் விவசாயிகளின் பயிர்கள் மூழ்கின"),
        ("ప్రధానమంత్రి కొత్త రైలు పథకాన్ని ప్రకటించారు", "వరదలో రైతుల పంటలు మునిగిపోయాయి"),
    ],
    ids=["hi", "bn", "ta", "te"],
)
def test_words_with_vowel_signs_tell_headlines_apart(title: str, other: str) -> None:
    """Python 3.11's re ends a word at each vowel sign, so that no word was left that is long enough to be compared
    (findings/words-of-hindi.sh; Unicode Technical Standard 18, annex C: marks belong to \\w)."""
    assert shared_words(title, f"{title} | समाचार") == 1.0
    assert shared_words(title, other) < 0.25
