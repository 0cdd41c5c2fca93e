"""The first steps of an article's way: the feeds that showed it, its page, and what was published of it. Pure.

In: Facts and a time zone. Out: Steps.
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from index.writing.article_document import ArticleBody
from newsloom.times import SECONDS, show_time
from newsloom.trace.facts import Facts, ShownBy
from newsloom.trace.step import Step
from newsloom.trace.words import answer_in_words, count_of, evidence_in_words, outcome_in_words
from pipeline.messages import Article, DeadLetter

MOST_FEEDS = 3  # that showed the article; more are counted
MOST_OTHERS = 3  # articles that may be meant as well
REFUSALS = ("other_page", "no_article_page", "unreadable_page")


def newest_known(facts: Facts) -> Article | ArticleBody | None:
    """The article as it is known best: its newest message, or its document."""
    known: list[Article | ArticleBody] = [each.message for each in (facts.published, facts.annotated) if each]
    known += [facts.enriched.message] if facts.enriched else []
    known += [facts.indexed.article] if facts.indexed else []
    return max(known, key=lambda each: each.revision, default=None)


def feed_steps(facts: Facts) -> Iterator[Step]:
    """Which feeds showed the article, the first that did before the others."""
    for each in facts.shown_by[:MOST_FEEDS]:
        text = f"shown by {each.feed.name}: {each.feed.url}"
        known = each.seen and each.seen.outcome == "known"
        yield Step(name="feed", state="done", text=text, at=each.since, notes=(_ALREADY_KNOWN,) if known else ())
    if (more := len(facts.shown_by) - MOST_FEEDS) > 0:
        yield Step(name="feed", state="done", text=f"shown by {count_of(more, 'more feed')}")
    article = newest_known(facts)
    if not facts.shown_by and article is not None:
        text = f"from {article.source_name}: {article.feed_url}" if article.feed_url else "from no feed (an archive)"
        yield Step(name="feed", state="done", text=text, at=article.first_seen_at)


_ALREADY_KNOWN = "its page was not asked for: another feed had brought the article before"


def page_steps(facts: Facts, zone: tzinfo) -> Iterator[Step]:
    """How its page was asked for, what came, and whether it was believed."""
    waiting = next((each for each in facts.shown_by if each.pending), None)
    article = newest_known(facts)
    if article is not None and article.text_from == "page":
        yield _page_read(article)
    elif article is not None and article.page_answer:
        yield _page_not_used(article)
    elif article is None and not waiting:
        yield from map(_page_remembered, facts.shown_by[:1])
    if waiting:
        yield _page_waits(waiting, zone)


def _page_read(article: Article | ArticleBody) -> Step:
    answer = answer_in_words(article.page_answer) if article.page_answer else "fetched"
    notes = [f"also known as {each}" for each in article.other_urls]
    if article.belonging is not None:
        sure = f"believed to be the page that the feed means (confidence {article.belonging:.3f})"
        notes.append(f"{sure}: {evidence_in_words(article.belonging_reasons)}")
    return Step(name="page", state="done", text=answer, at=article.fetched_at, notes=tuple(notes))


def _page_not_used(article: Article | ArticleBody) -> Step:
    """The page of an article that was published from its feed's text."""
    refusal = next((each for each in article.belonging_reasons[:1] if each in REFUSALS), "")
    text = answer_in_words(article.page_answer)
    if not refusal:
        return Step(name="page", state="note", text=f"not to be had: {text}", at=article.fetched_at)
    evidence = evidence_in_words(article.belonging_reasons)
    notes = (f"what speaks for and against it: {evidence}",) if evidence else ()
    text = f"{text}, and not believed: {outcome_in_words(refusal, '')}"
    return Step(name="page", state="note", text=text, at=article.fetched_at, notes=notes)


def _page_remembered(shown: ShownBy) -> Step:
    """What its feed remembers of an entry of which no message is there: nothing was published, or that is long ago."""
    seen = shown.seen
    if seen is None or (not seen.article and not seen.outcome):
        text = "not asked for: a front page, a list of articles, or an old page of a sitemap"
        return Step(name="page", state="ended" if seen else "unknown", text=text)
    answer = answer_in_words(seen.answer or "200")
    why = f", but {outcome_in_words(seen.outcome, seen.answer)}" if seen.outcome and not seen.answer else ""
    return Step(name="page", state="done" if seen.article else "ended", text=answer + why)


def _page_waits(shown: ShownBy, zone: tzinfo) -> Step:
    pending = shown.pending
    assert pending is not None  # noqa: S101 - chosen for it
    again = "again " if shown.seen else ""
    due = f"to be asked for {again}at {show_time(pending.due_at, zone, SECONDS)}"
    notes = [f"{count_of(pending.attempts, 'attempt')} so far"]
    if pending.error:
        at = show_time(pending.error.at, zone, SECONDS)
        detail = f" ({pending.error.detail})" if pending.error.detail else ""
        notes.append(f"the last, at {at}: {answer_in_words(pending.error.kind)}{detail}")
    if pending.published_as:
        notes.append("its feed's text was published meanwhile")
    return Step(name="page", state="waiting", text=due, at=pending.found_at, notes=tuple(notes))


def article_steps(facts: Facts) -> Iterator[Step]:
    """What was published of it, and as which article."""
    article = newest_known(facts)
    if article is None:
        yield from _article_remembered(facts)
        return
    source = "its page" if article.text_from == "page" else f"its feed's text, because {_why_feed(article)}"
    text = f"revision {article.revision}, of kind {article.kind}, from {source}"
    notes = _changed(article)
    notes += ["its text is not whole: longer than the limit, or a further page is missing"] if article.truncated else []
    if facts.question.addresses and article.id not in facts.question.ids[:1]:
        notes.append(f"known at another address than the one asked for: {article.url}")
    notes += [f"another article at such an address: {each}" for each in facts.others[:MOST_OTHERS]]
    at = facts.published.at if facts.published else article.fetched_at
    yield Step(name="article", state="done", text=text, at=at, notes=tuple(notes))


def _changed(article: Article | ArticleBody) -> list[str]:
    if not article.changed:
        return []
    words = f"`newsloom article {article.id} --revisions` shows the words"
    return [f"changed since the revision before: {', '.join(article.changed)}; {words}"]


def _article_remembered(facts: Facts) -> Iterator[Step]:
    first = next((each for each in facts.shown_by if each.article), None)
    if first is not None:
        text = f"revision {first.revision} of article {facts.article} was published; its message is not found on Kafka"
        yield Step(name="article", state="done", text=text, at=first.since)
    elif facts.shown_by and not any(each.pending for each in facts.shown_by):
        seen = next((each.seen for each in facts.shown_by if each.seen and each.seen.outcome), None)
        why = outcome_in_words(seen.outcome, seen.answer) if seen else ""
        reason = f": {why}, and its feed has no text of it" if why else ""
        yield Step(name="article", state="ended", text=f"nothing was published{reason}")


def _why_feed(article: Article | ArticleBody) -> str:
    refusal = next((each for each in article.belonging_reasons[:1] if each in REFUSALS), "")
    if refusal:
        return outcome_in_words(refusal, "")
    if article.page_answer:
        return f"its page was not to be had ({answer_in_words(article.page_answer)})"
    return "it has no page, or that could not be had"


def letter_steps(letters: tuple[DeadLetter, ...], ended: bool) -> Iterator[Step]:
    """Dead letters of pages; `ended`: nothing came after them."""
    for letter in letters:
        yield letter_step(letter, ended)


def letter_step(letter: DeadLetter, ended: bool) -> Step:
    """A dead letter; `ended`: the article's way ended with it."""
    name = {"annotate": "annotate", "stories": "stories", "index": "index"}.get(letter.stage, "page")
    text = f"dead letter {letter.id[:12]}: {letter.reason}: {letter.detail}"
    if letter.topic:
        do = f"mend the cause, then: newsloom dead replay --stage {letter.stage} --reason {letter.reason}"
    else:
        more = "; --original writes the page's bytes" if letter.original_size else ""
        do = f"newsloom dead show {letter.id[:12]} tells more{more}"
    return Step(
        name=name,  # type: ignore[arg-type]
        state="ended" if ended else "note",
        text=text if ended else f"{text}; it went on since",
        at=letter.failed_at,
        do=do if ended or not letter.topic else "",
    )


def first_time(facts: Facts) -> datetime | None:
    """When the article was first seen."""
    article = newest_known(facts)
    return article.first_seen_at if article else min((each.since for each in facts.shown_by), default=None)
