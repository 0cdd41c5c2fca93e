"""What is told of an address that no feed has shown: the feeds of its site, and whether they can have shown it. Pure.

In: Facts, a time zone. Out: Steps, one for each feed, those first that are most likely to be at fault.
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from newsloom.times import SECONDS, show_time
from newsloom.trace.facts import Facts
from newsloom.trace.step import Step
from newsloom.trace.words import answer_in_words, count_of
from pipeline.feed_state import FeedEvent
from pipeline.messages import FeedState

MOST_FEEDS = 5
MOST_EVENTS = 5
# events that tell of entries that were never seen
LOSSES = frozenset({"gap"})


def site_steps(facts: Facts, zone: tzinfo) -> Iterator[Step]:
    """The feeds of the site, those with trouble first."""
    feeds = sorted(facts.feeds, key=lambda feed: (not _troubles(feed, zone), feed.url))
    for feed in feeds[:MOST_FEEDS]:
        yield _feed_step(feed, facts, zone)
    if len(feeds) > MOST_FEEDS:
        text = f"{count_of(len(feeds) - MOST_FEEDS, 'more feed')} of this site"
        yield Step(name="site", state="note", text=text, do=f"newsloom feeds status {facts.question.host}")


def _feed_step(feed: FeedState, facts: Facts, zone: tzinfo) -> Step:
    troubles = _troubles(feed, zone)
    known = "" if facts.problem("kafka") else f"; {_entries(len(feed.seen) + len(feed.pending))} remembered"
    text = f"{feed.name}: {feed.url}: {'; '.join(troubles) or 'fine'}"
    notes = [_pace(feed, zone) + known]
    if forbidden := sum(each.answer == "robots" for each in feed.seen):
        notes.append(f"robots.txt forbade {count_of(forbidden, 'page')} that it showed")
    if feed.cut:
        notes.append(f"{_entries(feed.cut)} of its last answer were too many")
    notes += [f"{show_time(each.at, zone, SECONDS)}  {_event(each)}" for each in feed.events[-MOST_EVENTS:]]
    return Step(
        name="site",
        state="ended" if troubles else "note",
        text=text,
        at=feed.last_poll_at,
        notes=tuple(notes),
        do=_advice(feed),
    )


def _troubles(feed: FeedState, zone: tzinfo) -> list[str]:
    """Why it may not have shown the article; none where it is well."""
    if feed.gone_at is not None:
        return [f"gone (410) since {show_time(feed.gone_at, zone)}"]
    if not feed.active:
        return ["not on the list any more"]
    if feed.last_success_at is None:
        return ["never read yet" if feed.error is None else f"never read yet: {_error(feed)}"]
    found = [f"{count_of(feed.failures, 'failure')} in a row: {_error(feed)}"] if feed.failures else []
    if last := _last_gap(feed):
        found.append(
            f"{count_of(feed.gaps, 'gap')}, the last at {show_time(last, zone)}: what came between was not seen"
        )
    return found


def _entries(number: int) -> str:
    return count_of(number, "entry", "entries")


def _error(feed: FeedState) -> str:
    if feed.error is None:
        return "for a reason that is not known"
    return f"{answer_in_words(feed.error.kind)} ({feed.error.detail})"


def _last_gap(feed: FeedState) -> datetime | None:
    return next((each.at for each in reversed(feed.events) if each.outcome in LOSSES), None)


def _pace(feed: FeedState, zone: tzinfo) -> str:
    polled = f"last polled {show_time(feed.last_poll_at, zone, SECONDS)}" if feed.last_poll_at else "never polled"
    if feed.last_success_at and feed.last_success_at != feed.last_poll_at:
        polled += f", last answered {show_time(feed.last_success_at, zone, SECONDS)}"
    due = f", next {show_time(feed.next_poll_at, zone, SECONDS)}" if feed.next_poll_at and feed.active else ""
    return f"{polled}{due}; {_entries(feed.shown)} in its last whole answer"


def _event(event: FeedEvent) -> str:
    counts = f": {event.new} new of {event.shown}" if event.shown else ""
    return f"{event.outcome}{counts}{f' ({event.detail})' if event.detail else ''}"


def _advice(feed: FeedState) -> str:
    if feed.gone_at is not None or not feed.active:
        return f"newsloom feeds discover {'/'.join(feed.url.split('/')[:3])} finds what the site has now"
    return f"newsloom feeds test {feed.location or feed.url} shows what it has now"
