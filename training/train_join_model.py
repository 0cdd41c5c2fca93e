"""Trains the join model: `python -m training.train_join_model [--write]`, seven minutes.

Data: the labelled streams of bench/corpus/story_streams, some of them harder than the corpus, so that the weights hold
for other streams too. Each report is compared with the open stories, which gives pairs of a report and a story,
labelled by whether it is the true story; then it is added to its true story. A net is fitted to the pairs
(training/join_model_learner).

Prints scores on held-out data: the stories are halved by the hash of their name, and each half is placed by the nets
that were trained on the other. With --write, nets that are trained on all stories are written to join_model.json.
"""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bench.corpus.cluster_scores import Scores, score_clusters
from bench.corpus.story_placement import DAYS, ZERO_NETS, add_report, drop_meanings, place_streams, true_stories
from bench.corpus.story_streams import Item, build_streams
from enrich.clustering import join_model
from enrich.clustering.clusters import Clusters
from pipeline.settings import ROOT, load
from training import join_model_learner

Column = npt.NDArray[np.float64]

# weight of each stream in training
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


class TrainingPairs(NamedTuple):
    """Pairs of a report and a story, as parallel arrays: FEATURES, 1 if it is the true story or 0, and the half (0 or
    1) of the report's true story.
    """

    rows: Column
    right: Column
    half: Column


def story_half(story: str) -> int:
    """The half of the stories to which this one belongs: 0 or 1."""
    return hashlib.sha256(story.encode()).digest()[9] % 2


def build_training_pairs(items: Sequence[Sequence[Item]]) -> TrainingPairs:
    """Pairs each labelled report with the open stories that may be its own, then adds it to its true story.

    Each stream is compared on its own.
    """
    rows, right, halves = [], [], []
    for stream in items:
        clusters = Clusters(1.0, DAYS, nets=ZERO_NETS)
        for item in stream:
            clusters.advance(item.report.day)
            found = clusters.compare(item.report) if item.story else None
            for story, row in zip(*found, strict=True) if found else ():
                if not story.startswith("unlabelled"):
                    rows.append(row)
                    right.append(story == item.story)
                    halves.append(story_half(item.story or ""))
            add_report(clusters, item.story or f"unlabelled {item.id}", item.report)
    return TrainingPairs(np.array(rows), np.array(right, float), np.array(halves))


def fit_nets(training_pairs: Mapping[str, TrainingPairs], of: int | None) -> join_model.Nets:
    """Trains the nets on one half (`of`: 0 or 1) of the stories, or on all (None)."""
    parts = [
        (each, each.half == of if of is not None else each.half >= 0, SHARES[name])
        for name, each in training_pairs.items()
    ]
    rows = np.concatenate([each.rows[chosen] for each, chosen, _ in parts])
    right = np.concatenate([each.right[chosen] for each, chosen, _ in parts])
    shares = np.concatenate([np.full(chosen.sum(), share / chosen.sum()) for _, chosen, share in parts])
    meant = ~np.isnan(rows[:, -1])
    return join_model.Nets(
        join_model_learner.fit_net(rows[meant], right[meant], shares[meant]),
        join_model_learner.fit_net(rows[:, :-1], right, shares),
    )


def print_held_out(nets: Sequence[join_model.Nets], streams: Mapping[str, list[list[Item]]], threshold: float) -> None:
    """Prints the scores of each stream: the mean of both halves, each placed by the nets trained on the other."""
    for name, parts in streams.items():
        true = true_stories(parts)
        both = [_score_unseen(parts, true, threshold, each, number) for number, each in enumerate(nets)]
        mean = [sum(column) / 2 for column in zip(*both, strict=True)]
        print(f"  {name:20} {Scores(*mean).format_line()}", flush=True)


def _score_unseen(
    parts: Sequence[Sequence[Item]], true: Mapping[str, str], threshold: float, nets: join_model.Nets, trained_on: int
) -> Scores:
    """The scores on the stories that are not in the half on which the nets were trained (0 or 1)."""
    unseen = [id_ for id_, story in true.items() if story_half(story) != trained_on]
    return score_clusters(place_streams(parts, threshold, nets), true, unseen)


def main() -> None:
    """Prints the held-out scores; with --write, trains on all stories and writes the nets."""
    corpus = ROOT.parent / "shared" / "corpus"
    options = load({}).enrich
    streams = build_streams(corpus, options.entity_words)
    training_pairs = {name: build_training_pairs(each) for name, each in streams.items() if name in SHARES}
    print(f"{sum(len(each.right) for each in training_pairs.values())} pairs of a report and a story; held out:")
    halves = [fit_nets(training_pairs, number) for number in (0, 1)]
    print_held_out(halves, streams, options.story_threshold)
    print("without the meanings of words, as in other languages than English")
    print_held_out(halves, drop_meanings(streams), options.story_threshold)
    if "--write" in sys.argv:
        join_model.WEIGHTS_FILE.write_text(join_model.format_nets(fit_nets(training_pairs, None)), encoding="utf-8")


if __name__ == "__main__":
    main()
