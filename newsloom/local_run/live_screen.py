"""The live screen of `newsloom run` and the table of `newsloom status`.

In: snapshots of the pipeline's status. Out: something that rich can draw, or one line of text.
"""

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from newsloom.local_run.pipeline_status import StatusSnapshot, rates

GOOD_OUTCOMES = frozenset({"changed", "unchanged", "fetched"})


def render_screen(now: StatusSnapshot, before: StatusSnapshot | None, processes: Sequence[str] = ()) -> RenderableType:
    """The stages, polls and pages, Elasticsearch, and problems: those of `processes` that do not run, then the others.

    Rates come from the snapshot `before`, where there is one.
    """
    problems = [*processes, *now.problems]
    return Group(_stages(now, before), _facts(now), *(Text(f"! {problem}", style="red") for problem in problems))


def render_line(now: StatusSnapshot, processes: Sequence[str] = ()) -> str:
    """The status in one line, for a log. `processes`: what does not run."""
    lag = " ".join(f"{stage}={view.lag}" for stage, view in now.stages.items() if view.lag is not None)
    errors = _errors(now.polls)
    return (
        f"feeds {_counts(now.feeds) or 'none yet'} | published {now.published} | "
        f"searchable {_or_unknown(now.searchable)} | lag {lag or 'unknown'} | dead {_or_unknown(now.dead_letters)}"
        + (f" | failed polls: {errors}" if errors else "")
        + "".join(f" | {stage}: {view.state}" for stage, view in now.stages.items() if view.state != "working")
        + "".join(f" | ! {problem}" for problem in (*processes, *now.problems))
    )


def _stages(now: StatusSnapshot, before: StatusSnapshot | None) -> Table:
    speed = rates(before, now) if before else {}
    table = Table(box=None, pad_edge=False)
    for column, justify in (("stage", "left"), ("per second", "right"), ("done", "right"), ("dead", "right")):
        table.add_column(column, justify="left" if justify == "left" else "right")
    table.add_column("waiting", justify="right")
    table.add_column("state", overflow="fold")
    for stage, view in now.stages.items():
        state = Text(view.state, style="green" if view.state == "working" else "red")
        rate = f"{speed[stage]:.1f}" if stage in speed else ""
        table.add_row(stage, rate, str(view.done), str(view.dead), _or_unknown(view.lag), state)
    return table


def _facts(now: StatusSnapshot) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    table.add_row("feeds", _counts(now.feeds) or "none polled yet")
    table.add_row("polls", _outcomes(now.polls))
    table.add_row("pages", _outcomes(now.pages) + (f", {now.pending} to fetch" if now.pending else ""))
    table.add_row("published", f"{now.published} since the start")
    table.add_row("searchable", f"{_or_unknown(now.searchable)} articles{_oldest(now)}")
    table.add_row("freshness", _percentiles(now.freshness))
    table.add_row("dead letters", f"{_or_unknown(now.dead_letters)}  (newsloom dead list)")
    return table


def _outcomes(counts: Mapping[str, int]) -> str:
    good = {outcome: count for outcome, count in counts.items() if outcome in GOOD_OUTCOMES}
    errors = _errors(counts)
    return (_counts(good) or "none yet") + (f"; failed: {errors}" if errors else "")


def _errors(counts: Mapping[str, int]) -> str:
    return _counts({outcome: count for outcome, count in counts.items() if outcome not in GOOD_OUTCOMES})


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda pair: -pair[1]))


def _percentiles(freshness: Mapping[str, float]) -> str:
    if not freshness:
        return "no article in the last day"
    return ", ".join(f"p{name} {seconds:.1f} s" for name, seconds in freshness.items()) + "  (fetched to searchable)"


def _oldest(now: StatusSnapshot) -> str:
    if now.oldest_waiting is None:
        return ""
    return f"; the oldest on its way was fetched {(now.at - now.oldest_waiting).total_seconds():.0f} s ago"


def _or_unknown(number: int | None) -> str:
    return "unknown" if number is None else str(number)
