"""How long articles took is told overall, by source and over time, beside the target: on a real server."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from index import mapping, write
from index.searching import article_freshness, article_search
from pipeline import settings
from pipeline.settings import Settings
from tests.index.samples import enriched

pytestmark = pytest.mark.stack

TARGET = settings.Freshness(target_seconds=60.0, target_share=0.95)


def filled(options: Settings, now: datetime) -> settings.Elasticsearch:
    """Three articles of the last minute from one source, found 5 s before their fetch; one that took two hours, of
    another source; one of yesterday."""
    there = options.elasticsearch
    mapping.install(there)
    fetched = [now - timedelta(seconds=seconds) for seconds in (10, 20, 30)]
    recent = [
        enriched(f"a{n}", fetched_at=at, found_at=at - timedelta(seconds=5), published_at=at - timedelta(hours=1))
        for n, at in enumerate(fetched)
    ]
    slow = enriched("slow", source="slow.example", fetched_at=fetched[0], found_at=now - timedelta(hours=2))
    write.stage(there).handle([*recent, slow, enriched("long ago", fetched_at=now - timedelta(days=1))])
    article_search.refresh(there)
    return there


def test_overall_by_source_and_over_time(options: Settings) -> None:
    report = article_freshness.report(filled(options, datetime.now(UTC)), TARGET, hours=2)
    assert report.overall.articles == 4
    assert report.overall.share == 0.75
    assert report.overall.from_fetch["50"] == pytest.approx(15, abs=8)
    assert list(report.by_source) == ["slow.example", "paper.example"]  # the slowest first
    paper = report.by_source["paper.example"]
    assert (paper.articles, paper.share) == (3, 1.0)
    assert paper.from_found["50"] == pytest.approx(25, abs=8)
    assert paper.from_publication["50"] == pytest.approx(3620, abs=8)
    assert set(paper.from_fetch) == {"50", "95", "99"}
    assert sum(each.articles for each in report.by_time.values()) == 4


def test_the_share_that_met_the_target(options: Settings) -> None:
    there = filled(options, datetime.now(UTC))
    met = article_freshness.share_within(there, TARGET, hours=2)
    assert (met.articles, met.share, met.target_seconds, met.target_share) == (4, 0.75, 60.0, 0.95)
    slower = msgspec.structs.replace(TARGET, target_seconds=10_000.0)
    assert article_freshness.share_within(there, slower, hours=2).share == 1.0


def test_an_article_of_an_older_program_has_no_time_of_discovery(options: Settings) -> None:
    there = options.elasticsearch
    mapping.install(there)
    now = datetime.now(UTC)
    write.stage(there).handle([enriched("old", fetched_at=now)])
    article_search.refresh(there)
    delays = article_freshness.delays(there, TARGET, hours=1)
    assert (delays.articles, delays.from_found, delays.share) == (1, {}, None)
    assert article_freshness.share_within(there, TARGET, hours=1).articles == 0


def test_before_the_first_article_there_is_nothing_to_tell(options: Settings) -> None:
    report = article_freshness.report(options.elasticsearch, TARGET, hours=1)
    assert (report.overall.articles, report.by_source, report.by_time) == (0, {}, {})
    assert article_freshness.share_within(options.elasticsearch, TARGET, hours=1).articles == 0
