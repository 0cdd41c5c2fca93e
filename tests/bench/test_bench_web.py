"""What the bench of the page measures on: documents of every article, in indices as they always are."""

from datetime import UTC, datetime

import pytest

from bench.web.filling import BATCH, fill
from bench.web.invented_articles import invent
from index.client import connect
from index.searching import article_search
from pipeline.settings import Settings

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.stack
def test_every_article_and_story_is_there_and_its_index_as_it_would_be(options: Settings) -> None:
    articles = list(invent(BATCH + 100, NOW))
    sample = fill(options.elasticsearch, iter(articles))
    assert [each.id for each in sample] == [articles[0].id, articles[BATCH].id]
    assert article_search.count(options.elasticsearch) == len(articles)
    with connect(options.elasticsearch) as client:
        assert client.count(index=f"{options.elasticsearch.prefix}-stories")["count"] == len(
            {each.story for each in articles}
        )
        found = client.indices.get_settings(index=f"{options.elasticsearch.prefix}-articles-*")
    assert len(found) == 2  # of two months
    assert {each["settings"]["index"]["refresh_interval"] for each in found.values()} == {"1s"}
