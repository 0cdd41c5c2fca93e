"""The five seeds through Kafka: annotate and stories as processes, each with its own topics between them."""

from pathlib import Path

import pytest

from pipeline.kafka import broker, consumer_lag
from pipeline.kafka.publisher import OutgoingMessage, Publisher
from pipeline.messages import ARTICLES, ENRICHED, STORIES, Enriched, Story, decode
from pipeline.settings import Settings
from tests.enrich.samples import follow_merges, seeds
from tests.journeys import corpus_site

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


def test_the_three_reports_of_one_call_share_a_story_and_the_others_do_not_join(
    options: Settings, corpus: Path, tmp_path: Path
) -> None:
    publisher = Publisher(options.kafka)
    publisher.publish([publisher.encode(OutgoingMessage(ARTICLES, article)) for article in seeds(corpus)])
    publisher.close()
    with corpus_site.running_stages(options, corpus_site.feed_list(tmp_path / "feeds.toml", []), tmp_path) as stages:
        corpus_site.until(lambda: consumer_lag.count_messages(options.kafka, ENRICHED) >= len(seeds(corpus)), stages)
    told = [decode(record.value, Story) for record in broker.read_topic(options.kafka, STORIES)]
    story = {each.id: follow_merges(each.story, told) for each in enriched(options)}
    assert len(story) == len(seeds(corpus))
    assert len({story["000"], story["001"], story["002"]}) == 1
    assert story["000"] not in {story["003"], story["004"]}


def enriched(options: Settings) -> list[Enriched]:
    return [decode(record.value, Enriched) for record in broker.read_topic(options.kafka, ENRICHED)]
