"""An article's way from the facts: its steps, and how it ends. Pure.

In: Facts, the present time and the zone in which times are told. Out: a Way.
"""

from datetime import datetime, tzinfo

from newsloom.trace.facts import Facts
from newsloom.trace.site_steps import site_steps
from newsloom.trace.source_steps import article_steps, feed_steps, letter_steps, newest_known, page_steps
from newsloom.trace.stage_steps import is_deleted, stage_steps
from newsloom.trace.step import Ending, Step, Way

STAGES = frozenset({"annotate", "stories", "index"})


def tell(facts: Facts, now: datetime, zone: tzinfo) -> Way:
    """The way of the article that was asked for, as far as it is known."""
    if facts.others and not facts.article:
        return _several(facts)
    steps = _steps(facts, now, zone)
    ending = _ending(facts, steps, now)
    article = newest_known(facts)
    return Way(
        asked=facts.question.typed,
        ending=ending,
        summary=_summary(facts, ending, steps),
        article=facts.article,
        title=article.title if article else "",
        url=article.url if article else next(iter(facts.question.addresses), ""),
        steps=tuple(steps),
        do=_advice(facts, ending),
        searched=tuple(each.in_words() for each in facts.searched),
        problems=tuple(text for _, text in facts.problems),
    )


def _steps(facts: Facts, now: datetime, zone: tzinfo) -> list[Step]:
    of_page = tuple(each for each in facts.letters if each.stage not in STAGES)
    nothing_after = not facts.article and not any(each.pending for each in facts.shown_by)
    if not facts.article and not facts.shown_by and not facts.letters:
        return list(site_steps(facts, zone))
    return [
        *feed_steps(facts),
        *page_steps(facts, zone),
        *letter_steps(of_page, ended=nothing_after),
        *article_steps(facts),
        *stage_steps(facts, now),
    ]


def _ending(facts: Facts, steps: list[Step], now: datetime) -> Ending:
    if facts.indexed is not None:
        return "searchable"
    if any(each.name in STAGES and each.state == "waiting" for each in steps):
        return "waiting"
    if any(map(_is_dead, steps)):
        return "dead"
    if facts.article:
        return "undecided" if facts.problems else "deleted" if is_deleted(facts, now) else "missing"
    return _ending_without_article(facts)


def _ending_without_article(facts: Facts) -> Ending:
    if facts.shown_by:
        return "waiting" if any(each.pending for each in facts.shown_by) else "not_published"
    if facts.problems:
        return "undecided"
    return "never_shown" if facts.feeds else "unknown_site"


def _is_dead(step: Step) -> bool:
    return step.state == "ended" and step.text.startswith("dead letter")


def _several(facts: Facts) -> Way:
    steps = tuple(Step(name="article", state="note", text=each) for each in facts.others)
    summary = f"{len(steps)} articles or more are meant by {facts.question.typed}"
    problems = tuple(text for _, text in facts.problems)
    return Way(asked=facts.question.typed, ending="several", summary=summary, steps=steps, problems=problems)


def _summary(facts: Facts, ending: Ending, steps: list[Step]) -> str:
    site = facts.question.host
    last = next((each.text for each in reversed(steps) if each.state in ("waiting", "ended", "unknown")), "")
    letter = next((each.text for each in reversed(steps) if _is_dead(each)), "")
    words: dict[Ending, str] = {
        "searchable": "it is searchable",
        "waiting": f"it is on its way: {last}",
        "dead": f"it is not there: {letter}",
        "not_published": f"it was shown, and not published: {last}",
        "deleted": f"it was published, and is deleted: {last}",
        "missing": f"it was published, and is not there: {last}",
        "never_shown": f"no feed of {site} that we have has shown it (as far as they remember)",
        "unknown_site": f"we have no feed of {site}" if site else f"no article's id begins with {facts.question.typed}",
        "undecided": f"what became of it can't be told while a server is away{f': {last}' if last else ''}",
    }
    if ending == "searchable" and facts.indexed and facts.indexed.article.revision < facts.revision:
        return f"it is searchable, but not its newest revision: {last}" if last else "an older revision is searchable"
    return words[ending]


def _advice(facts: Facts, ending: Ending) -> str:
    if ending == "unknown_site" and facts.question.host:
        return f"newsloom feeds discover https://{facts.question.host}"
    if ending == "several":
        return "type more of the id"
    if ending in ("never_shown", "missing", "undecided") and any(each.cut for each in facts.searched):
        return "newsloom trace --all reads the topics as a whole"
    return ""
