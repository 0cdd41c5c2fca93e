"""How full the batches of the stages are, from their own metrics.

In: two readings of a running pipeline's /metrics. Out: records and batches of each stage between them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bench.whole.process_cost import difference
from bench.whole.whole_run import WholeRun

STAGE = re.compile(r'stage="([^"]+)"')


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """By stage: records that were finished, and batches in which they were."""

    records: Mapping[str, float]
    batches: Mapping[str, float]

    def since(self, before: "BatchCounts") -> "BatchCounts":
        """What came after `before`."""
        return BatchCounts(difference(before.records, self.records), difference(before.batches, self.batches))

    def sizes(self) -> dict[str, float]:
        """Records of an average batch, for each stage that had one."""
        return {stage: self.records.get(stage, 0) / count for stage, count in self.batches.items() if count}


def read_batch_counts(running: WholeRun) -> BatchCounts:
    """The counts since the stages' start."""
    return BatchCounts(
        _by_stage(running.metrics("newsloom_records_total")),
        _by_stage(running.metrics("newsloom_batch_seconds_count")),
    )


def _by_stage(metric: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for labels, value in metric.items():
        if stage := STAGE.search(labels):
            found[stage[1]] = found.get(stage[1], 0.0) + value
    return found
