"""`newsloom feeds status`: the state of each feed, read from Kafka; of a single feed also its last events."""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import click
import msgspec

from ingest.boilerplate import layout_drift
from ingest.urls import folder_of
from newsloom import terminal
from newsloom.local_run import run_addresses
from newsloom.times import DAYS, SECONDS, show_time
from pipeline.failures import Poison
from pipeline.feed_state import describe_reading, is_overdue
from pipeline.kafka import broker
from pipeline.messages import FEEDS, FeedState
from pipeline.settings import Settings


@click.command()
@click.argument("part", default="")
@run_addresses.DATA_OPTION
@click.option("--failing", is_flag=True, help="Only feeds whose last poll failed, that are gone or that lied.")
@click.option("--silent", is_flag=True, help="Only feeds that have fallen silent.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a feed, for programs.")
def status(part: str, data: Path, failing: bool, silent: bool, as_json: bool) -> None:
    """How each feed is: health, pace, next poll. PART of a URL or name chooses; of a single one, its last events."""
    options = run_addresses.settings_for_run(data)
    states = [state for state in read_states(options) if _chosen(state, part) and _troubled(state, failing, silent)]
    if not states and part:
        raise Poison("no_such_feed", f"no feed has {part!r} in its URL or name")
    if as_json:
        for state in states:
            terminal.say_json(summary(state))
        return
    zone = options.display.zone()
    with terminal.paged_screen(options.display.pager) as screen:
        screen.draw(states_table(states, datetime.now(UTC), zone))
        if len(states) == 1:
            screen.draw(events_table(states[0], zone))


def read_states(options: Settings) -> list[FeedState]:
    """The newest state of every feed, by URL. Raises Unavailable."""
    newest: dict[bytes | None, bytes | None] = {}
    for record in broker.read_topic(options.kafka, FEEDS):
        newest[record.key] = record.value
    decoded = [broker.decode_or_none(value, FeedState) for value in newest.values() if value]
    states = [state for state in decoded if state is not None]
    if unreadable := len(decoded) - len(states):
        terminal.complain(f"{unreadable} unreadable messages on the topic were left out")
    return sorted(states, key=lambda state: state.url)


def _chosen(state: FeedState, part: str) -> bool:
    return part.lower() in state.url.lower() or part.lower() in state.name.lower()


def _troubled(state: FeedState, failing: bool, silent: bool) -> bool:
    """Whether it has one of the troubles that are asked for; where none is, each feed has."""
    fails = failing and bool(state.failures or state.gone_at or state.distrusted)
    return fails or (silent and state.silent_since is not None) or not (failing or silent)


def health(state: FeedState, now: datetime, zone: tzinfo = UTC) -> str:
    """The feed's health in a few words; "fine" when there is nothing to say. Where nobody polls it is not known."""
    if state.gone_at is not None:
        return f"gone (410) since {show_time(state.gone_at, zone, DAYS)}"
    if not state.active:
        return "not on the list, or paused"
    if state.polls == 0:
        return "not polled yet"
    return "; ".join([*_overdue(state.next_poll_at, now, zone), *_remarks(state, zone)]) or "fine"


def _overdue(due: datetime | None, now: datetime, zone: tzinfo) -> Iterator[str]:
    if due is not None and is_overdue(due, now):
        yield f"should have been polled at {show_time(due, zone)}: does a poller run?"


def _remarks(state: FeedState, zone: tzinfo) -> Iterator[str]:
    yield from describe_reading(state)
    if waiting := sum(1 for each in state.sitemaps if each.read_at is None):
        yield f"{waiting} of its {len(state.sitemaps)} sitemaps not read yet"
    if state.gaps:
        yield f"{state.gaps} gaps"
    if drift := layout_drift.describe_drift(state.page_statistics):
        yield drift
    if state.silent_since is not None:
        since = show_time(state.silent_since, zone)
        yield f"silent since {since}, usually {state.rhythm.missing:.0f} new entries in this time"


def states_table(states: list[FeedState], now: datetime, zone: tzinfo = UTC) -> terminal.Drawing:
    """A table with some lines for each feed: name, address, pace and counts, health."""
    return terminal.table([terminal.Column(fold=True)], [(_lines(state, now, zone),) for state in states])


def _lines(state: FeedState, now: datetime, zone: tzinfo) -> tuple[str | terminal.Styled, ...]:
    every = f"every {_duration(state.interval)}, " if state.interval > 0 else ""
    pace = f"{every}next poll {_in(state.next_poll_at, now)}; " if state.active else ""
    counts = f"{state.polls} polls, {state.articles} articles, {len(state.pending)} waiting"
    if state.day_expected >= 1:
        counts += f"; {state.day_seen:.0f} new in about a day, usually {state.day_expected:.0f}"
    found = health(state, now, zone)
    return (
        terminal.Styled(state.name, "bold"),
        terminal.Styled(f"  {folder_of(state.url) or state.url}", "blue"),
        terminal.Styled(f"  {pace}{counts}", "dim"),
        terminal.Styled(f"  {found}", "green" if found == "fine" else "red" if state.failures else ""),
    )


def events_table(state: FeedState, zone: tzinfo = UTC) -> terminal.Drawing:
    """A table of the outcomes of a feed's last polls; those that brought nothing are not among the events."""
    rows = [
        (show_time(each.at, zone, SECONDS), each.outcome, str(each.new), str(each.shown), each.detail)
        for each in state.events
    ]
    return terminal.table(["when", "outcome", "new", "shown", "detail"], rows, title="last events")


def summary(state: FeedState) -> dict[str, object]:
    """The state as a dictionary, with counts in place of its entries, which are many."""
    found = msgspec.structs.asdict(state)
    return {**found, "seen": len(state.seen), "pending": len(state.pending), "sitemaps": len(state.sitemaps)}


def _in(when: datetime | None, now: datetime) -> str:
    if when is None or when <= now:
        return "now"
    return f"in {_duration((when - now).total_seconds())}"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
