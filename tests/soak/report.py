"""A soak's report as text: in: the verdict and what was measured; out: lines for people. Pure."""

import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.soak.search_watch import EndedFault
from tests.soak.verdict import Verdict

MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured in a run. `seconds`: its length without the drain; `memory` in kB, in the order of time."""

    seed: int
    seconds: float
    drained_after: float | None
    faults: Sequence[EndedFault]
    arrivals: Sequence[float]
    messages: Mapping[str, tuple[int, int]]
    memory: Mapping[str, Sequence[int]]
    restarts: Mapping[str, int]
    broken_injections: Sequence[str] = ()


def report(measured: Measured, verdict: Verdict) -> str:
    """The whole report."""
    lines = [
        f"seed {measured.seed}, {measured.seconds:.0f} s, {len(measured.faults)} faults",
        *_articles(measured, verdict),
        *_letters(verdict),
        "",
        *_faults(measured.faults),
        "",
        *_memory(measured),
        *(f"COULD NOT BE INJECTED: {each}" for each in measured.broken_injections),
        *(f"ended by itself: {each}" for each in verdict.ended_by_themselves),
        "",
        "NOTHING LOST, NOTHING TWICE" if verdict.good and not measured.broken_injections else "NOT AS IT SHOULD BE",
    ]
    return "\n".join(lines)


def _articles(measured: Measured, verdict: Verdict) -> Iterator[str]:
    yield f"expected {verdict.expected}: found exactly once {verdict.exactly_once}, dead as expected " + str(
        verdict.expected_letters.total()
    )
    wrong = {
        "missing": verdict.missing,
        "doubled": verdict.doubled,
        "stale": verdict.stale,
        "from the feed though the page was there": verdict.from_feed,
        "there though not expected": verdict.unknown,
    }
    for name, keys in wrong.items():
        yield f"  {name} {len(keys)}" + (f": {', '.join(keys[:MOST_SHOWN])}" if keys else "")
    if measured.drained_after is None:
        yield "  the pipeline did not come to rest in time"
    else:
        yield f"  at rest {measured.drained_after:.0f} s after the last article"
    if measured.arrivals:
        yield f"from site to search: {_spread(measured.arrivals)}"
    for topic, (different, repeated) in measured.messages.items():
        yield f"on {topic}: {different} revisions, {repeated} messages that repeat one"


def _spread(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    late = ordered[int(0.95 * (len(ordered) - 1))]
    return f"median {statistics.median(ordered):.0f} s, 95 % {late:.0f} s, longest {ordered[-1]:.0f} s"


def _letters(verdict: Verdict) -> Iterator[str]:
    for reason, count in verdict.expected_letters.most_common():
        yield f"  dead as expected: {count} {reason}"
    yield f"dead letters that nobody expected: {len(verdict.unexpected_letters)}"
    for letter in verdict.unexpected_letters[:MOST_SHOWN]:
        yield f"  {letter.stage}: {letter.reason}, {letter.key}: {letter.detail}"


def _faults(faults: Sequence[EndedFault]) -> Iterator[str]:
    by_kind: dict[str, list[EndedFault]] = defaultdict(list)
    for each in faults:
        by_kind[each.fault.kind.name].append(each)
    yield f"{'fault':44} {'times':>5} {'lasted':>12} {'worked again after'}"
    for name, found in sorted(by_kind.items()):
        lasted = " ".join(f"{each.ended - each.began:.0f}" for each in found)
        after = " ".join("never" if each.recovered is None else f"{each.recovered:.0f}" for each in found)
        yield f"{name:44} {len(found):5} {lasted:>10} s {after} s"


def _memory(measured: Measured) -> Iterator[str]:
    yield f"{'process':16} {'restarts':>8} {'memory (PSS, MB): first':>24} {'median':>7} {'last':>7} {'most':>7}"
    for name, samples in sorted(measured.memory.items()):
        first, median, last, most = (
            round(each / 1024) for each in (samples[0], statistics.median(samples), samples[-1], max(samples))
        )
        yield f"{name:16} {measured.restarts.get(name, 0):8} {first:24} {median:7} {last:7} {most:7}"
