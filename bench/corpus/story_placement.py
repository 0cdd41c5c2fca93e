"""Streams of reports whose stories are known -> the story in which our clustering puts each report.

In: streams (bench/corpus/story_streams) and the nets of the join model. Out: report id -> story; the true ones too.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from bench.corpus.story_streams import Item
from enrich.clustering import join_model, report_embedding
from enrich.clustering.clusters import Clusters
from enrich.clustering.vectors import Report

_NOTHING = join_model.Net(*(np.zeros(1) for _ in join_model.Net._fields))
UNUSED = join_model.Nets(_NOTHING, _NOTHING)  # to compare by, before anything is learnt
DAYS = 7  # that a story is open


def placed(stream: Sequence[Item], threshold: float, nets: join_model.Nets) -> dict[str, str]:
    """The story of each report of a stream, what was merged taken together."""
    made = Clusters(threshold, DAYS, nets=nets)
    stories: dict[str, str] = {}
    merged: dict[str, str] = {}
    for item in stream:
        made.advance(item.report.day)
        choice = made.choose(item.report)
        stories[item.id] = choice.story if choice else item.id
        put(made, stories[item.id], item.report)
        for other in choice.merged if choice else ():
            made.merge(stories[item.id], other)
            merged[other] = stories[item.id]
    return {id_: _present(story, merged) for id_, story in stories.items()}


def placed_apart(parts: Sequence[Sequence[Item]], threshold: float, nets: join_model.Nets) -> dict[str, str]:
    """The story of each report of several streams, each of which begins anew."""
    found = enumerate(placed(part, threshold, nets) for part in parts)
    return {id_: f"{at} {story}" for at, part in found for id_, story in part.items()}


def stories_of(parts: Sequence[Sequence[Item]]) -> dict[str, str]:
    """The true story of each report of which it is known."""
    return {item.id: item.story for part in parts for item in part if item.story}


def put(made: Clusters, story: str, report: Report) -> None:
    """Adds a report to a story, whatever the model would have said."""
    made.add(story, made.pack(report), report.time, report.day)


def _present(story: str, merged: Mapping[str, str]) -> str:
    while story in merged:
        story = merged[story]
    return story


def without_meanings(everything: Mapping[str, list[list[Item]]]) -> dict[str, list[list[Item]]]:
    """The streams as if they were in a language of whose words the meanings are not known."""
    return {name: [[_without_meaning(item) for item in part] for part in parts] for name, parts in everything.items()}


def _without_meaning(item: Item) -> Item:
    blank = bytes(report_embedding.MEANT) + item.report.gist[report_embedding.MEANT :]
    return item._replace(report=item.report._replace(gist=blank))
