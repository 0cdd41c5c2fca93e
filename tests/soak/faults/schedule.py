"""Draws the faults of a soak: in: a seed and a length; out: what breaks when and for how long. Pure.

Every kind comes before any comes again. A fault may begin while another one is on, but never two of one group: what
both would do to one server could not be told apart.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Group = Literal["workers", "kafka", "elasticsearch", "topics", "web"]

FIRST_AT = 8.0  # seconds: the pipeline is at work before anything breaks
LAST_FREE = 5.0  # at the end nothing new breaks
OVERLAP = 0.25  # share of the faults that begin while the one before is on
PAUSE = (5.0, 15.0)  # between two others
LONGEST_SHARE = 0.25  # of a run: a short one has no room for long faults


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A kind of fault: its name, what it is done to, and its shortest and longest length in seconds."""

    name: str
    group: Group
    least: float
    most: float


STAGES = ("ingest", "annotate", "stories", "index")
WORKERS = (
    *(FaultKind(f"{stage} killed", "workers", 1, 1) for stage in STAGES),
    *(FaultKind(f"{stage} terminated", "workers", 1, 1) for stage in STAGES),
    *(FaultKind(f"{stage} frozen", "workers", 5, 75) for stage in STAGES),
    FaultKind("page reader killed", "workers", 1, 1),
    FaultKind("page reader frozen", "workers", 25, 45),
    FaultKind("every worker killed", "workers", 1, 1),
    FaultKind("annotate rebalance storm", "workers", 30, 60),
    FaultKind("ingest rebalance storm", "workers", 30, 60),
)
KAFKA = (
    FaultKind("kafka killed", "kafka", 1, 1),
    FaultKind("kafka restarted", "kafka", 1, 1),
    FaultKind("kafka frozen", "kafka", 5, 75),
    FaultKind("kafka slow", "kafka", 20, 60),
    FaultKind("kafka away", "kafka", 120, 120),
)
ELASTICSEARCH = (
    FaultKind("elasticsearch killed", "elasticsearch", 1, 1),
    FaultKind("elasticsearch restarted", "elasticsearch", 1, 1),
    FaultKind("elasticsearch frozen", "elasticsearch", 5, 75),
    FaultKind("elasticsearch away", "elasticsearch", 120, 120),
    FaultKind("elasticsearch answers 429", "elasticsearch", 20, 60),
    FaultKind("elasticsearch answers 503", "elasticsearch", 20, 60),
    FaultKind("elasticsearch does not answer", "elasticsearch", 20, 60),
    FaultKind("elasticsearch is slow", "elasticsearch", 20, 60),
    FaultKind("bulk answers are lost", "elasticsearch", 20, 60),
    FaultKind("half of each bulk is refused with 429", "elasticsearch", 20, 60),
    FaultKind("index read-only as by the flood stage", "elasticsearch", 15, 45),
    FaultKind("no new index allowed at a month's change", "elasticsearch", 20, 40),
)
TOPICS = tuple(
    FaultKind(name, "topics", 1, 1)
    for name in (
        "malformed messages",
        "deeply nested messages",
        "messages of a newer schema",
        "message of an older program",
        "empty messages",
        "messages with strange headers",
        "unreadable dead letter",
        "message of 6 MB",
    )
)
WEB = (
    FaultKind("site away", "web", 20, 60),
    FaultKind("site slow", "web", 20, 60),
    FaultKind("site busy: 503 with Retry-After", "web", 15, 40),
    FaultKind("site resets connections", "web", 15, 45),
    FaultKind("site sends half of its answers", "web", 15, 45),
    FaultKind("page of 5 MB of text", "web", 1, 1),
    FaultKind("page of one word of 2 MB", "web", 1, 1),
    FaultKind("page of 100,000 links", "web", 1, 1),
    FaultKind("feed of 50,000 entries", "web", 30, 60),
    FaultKind("dates in the years 1 and 9999", "web", 1, 1),
)
KINDS: tuple[FaultKind, ...] = (*WORKERS, *KAFKA, *ELASTICSEARCH, *TOPICS, *WEB)


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault: `at` and `seconds` in seconds from the run's beginning; `salt` for what its injection draws."""

    number: int
    kind: FaultKind
    at: float
    seconds: float
    salt: int

    @property
    def end(self) -> float:
        """When it is over."""
        return self.at + self.seconds


def plan(
    seed: int, seconds: float, kinds: Sequence[FaultKind] = KINDS, longest: float | None = None
) -> list[PlannedFault]:
    """The faults of a run of so many seconds, in the order in which they begin; none is longer than `longest`."""
    most = seconds * LONGEST_SHARE if longest is None else longest
    chance = random.Random(seed)
    planned: list[PlannedFault] = []
    at = FIRST_AT
    for kind in _deal(chance, kinds):
        length = min(chance.uniform(kind.least, kind.most), max(1.0, most))
        at = _free_from(planned, kind, at)
        if at + length > seconds - LAST_FREE:
            return planned
        planned.append(PlannedFault(len(planned) + 1, kind, at, length, chance.getrandbits(32)))
        overlaps = chance.random() < OVERLAP
        at += length / 2 if overlaps else length + chance.uniform(*PAUSE)
    return planned


def _deal(chance: random.Random, kinds: Sequence[FaultKind]) -> Iterator[FaultKind]:
    """The kinds in a drawn order, all of them before any comes again, without end."""
    while kinds:
        yield from chance.sample(kinds, len(kinds))


def _free_from(planned: Sequence[PlannedFault], kind: FaultKind, at: float) -> float:
    """The first moment from `at` on at which no fault of this group is on."""
    return max([at, *(each.end + PAUSE[0] for each in planned if each.kind.group == kind.group)])
