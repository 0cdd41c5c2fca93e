"""Learns when a report belongs to a story: `python -m training.train_join_model [--write]`, seven minutes.

Data: the labelled sets of the corpus, as they are, and changed so that the weights hold for other streams too: squeezed
into few days (many stories at once), mixed into unlabelled articles, cut into three parts each (large stories), about
one topic, and begun anew every dozen reports. A report is put into its true story, and compared with those that are
open before: right is the true one, wrong are the others (training/join_model_learner).

Held out: half of the stories, by the hash of their name; figures are of those, placed by the net of the other half.
"""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bench.corpus.cluster_scores import Scores, scores
from bench.corpus.story_placement import DAYS, UNUSED, placed_apart, put, stories_of, without_meanings
from bench.corpus.story_streams import Item, streams
from enrich.clustering import join_model
from enrich.clustering.clusters import Clusters
from pipeline.settings import ROOT, load
from training import join_model_learner

Column = npt.NDArray[np.float64]

# how much each stream counts, and whether more or less of a feature must speak for joining
SHARES = {
    "allsides": 3.0,
    "leads": 3.0,
    "leads of one day": 2.0,
    "allsides squeezed": 2.0,
    "mixed, squeezed": 2.0,
    "parts": 2.0,
    "one topic, crime": 1.0,
    "one topic, war": 1.0,
    "one topic, campaign": 1.0,
    "starts": 3.0,
}


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
        made = Clusters(1.0, DAYS, nets=UNUSED)
        for item in stream:
            made.advance(item.report.day)
            found = made.compared(item.report) if item.story else None
            for story, row in zip(*found, strict=True) if found else ():
                if not story.startswith("unlabelled"):
                    rows.append(row)
                    right.append(story == item.story)
                    halves.append(half(item.story or ""))
            put(made, item.story or f"unlabelled {item.id}", item.report)
    return Lessons(np.array(rows), np.array(right, float), np.array(halves))


def fitted(known: Mapping[str, Lessons], of: int | None) -> join_model.Nets:
    """The nets learnt from one half of the stories, or from all."""
    parts = [
        (each, each.half == of if of is not None else each.half >= 0, SHARES[name]) for name, each in known.items()
    ]
    rows = np.concatenate([each.rows[chosen] for each, chosen, _ in parts])
    right = np.concatenate([each.right[chosen] for each, chosen, _ in parts])
    shares = np.concatenate([np.full(chosen.sum(), share / chosen.sum()) for _, chosen, share in parts])
    meant = ~np.isnan(rows[:, -1])
    return join_model.Nets(
        join_model_learner.fitted(rows[meant], right[meant], shares[meant]),
        join_model_learner.fitted(rows[:, :-1], right, shares),
    )


def held_out(nets: Sequence[join_model.Nets], everything: Mapping[str, list[list[Item]]], threshold: float) -> None:
    """Prints the figures of each half, placed by the nets of the other."""
    for name, parts in everything.items():
        true = stories_of(parts)
        both = [_unseen(parts, true, threshold, each, number) for number, each in enumerate(nets)]
        mean = [sum(column) / 2 for column in zip(*both, strict=True)]
        print(f"  {name:20} {Scores(*mean).told()}", flush=True)


def _unseen(
    parts: Sequence[Sequence[Item]], true: Mapping[str, str], threshold: float, nets: join_model.Nets, learnt: int
) -> Scores:
    """Of the stories that are not in the half from which the nets were learnt."""
    unseen = [id_ for id_, story in true.items() if half(story) != learnt]
    return scores(placed_apart(parts, threshold, nets), true, unseen)


def main() -> None:
    """Prints the figures held out; writes the nets learnt from all when asked."""
    corpus = ROOT.parent / "shared" / "corpus"
    options = load({}).enrich
    everything = streams(corpus, options.entity_words)
    known = {name: lessons(each) for name, each in everything.items() if name in SHARES}
    print(f"{sum(len(each.right) for each in known.values())} pairs of a report and a story; held out:")
    halves = [fitted(known, number) for number in (0, 1)]
    held_out(halves, everything, options.story_threshold)
    print("without the meanings of words, as in other languages than English")
    held_out(halves, without_meanings(everything), options.story_threshold)
    if "--write" in sys.argv:
        join_model.WEIGHTS.write_text(join_model.written(fitted(known, None)), encoding="utf-8")


if __name__ == "__main__":
    main()
