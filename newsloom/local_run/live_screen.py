"""The live screen of `newsloom run` and the table of `newsloom status`.

In: snapshots of the pipeline's status. Out: a drawing for newsloom/terminal, or one line of text.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from index.searching.article_freshness import Delays
from index.searching.feed_search import Completeness
from newsloom.local_run.pipeline_status import StatusSnapshot, rates
from newsloom.terminal import Column, Drawing, Styled, stack, table
from watches.last_look import ago

MOST_NAMED = 3  # silent feeds
GOOD_OUTCOMES = frozenset({"changed", "unchanged", "fetched"})


def render_screen(
    now: StatusSnapshot, before: StatusSnapshot | None, processes: Sequence[str] = (), page: str = ""
) -> Drawing:
    """The stages, polls and pages, Elasticsearch, and problems: those of `processes` that do not run, then the others.

    Rates come from the snapshot `before`, where there is one. `page`: the address of the page, where there is one.
    """
    problems = [*processes, *now.problems, *now.doubts]
    return stack(_stages(now, before), _facts(now, page), *(Styled(f"! {problem}", "red") for problem in problems))


def render_line(now: StatusSnapshot, processes: Sequence[str] = ()) -> str:
    """The status in one line, for a log. `processes`: what does not run."""
    lag = " ".join(f"{stage}={view.lag}" for stage, view in now.stages.items() if view.lag is not None)
    errors = _errors(now.polls)
    return (
        f"feeds {_feeds(now.feeds)} | published {now.published} | "
        f"searchable {_or_unknown(now.searchable)} | lag {lag or 'unknown'} | dead {_or_unknown(now.dead_letters)}"
        + (f" | failed polls: {errors}" if errors else "")
        + (f" | alerts: {_counts(now.alerts)}" if now.alerts else "")
        + "".join(f" | {stage}: {view.state}" for stage, view in now.stages.items() if view.state != "working")
        + "".join(f" | ! {problem}" for problem in (*processes, *now.problems, *now.doubts))
    )


def _stages(now: StatusSnapshot, before: StatusSnapshot | None) -> Drawing:
    speed = rates(before, now) if before else {}
    numbers = [Column(header, "right") for header in ("per second", "done", "dead", "waiting")]
    rows = [
        (
            stage,
            f"{speed[stage]:.1f}" if stage in speed else "",
            str(view.done),
            str(view.dead),
            _or_unknown(view.lag),
            Styled(view.state, "green" if view.state == "working" else "red"),
        )
        for stage, view in now.stages.items()
    ]
    return table(["stage", *numbers, Column("state", fold=True)], rows)


def _facts(now: StatusSnapshot, page: str) -> Drawing:
    rows = [
        *([("read at", page)] if page else []),
        ("feeds", _feeds(now.feeds)),
        ("polls", _outcomes(now.polls)),
        ("pages", _outcomes(now.pages) + (f", {now.pending} to fetch" if now.pending else "")),
        ("published", f"{now.published} since the start"),
        ("searchable", f"{_or_unknown(now.searchable)} articles{_oldest(now)}"),
        ("freshness", _freshness(now.freshness)),
        ("complete", _completeness(now.completeness, now.at)),
        ("silent", _silent(now.completeness, now.at)),
        ("dead letters", f"{_or_unknown(now.dead_letters)}  (newsloom dead list)"),
        ("alerts", _alerts(now)),
    ]
    return table([Column(style="dim"), Column(fold=True)], rows)


def _feeds(counts: Mapping[str, int]) -> str:
    """How many feeds are on the list, and how they are: each stands in one place, but for those that are due."""
    active, failing, silent, gone = (counts.get(state, 0) for state in ("active", "failing", "silent", "gone"))
    if not active + gone:
        return "none yet"
    parts = {"fine": active - failing - silent, "failing": failing, "silent": silent, "gone (410)": gone}
    said = ", ".join(f"{count} {state}" for state, count in parts.items() if count)
    return f"{active + gone}: {said}" + (f"; {counts['due']} due" if counts.get("due") else "")


def _outcomes(counts: Mapping[str, int]) -> str:
    good = {outcome: count for outcome, count in counts.items() if outcome in GOOD_OUTCOMES}
    errors = _errors(counts)
    return (_counts(good) or "none yet") + (f"; failed: {errors}" if errors else "")


def _errors(counts: Mapping[str, int]) -> str:
    return _counts({outcome: count for outcome, count in counts.items() if outcome not in GOOD_OUTCOMES})


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda pair: -pair[1]))


def _freshness(found: Delays | None) -> str:
    measured = (found.from_found or found.from_fetch) if found else {}
    if found is None or not measured:
        return "no article in the last day"
    start = "found" if found.from_found else "fetched"
    met = f"; {found.share:.1%} met the target" if found.share is not None else ""
    return (
        ", ".join(f"p{name} {seconds:.1f} s" for name, seconds in measured.items()) + f"  ({start} to searchable{met})"
    )


def _alerts(now: StatusSnapshot) -> str:
    """How many are open, by rule. None is only said to be where somebody looks."""
    if now.alerts:
        return f"{_counts(now.alerts)}  (newsloom alerts)"
    return "unknown" if now.alerts is None or now.doubts else "none"


def _completeness(found: Completeness | None, now: datetime) -> str:
    """What the feeds had of what they usually have; and how old that is, where feeds are overdue."""
    if found is None:
        return "unknown"
    if found.expected < 1:
        said = "not known yet: the rhythm of each feed is learnt within about a week"
    else:
        said = f"{found.seen:.0f} new entries in about a day, usually {found.expected:.0f}"
    if not found.overdue:
        return said
    last = ago(found.last_poll_at, now)
    return f"{said}; {found.overdue} feeds were not polled when they were due, the last poll was {last}"


def _silent(found: Completeness | None, now: datetime) -> str:
    """The names of the silent feeds, as many as fit, and how long each has had nothing new."""
    if found is None or (not found.silent_feeds and (found.expected < 1 or found.overdue)):
        return "unknown"
    if not found.silent_feeds:
        return "none"
    named = found.silent[:MOST_NAMED]
    more = found.silent_feeds - len(named)
    names = "; ".join(f"{each.name} for {_hours(now - each.silent_since)}" for each in named)
    return names + (f"; {more} more" if more > 0 else "") + "  (newsloom feeds status)"


def _hours(time: timedelta) -> str:
    hours = time.total_seconds() / 3600
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"


def _oldest(now: StatusSnapshot) -> str:
    if now.oldest_waiting is None:
        return ""
    return f"; the oldest on its way was fetched {(now.at - now.oldest_waiting).total_seconds():.0f} s ago"


def _or_unknown(number: int | None) -> str:
    return "unknown" if number is None else str(number)
