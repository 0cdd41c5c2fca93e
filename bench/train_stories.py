"""Learns when a report belongs to a story: `python -m bench.train_stories [--write]`, a quarter of an hour.

Data: the labelled sets of the corpus, as they are, and changed so that the weights hold for other streams too: squeezed
into few days (many stories at once), mixed into unlabelled articles, cut into three parts each (large stories), about
one topic, and begun anew every dozen reports. A report is put into its true story, and compared with those that are
open before: right is the true one, wrong are the others (bench/small_net).

Held out: half of the stories, by the hash of their name; figures are of those, placed by the net of the other half.
"""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bench import small_net
from bench.scores import Scores, scores
from bench.streams import Item, streams
from enrich import joining
from enrich.clusters import Clusters
from enrich.vectors import Report
from pipeline.settings import ROOT, load

Column = npt.NDArray[np.float64]

# how much each stream counts, and whether more or less of a feature must speak for joining
SHARES = {
    "allsides": 3.0,
    "leads": 3.0,
    "leads of one day": 2.0,
    "allsides squeezed": 2.0,
    "mixed, squeezed": 2.0,
    "parts": 2.0,
    "one topic": 1.0,
    "starts": 3.0,
}
UNUSED = joining.Net(*(np.zeros(1) for _ in joining.Net._fields))  # to compare by, before anything is learnt
DAYS = 7  # that a story is open


class Lessons(NamedTuple):
    """Pairs of a report and a story: features, whether it is right, the half of the report's story."""

    rows: Column
    right: Column
    half: Column


def half(story: str) -> int:
    """Which half of the stories this one is in."""
    return hashlib.sha256(story.encode()).digest()[9] % 2


def lessons(items: Sequence[Sequence[Item]]) -> Lessons:
    """Every labelled report against the open stories, each put where it belongs. Each stream begins anew."""
    rows, right, halves = [], [], []
    for stream in items:
        made = Clusters(1.0, DAYS, UNUSED)
        for item in stream:
            made.advance(item.report.day)
            found = made.compared(item.report) if item.story else None
            for story, row in zip(*found, strict=True) if found else ():
                if not story.startswith("unlabelled"):
                    rows.append(row)
                    right.append(story == item.story)
                    halves.append(half(item.story or ""))
            _put(made, item.story or f"unlabelled {item.id}", item.report)
    return Lessons(np.array(rows), np.array(right, float), np.array(halves))


def fitted(known: Mapping[str, Lessons], of: int | None) -> joining.Net:
    """The net learnt from one half of the stories, or from all."""
    parts = [
        (each, each.half == of if of is not None else each.half >= 0, SHARES[name]) for name, each in known.items()
    ]
    rows = np.concatenate([each.rows[chosen] for each, chosen, _ in parts])
    right = np.concatenate([each.right[chosen] for each, chosen, _ in parts])
    shares = np.concatenate([np.full(chosen.sum(), share / chosen.sum()) for _, chosen, share in parts])
    return small_net.fitted(rows, right, shares)


def placed(stream: Sequence[Item], threshold: float, net: joining.Net | None = None) -> dict[str, str]:
    """The story of each report of a stream, what was merged taken together."""
    made = Clusters(threshold, DAYS, net)
    stories: dict[str, str] = {}
    merged: dict[str, str] = {}
    for item in stream:
        made.advance(item.report.day)
        choice = made.choose(item.report)
        stories[item.id] = choice.story if choice else item.id
        _put(made, stories[item.id], item.report)
        for other in choice.merged if choice else ():
            made.merge(stories[item.id], other)
            merged[other] = stories[item.id]
    return {id_: _present(story, merged) for id_, story in stories.items()}


def _put(made: Clusters, story: str, report: Report) -> None:
    made.add(story, made.pack(report), report.time, report.day)


def _present(story: str, merged: Mapping[str, str]) -> str:
    while story in merged:
        story = merged[story]
    return story


def held_out(known: Mapping[str, Lessons], all_streams: Mapping[str, list[list[Item]]], threshold: float) -> None:
    """Prints the figures of each half, placed by the net of the other."""
    found: dict[str, list[Scores]] = {}
    for number in (0, 1):
        net = fitted(known, number)
        for name, parts in all_streams.items():
            true = {item.id: item.story for part in parts for item in part if item.story}
            unseen = [id_ for id_, story in true.items() if half(story) != number]
            ours = {
                id_: f"{at} {story}"
                for at, part in enumerate(parts)
                for id_, story in placed(part, threshold, net).items()
            }
            found.setdefault(name, []).append(scores(ours, true, unseen))
    for name, both in found.items():
        mean = [sum(column) / 2 for column in zip(*both, strict=True)]
        print(f"  {name:20} {Scores(*mean).told()}", flush=True)


def main() -> None:
    """Prints the figures held out; writes the net learnt from all when asked."""
    corpus = ROOT.parent / "shared" / "corpus"
    options = load({}).enrich
    everything = streams(corpus, options.entity_words)
    report(everything, options.story_threshold, joining.WEIGHTS if "--write" in sys.argv else None)


def report(everything: Mapping[str, list[list[Item]]], threshold: float, to: Path | None) -> None:
    """The figures of these streams; the net learnt from all is written."""
    known = {name: lessons(each) for name, each in everything.items() if name in SHARES}
    counts = Counter({name: len(each.right) for name, each in known.items()})
    print(f"{counts.total()} pairs of a report and a story; held out:")
    held_out(known, everything, threshold)
    if to is not None:
        said = joining.written(fitted(known, None))
        lines = [f" {json.dumps(name)}: {json.dumps(part)}" for name, part in said.items()]
        to.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
