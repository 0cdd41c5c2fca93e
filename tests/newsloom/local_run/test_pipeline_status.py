"""The pipeline's status: what the processes' metrics pages say is what the screen shows."""

from prometheus_client import REGISTRY, generate_latest

from newsloom.local_run.pipeline_status import count_records, read_samples
from pipeline import observability


def test_what_each_stage_did_is_counted_by_outcome() -> None:
    before = {stage: count_records(read_samples(generate_latest(REGISTRY)), stage) for stage in ("annotate", "index")}
    for stage, outcome, count in (("annotate", "done", 3), ("annotate", "dead", 2), ("index", "done", 5)):
        observability.RECORDS.labels(stage, outcome).inc(count)
    after = {stage: count_records(read_samples(generate_latest(REGISTRY)), stage) for stage in ("annotate", "index")}
    grown = {
        (stage, outcome): count - before[stage].get(outcome, 0)
        for stage, counts in after.items()
        for outcome, count in counts.items()
    }
    assert {each: count for each, count in grown.items() if count} == {
        ("annotate", "done"): 3,
        ("annotate", "dead"): 2,
        ("index", "done"): 5,
    }


def test_what_ingest_did_are_the_articles_that_it_published() -> None:
    before = count_records(read_samples(generate_latest(REGISTRY)), "ingest")["done"]
    observability.ARTICLES.labels("new").inc(2)
    observability.ARTICLES.labels("revised").inc()
    assert count_records(read_samples(generate_latest(REGISTRY)), "ingest")["done"] - before == 3
