"""Every end that an article's way can have, told from invented facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from ingest.urls import article_id
from newsloom.trace import way
from newsloom.trace.facts import Facts, Searched, ShownBy
from newsloom.trace.gather import LettersAbout
from newsloom.trace.question import read_question
from newsloom.trace.words import ANSWERS, EVIDENCE, OUTCOMES
from pipeline.feed_state import FeedError, FeedEvent
from pipeline.messages import FeedState
from tests.newsloom.trace.invented_facts import (
    AN_HOUR_AGO,
    ANNOTATED,
    ENRICHED,
    FEED,
    ID,
    NOW,
    ON_ENRICHED,
    PENDING,
    QUESTION,
    SEEN,
    SHOWN,
    URL,
    ends,
    indexed,
    letter,
    lines,
    published,
    told,
)


def test_searchable() -> None:
    found = told(published=published(), annotated=ANNOTATED, enriched=ON_ENRICHED, indexed=indexed())
    assert ends(found) == ("searchable", "index", "done")
    assert [each.name for each in found.steps] == ["feed", "page", "article", "annotate", "stories", "index"]
    assert (found.article, found.title, found.url) == (ID, ENRICHED.title, URL)
    assert "its headline is the feed's" in lines(found)


def test_searchable_in_an_older_revision_while_the_newer_one_waits_or_died() -> None:
    newer = published(handled=False, revision=2, changed=("text",))
    waits = told(published=newer, indexed=indexed())
    assert (waits.ending, waits.steps[-1].name) == ("searchable", "index")
    assert "searchable in news-articles-2026.11: revision 1; revision 2 is not" in lines(waits)
    assert waits.summary == "it is searchable, but not its newest revision: waits for annotate: it is next"
    dead = told(
        published=replace(newer, handled=True), indexed=indexed(), letters=(letter("annotate", "news.articles"),)
    )
    assert "not its newest revision: dead letter" in dead.summary


def test_it_waits_for_each_stage() -> None:
    annotate = told(published=published(handled=False, before=3))
    assert ends(annotate) == ("waiting", "annotate", "waiting")
    assert "3 messages of its partition before it" in lines(annotate)
    stories = told(published=published(), annotated=replace(ANNOTATED, handled=False))
    assert ends(stories) == ("waiting", "stories", "waiting")
    index = told(published=published(), annotated=ANNOTATED, enriched=replace(ON_ENRICHED, handled=False))
    assert ends(index) == ("waiting", "index", "waiting")
    within_seconds = told(published=published(), enriched=replace(ON_ENRICHED, at=NOW - timedelta(seconds=2)))
    assert ends(within_seconds) == ("waiting", "index", "waiting")


@pytest.mark.parametrize(
    ("stage", "topic", "facts"),
    [
        ("annotate", "news.articles", {"published": published()}),
        ("stories", "news.annotated", {"published": published(), "annotated": ANNOTATED}),
        ("index", "news.enriched", {"published": published(), "annotated": ANNOTATED, "enriched": ON_ENRICHED}),
    ],
)
def test_a_dead_letter_of_each_stage(stage: str, topic: str, facts: dict[str, Any]) -> None:
    found = told(**facts, letters=(letter(stage, topic),))
    assert ends(found) == ("dead", stage, "ended")
    assert f"newsloom dead replay --stage {stage} --reason bug" in lines(found)
    alone = told(shown_by=(), letters=(letter(stage, topic),))
    assert ends(alone) == ("dead", stage, "ended")


def test_a_letter_from_before_a_replay_is_only_noted() -> None:
    again = replace(published(handled=False), offset=9)
    found = told(published=again, letters=(letter("annotate", "news.articles"),))
    assert ends(found) == ("waiting", "annotate", "waiting")
    done = told(published=again, indexed=indexed(), letters=(letter("annotate", "news.articles"),))
    assert done.ending == "searchable"
    assert [each.state for each in done.steps if "dead letter" in each.text] == ["note"]


def test_what_became_of_it_was_not_found() -> None:
    found = told(published=published())
    assert (ends(found), found.do) == (("missing", "annotate", "unknown"), "")
    cut = told(published=published(), searched=(Searched("news.annotated", 20_000, 90_000, True),))
    assert cut.do.startswith("newsloom trace --all")
    assert cut.searched == ("news.annotated: read 20000 of 90000 messages, no more than that",)


def test_deleted_by_retention() -> None:
    long_ago = datetime(2026, 8, 3, tzinfo=UTC)
    seen = (ShownBy(FEED, msgspec.structs.replace(SEEN, first_seen_at=long_ago)),)
    found = told(shown_by=seen, months=("2026.10", "2026.11"))
    assert ends(found) == ("deleted", "index", "ended")
    assert "the index has 2026.10 to 2026.11" in lines(found)
    assert told(shown_by=seen, months=()).ending == "deleted"
    assert told(shown_by=seen, months=("2026.07", "2026.11")).ending == "missing"
    assert told(months=()).ending == "missing"


def test_an_index_that_lost_it() -> None:
    found = told(published=published(), annotated=ANNOTATED, enriched=ON_ENRICHED)
    assert ends(found) == ("missing", "index", "ended")
    assert "newsloom rewind index" in lines(found)


def test_it_waits_for_its_page() -> None:
    error = FeedError(kind="timeout", detail="no answer in 30 s", at=AN_HOUR_AGO)
    waiting = msgspec.structs.replace(PENDING, attempts=2, error=error)
    found = told(shown_by=(ShownBy(FEED, None, waiting),))
    assert ends(found) == ("waiting", "page", "waiting")
    assert "2 attempts so far" in lines(found)
    assert "its server did not answer in time (no answer in 30 s)" in lines(found)
    first = told(shown_by=(ShownBy(FEED, None, PENDING),))
    assert "0 attempts so far" in lines(first)


def test_it_waits_for_its_page_while_its_feeds_text_is_searchable() -> None:
    text = {"text_from": "feed", "page_answer": "503", "belonging": None, "belonging_reasons": ()}
    pending = msgspec.structs.replace(PENDING, published_as=SEEN)
    found = told(shown_by=(ShownBy(FEED, None, pending),), indexed=indexed(**text))
    assert found.ending == "searchable"
    assert "its feed's text was published meanwhile" in lines(found)
    assert "because its page was not to be had (HTTP 503)" in lines(found)


@pytest.mark.parametrize("reason", ["other_page", "no_article_page", "unreadable_page"])
def test_a_page_that_was_not_believed(reason: str) -> None:
    text = {"text_from": "feed", "belonging_reasons": (reason, "redirected", "headline_other")}
    found = told(indexed=indexed(**text))
    assert f"HTTP 200, and not believed: {OUTCOMES[reason]}" in lines(found)
    assert EVIDENCE["headline_other"] in lines(found)


@pytest.mark.parametrize("answer", [*ANSWERS, "404"])
def test_a_page_that_could_not_be_had_and_a_feed_without_text(answer: str) -> None:
    seen = msgspec.structs.replace(SEEN, article="", revision=0, answer=answer, outcome="http")
    found = told(shown_by=(ShownBy(FEED, seen),))
    assert ends(found) == ("not_published", "article", "ended")
    assert f"its page was not to be had ({ANSWERS.get(answer, 'HTTP 404')})" in found.summary


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_entry_of_which_nothing_was_published(outcome: str) -> None:
    seen = msgspec.structs.replace(SEEN, article="", revision=0, outcome=outcome)
    assert OUTCOMES[outcome] in told(shown_by=(ShownBy(FEED, seen),)).summary
    plain = msgspec.structs.replace(seen, outcome="")
    assert "not asked for: a front page" in lines(told(shown_by=(ShownBy(FEED, plain),)))


def test_a_dead_letter_of_a_page() -> None:
    dead = letter("ingest", subject=URL, original_size=3)
    found = told(shown_by=(), letters=(dead,))
    assert ends(found) == ("dead", "page", "ended")
    assert "--original writes the page's bytes" in lines(found)
    long_ago = msgspec.structs.replace(SEEN, first_seen_at=datetime(2026, 8, 3, tzinfo=UTC))
    assert told(shown_by=(ShownBy(FEED, long_ago),), letters=(dead,)).ending == "deleted"
    beside = told(indexed=indexed(), letters=(dead,))
    assert (beside.ending, beside.steps[2].state) == ("searchable", "note")


def test_the_same_article_under_another_address_and_of_another_feed() -> None:
    other = "https://paper.example/2026/harbour"
    known = ShownBy(FEED, msgspec.structs.replace(SEEN, outcome="known"))
    found = told(shown_by=(known,), indexed=indexed(id=article_id(other), url=other))
    assert f"known at another address than the one asked for: {other}" in lines(found)
    assert "another feed had brought the article before" in lines(found)


def test_another_article_at_such_an_address_is_named() -> None:
    found = told(indexed=indexed(), others=("abcd: Another (http://paper.example/harbour)",))
    assert "another article at such an address: abcd: Another" in lines(found)


def test_many_feeds_are_counted() -> None:
    assert "shown by 2 more feeds" in lines(told(shown_by=SHOWN * 5, indexed=indexed()))


def test_an_article_of_no_feed() -> None:
    assert "from no feed (an archive)" in lines(told(shown_by=(), indexed=indexed(feed_url="")))


GONE = msgspec.structs.replace(FEED, active=False, gone_at=AN_HOUR_AGO)
FAILING = msgspec.structs.replace(
    FEED, failures=3, error=FeedError(kind="http", detail="HTTP status 403", at=AN_HOUR_AGO)
)
GAP = msgspec.structs.replace(FEED, gaps=1, events=(FeedEvent(at=AN_HOUR_AGO, outcome="gap", new=5, shown=5),))


@pytest.mark.parametrize(
    ("feed", "trouble"),
    [
        (FEED, "fine"),
        (GONE, "gone (410) since"),
        (msgspec.structs.replace(FEED, active=False), "not on the list any more"),
        (msgspec.structs.replace(FEED, last_success_at=None), "never read yet"),
        (FAILING, "3 failures in a row: its server sent an error (HTTP status 403)"),
        (GAP, "1 gap, the last at 2026-11-30 11:00 UTC: what came between was not seen"),
    ],
)
def test_an_address_that_no_feed_has_shown(feed: FeedState, trouble: str) -> None:
    found = told(shown_by=(), feeds=(feed,))
    assert ends(found)[:2] == ("never_shown", "site")
    assert f"The Paper: https://paper.example/rss: {trouble}" in lines(found)
    assert "no feed of paper.example that we have has shown it" in found.summary


def test_feeds_in_trouble_come_first_and_many_are_counted() -> None:
    many = tuple(msgspec.structs.replace(FEED, url=f"https://paper.example/{number}") for number in range(7))
    found = told(shown_by=(), feeds=(*many, GONE))
    assert "gone (410)" in found.steps[0].text
    assert found.steps[-1].text == "3 more feeds of this site"


def test_what_robots_txt_forbade_is_counted() -> None:
    forbidden = msgspec.structs.replace(FEED, seen=(msgspec.structs.replace(SEEN, answer="robots"),) * 2, cut=4)
    shown = lines(told(shown_by=(), feeds=(forbidden,)))
    assert "robots.txt forbade 2 pages that it showed" in shown
    assert "4 entries of its last answer were too many" in shown


def test_an_unknown_site_and_an_unknown_id() -> None:
    site = told(shown_by=())
    assert (site.ending, site.do) == ("unknown_site", "newsloom feeds discover https://paper.example")
    id_ = way.tell(Facts(read_question("abcd")), NOW, UTC)
    assert (id_.ending, id_.summary, id_.do) == ("unknown_site", "no article's id begins with abcd", "")


def test_the_beginning_of_several_ids() -> None:
    found = way.tell(Facts(read_question("abcd"), others=("abcd1: One", "abcd2: Two")), NOW, UTC)
    assert (found.ending, [each.text for each in found.steps]) == ("several", ["abcd1: One", "abcd2: Two"])


AWAY = {"problems": (("elasticsearch", "elasticsearch is unavailable: gone"),), "months": ()}


def test_nothing_is_said_that_only_a_server_that_is_away_could_tell() -> None:
    assert told(published=published(), enriched=ON_ENRICHED, **AWAY).ending == "undecided"
    assert told(shown_by=(), feeds=(FEED,), **AWAY).ending == "undecided"
    assert told(**AWAY).ending == "undecided"
    waits = told(published=published(handled=False), **AWAY)
    assert (waits.ending, waits.problems) == ("waiting", ("elasticsearch is unavailable: gone",))
    kafka = {"problems": (("kafka", "kafka is unavailable"),)}
    assert told(shown_by=(), indexed=indexed(), **kafka).ending == "searchable"
    assert told(shown_by=(), feeds=(FEED,), **kafka).ending == "undecided"


def test_which_dead_letters_are_about_the_article() -> None:
    facts = Facts(QUESTION, shown_by=SHOWN, published=published())
    about = LettersAbout.of(facts)
    other = article_id("https://paper.example/other")
    original = b'{"id":"' + ID.encode() + b'"}'
    assert about.is_meant(letter("annotate", "news.articles", subject=other))  # by its place
    assert about.is_meant(letter("index", "news.enriched", subject=ID))
    assert about.is_meant(letter("stories", "news.annotated", subject="en", original=original))  # before 2026-12
    assert about.is_meant(letter("ingest", subject=f"{URL}?utm_source=feed"))
    assert not about.is_meant(letter("stories", "news.annotated", subject="en", original=b"{}"))
    assert not about.is_meant(letter("watch", "news.watch-hits", subject=other, original=original))
    assert not about.is_meant(letter("ingest", subject="https://paper.example/other", original=original))
