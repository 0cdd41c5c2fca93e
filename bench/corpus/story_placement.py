"""Story placement: runs the clustering on labelled streams, without Kafka and without the search for copies.

In: streams (bench/corpus/story_streams) and the nets of the join model. Out: report id -> story, ours and the true one.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from bench.corpus.story_streams import Item
from enrich.clustering import join_model, report_embedding
from enrich.clustering.clusters import Clusters
from enrich.clustering.vectors import Report

_ZERO_NET = join_model.Net(*(np.zeros(1) for _ in join_model.Net._fields))
ZERO_NETS = join_model.Nets(_ZERO_NET, _ZERO_NET)  # for Clusters that only compare, before any net is trained
DAYS = 7  # that a story is open


def place_reports(stream: Sequence[Item], threshold: float, nets: join_model.Nets) -> dict[str, str]:
    """The story in which each report of a stream ends up: report id -> story, merges followed."""
    clusters = Clusters(threshold, DAYS, nets=nets)
    stories: dict[str, str] = {}
    merged: dict[str, str] = {}
    for item in stream:
        clusters.advance(item.report.day)
        choice = clusters.choose(item.report)
        stories[item.id] = choice.story if choice else item.id
        add_report(clusters, stories[item.id], item.report)
        for other in choice.merged if choice else ():
            clusters.merge(stories[item.id], other)
            merged[other] = stories[item.id]
    return {id_: _follow_merges(story, merged) for id_, story in stories.items()}


def place_streams(parts: Sequence[Sequence[Item]], threshold: float, nets: join_model.Nets) -> dict[str, str]:
    """The story of each report of several streams, each of which is clustered on its own."""
    found = enumerate(place_reports(part, threshold, nets) for part in parts)
    return {id_: f"{at} {story}" for at, part in found for id_, story in part.items()}


def true_stories(parts: Sequence[Sequence[Item]]) -> dict[str, str]:
    """The true story of each report of which it is known: report id -> story."""
    return {item.id: item.story for part in parts for item in part if item.story}


def add_report(clusters: Clusters, story: str, report: Report) -> None:
    """Adds a report to a given story, without asking the join model."""
    clusters.add(story, clusters.pack(report), report.time, report.day)


def _follow_merges(story: str, merged: Mapping[str, str]) -> str:
    while story in merged:
        story = merged[story]
    return story


def drop_meanings(streams: Mapping[str, list[list[Item]]]) -> dict[str, list[list[Item]]]:
    """The streams without meanings in their embeddings, as in a language that has no word embeddings."""
    return {name: [[_drop_meaning(item) for item in part] for part in parts] for name, parts in streams.items()}


def _drop_meaning(item: Item) -> Item:
    blank = bytes(report_embedding.MEANING_DIMENSIONS) + item.report.embedding[report_embedding.MEANING_DIMENSIONS :]
    return item._replace(report=item.report._replace(embedding=blank))
