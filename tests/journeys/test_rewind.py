"""Everything on `articles` through a newer enricher: the index is as after a fresh run with it, nothing there twice."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from enrich import annotate, stories
from index import client, mapping, write
from index.searching import article_search
from pipeline.failures import WrongSetting
from pipeline.kafka import broker, consumer_lag
from pipeline.kafka.publisher import OutgoingMessage, Publisher
from pipeline.kafka.reset_offsets import rewind
from pipeline.kafka.stage import Result, Stage, StageOutput
from pipeline.kafka.worker import Worker
from pipeline.messages import ANNOTATED, ARTICLES, ENRICHED, Annotated, Article
from pipeline.service import Service
from pipeline.settings import Settings
from tests.enrich.samples import seeds
from tests.pipeline.kafka.test_worker import until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
SOURCES = (("annotate", ARTICLES), ("stories", ANNOTATED), ("index", ENRICHED))
# of the moment at which a document was written
MOMENTS = ("indexed_at", "seconds_from_fetch", "seconds_from_publication")


def newer(stage: Stage[Article]) -> Stage[Article]:
    """The stage as its next version would be: it says something else, and its version is higher."""

    def handle(articles: Sequence[Article]) -> Sequence[Result]:
        return [_again(output) for output in stage.handle(articles)]

    return Stage(stage.name, stage.source, stage.message, handle)


def _again(output: Result) -> Result:
    assert isinstance(output, StageOutput)
    [each] = output.publish
    assert isinstance(each.message, Annotated)
    better = msgspec.structs.replace(each.message, annotator=each.message.annotator + 1, main_country="NZ")
    return StageOutput(publish=(OutgoingMessage(each.topic, better),))


@contextmanager
def working(options: Settings, annotator: Stage[Article]) -> Iterator[None]:
    """The three stages, until nothing waits."""
    with ExitStack() as exits:
        for stage in (annotator, stories.stage(options), write.stage(options.elasticsearch)):
            service = Service(stage.name)
            thread = threading.Thread(target=Worker(stage, options, service).run)
            thread.start()
            exits.callback(thread.join, 30)
            exits.callback(service.stop.set)
        yield
        until(lambda: not any(consumer_lag.lag(options.kafka, SOURCES).values()), 120)


def put(options: Settings, articles: Sequence[Article]) -> None:
    mapping.install(options.elasticsearch)
    publisher = Publisher(options.kafka)
    publisher.publish([publisher.encode(OutgoingMessage(ARTICLES, article)) for article in articles])
    publisher.close()


def documents(options: Settings) -> dict[str, dict[str, Any]]:
    article_search.refresh(options.elasticsearch)
    with client.connect(options.elasticsearch) as server:
        hits = server.search(index=options.elasticsearch.prefix, size=100)["hits"]["hits"]
    return {hit["_id"]: {name: value for name, value in hit["_source"].items() if name not in MOMENTS} for hit in hits}


def test_all_articles_through_a_newer_enricher_are_as_after_a_fresh_run(options: Settings, corpus: Path) -> None:
    annotator = annotate.stage(options.enrich)
    fresh = msgspec.structs.replace(
        options,
        kafka=msgspec.structs.replace(options.kafka, prefix=f"{options.kafka.prefix}f"),
        elasticsearch=msgspec.structs.replace(options.elasticsearch, prefix=f"{options.elasticsearch.prefix}f"),
    )
    put(options, seeds(corpus))
    with working(options, annotator):
        pass
    old = documents(options)
    assert len(old) == 5
    assert rewind(options.kafka, "annotate", ARTICLES) == 5
    with working(options, newer(annotator)), pytest.raises(WrongSetting, match="annotate is running"):
        until(lambda: rewind(options.kafka, "annotate", ARTICLES) < 0)
    broker.create_topics(fresh.kafka)
    put(fresh, seeds(corpus))
    with working(fresh, newer(annotator)):
        pass
    assert documents(options) == documents(fresh)
    assert documents(options) != old


def test_a_stage_is_set_back_to_a_time(options: Settings, corpus: Path) -> None:
    put(options, seeds(corpus))
    now = datetime.now(UTC)
    assert rewind(options.kafka, "annotate", ARTICLES, now + timedelta(minutes=1)) == 0
    assert rewind(options.kafka, "annotate", ARTICLES, now - timedelta(hours=1)) == 5
    assert consumer_lag.lag(options.kafka, [("annotate", ARTICLES)]) == {"annotate": 5}
