"""Whole pipeline on real pages: each page of a local site is found once, by a phrase of its body, also after kills."""

from pathlib import Path

import pytest

from embedded.stack import Stack
from index import mapping
from index.searching import article_search
from newsloom.demo.local_site import Site
from pipeline.kafka import consumer_lag
from pipeline.messages import ANNOTATED, ARTICLES, ENRICHED
from pipeline.settings import Settings
from tests.journeys import corpus_site

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]
FEWEST_PAGES = 60


def test_every_page_that_has_text_is_found_by_a_phrase_of_its_body_once(
    options: Settings, corpus: Path, tmp_path: Path
) -> None:
    mapping.install(options.elasticsearch)
    pages = corpus_site.corpus_pages(corpus, "aeb")
    assert len(pages) >= FEWEST_PAGES
    with Site() as site:
        feeds = corpus_site.feed_list(tmp_path / "feeds.toml", corpus_site.serve(site, pages))
        with corpus_site.running_stages(options, feeds, tmp_path) as stages:
            corpus_site.until(lambda: consumer_lag.count_messages(options.kafka, ARTICLES) >= len(pages), stages)
            corpus_site.until(lambda: corpus_site.nothing_waits(options), stages)
    assert corpus_site.searchable(options) == consumer_lag.count_messages(options.kafka, ARTICLES) == len(pages)
    assert [page.path for page in pages if not corpus_site.found_once(options, page)] == []


def test_whatever_is_killed_every_article_is_there_exactly_once(
    options: Settings, stack: Stack, corpus: Path, tmp_path: Path
) -> None:
    """Each stage, Kafka and Elasticsearch are killed with SIGKILL in the middle of the journey and started again."""
    mapping.install(options.elasticsearch)
    pages = corpus_site.corpus_pages(corpus, "aeb")
    with Site() as site:
        feeds = corpus_site.feed_list(tmp_path / "feeds.toml", corpus_site.serve(site, pages))
        with corpus_site.running_stages(options, feeds, tmp_path) as stages:
            for number, (stage, topic) in enumerate(
                [("ingest", ARTICLES), ("annotate", ANNOTATED), ("stories", ENRICHED)], start=1
            ):
                corpus_site.until(
                    lambda t=topic, n=number: consumer_lag.count_messages(options.kafka, t) >= 5 * n,  # type: ignore[misc]
                    stages,
                )
                stages.children[stage].kill()
            corpus_site.until(lambda: corpus_site.searchable(options) >= 10, stages)
            stages.children["index"].kill()
            stack.kafka.kill()
            stack.kafka.start()
            stack.elasticsearch.kill()
            stack.elasticsearch.start()
            corpus_site.until(lambda: corpus_site.searchable(options) >= len(pages), stages)
            corpus_site.until(lambda: corpus_site.nothing_waits(options), stages)
    assert corpus_site.searchable(options) == len(pages)
    assert [page.path for page in pages if not corpus_site.found_once(options, page)] == []
    urls = [each.article.url for each in article_search.search(options.elasticsearch, "*", size=500).hits]
    assert len(urls) == len(set(urls))
