"""Which articles are new to which watch, and why."""

import itertools
import random
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from index.searching.article_search import ArticleSummary
from index.searching.watch_search import Match
from pipeline.messages import Enriched
from pipeline.watch_messages import Watch, WatchHit
from tests.index.samples import OCTOBER, enriched
from tests.watches.samples import NOON, watch
from watches.new_hits import ToldArticles, indexed_articles, new_hits

HARBOUR = watch("harbour", "harbour")


def match(article: Enriched, name: str = "harbour") -> Match:
    facts: dict[str, Any] = {field: getattr(article, field) for field in ("id", "url", "title", "source", "story")}
    date: datetime = article.published_at or article.first_seen_at
    return Match(name, ArticleSummary(**facts, source_name="The Paper", language="en", date=date))


def look(*articles: Enriched, told: ToldArticles | None = None, by: Watch = HARBOUR) -> list[WatchHit]:
    """What is new of one look at these articles, all of which the watch finds; it counts as told then."""
    newest = {each.id: each for each in sorted(articles, key=lambda article: article.revision)}
    remembered = told or ToldArticles()
    matches = [match(each, by.name) for each in newest.values()]
    found = new_hits(matches, {by.name: by}, indexed_articles(articles), remembered, NOON)
    for each in found:
        remembered.add(each)
    return found


def test_an_article_is_told_once() -> None:
    told = ToldArticles()
    [first] = look(enriched("a"), told=told)
    assert (first.article, first.changed, first.found_at) == ("a", (), NOON)
    assert look(enriched("a"), told=told) == []
    assert look(enriched("a", revision=2, changed=("title",)), told=told) == []


def test_each_watch_is_told() -> None:
    articles = indexed_articles([enriched("a")])
    both = {"harbour": HARBOUR, "ships": watch("ships", "ships")}
    found = new_hits([match(enriched("a"), name) for name in both], both, articles, ToldArticles(), NOON)
    assert {each.watch for each in found} == {"harbour", "ships"}
    assert len({each.id for each in found}) == 2


def test_of_copies_the_original_is_told_whatever_the_order() -> None:
    copy, original = enriched("a", duplicate_of="b"), enriched("b")
    assert [each.article for each in look(copy, original)] == ["b"]
    told = ToldArticles()
    assert [each.article for each in look(copy, told=told)] == ["a"]
    assert look(original, told=told) == []
    assert look(enriched("c", duplicate_of="b"), told=told) == []


def test_what_was_told_and_turns_out_to_be_a_copy_is_not_told_again() -> None:
    told = ToldArticles()
    look(enriched("a"), told=told)
    assert look(enriched("a", enricher=2, duplicate_of="b"), told=told) == []


def test_a_changed_title_or_text_is_told_again_where_that_is_wanted() -> None:
    again, told = watch("harbour", "harbour", revisions=True), ToldArticles()
    look(enriched("a"), told=told, by=again)
    assert look(enriched("a", revision=2, changed=("date",)), told=told, by=again) == []
    [changed] = look(enriched("a", revision=3, changed=("text", "title", "date")), told=told, by=again)
    assert changed.changed == ("text", "title")
    assert changed.revision == 3
    assert look(enriched("a", revision=3, changed=("text", "title")), told=told, by=again) == []


def test_of_several_revisions_in_one_look_the_changes_of_all_count() -> None:
    again, told = watch("harbour", "harbour", revisions=True), ToldArticles()
    look(enriched("a"), told=told, by=again)
    revisions = [enriched("a", revision=3, changed=("date",)), enriched("a", revision=2, changed=("title",))]
    [changed] = look(*revisions, told=told, by=again)
    assert (changed.revision, changed.changed) == (3, ("title",))


def test_a_revision_that_first_matches_is_new() -> None:
    assert [each.changed for each in look(enriched("a", revision=2, changed=("title",)))] == [()]


def test_what_was_fetched_before_the_watch_was_made_is_not_told() -> None:
    late = watch("harbour", "harbour", since=OCTOBER + timedelta(seconds=1))
    assert look(enriched("a"), by=late) == []
    assert len(look(enriched("a", fetched_at=late.since), by=late)) == 1


def test_a_hit_names_the_outputs_that_the_watch_had() -> None:
    loud = watch("harbour", "harbour", webhook="http://127.0.0.1/", mail=("desk@example.org",))
    assert [each.outputs for each in look(enriched("a"), by=loud)] == [("webhook", "mail")]
    assert [each.outputs for each in look(enriched("a"))] == [()]


def test_what_is_old_is_forgotten_and_nothing_else() -> None:
    told = ToldArticles()
    look(enriched("a"), told=told)
    told.forget_before(NOON)
    assert told.revision("harbour", "a") == 1
    told.forget_before(NOON + timedelta(seconds=1))
    assert told.revision("harbour", "a") is None


ORIGINALS = st.sets(st.sampled_from("abc"))
COPIES = st.dictionaries(st.sampled_from("defg"), st.sampled_from("abc"))


@given(ORIGINALS, COPIES, st.lists(st.integers(0, 5), max_size=5), st.randoms())
def test_however_the_articles_come_each_group_is_told_exactly_once(
    originals: set[str], copies: dict[str, str], cuts: list[int], chance: random.Random
) -> None:
    articles = [enriched(id_, duplicate_of=copies.get(id_)) for id_ in sorted({*originals, *copies})]
    chance.shuffle(articles)
    told, found = ToldArticles(), []
    for start, end in itertools.pairwise(sorted({0, *cuts, len(articles)})):
        found += look(*articles[start:end], told=told)
    assert sorted(each.group for each in found) == sorted(originals | set(copies.values()))
