"""A snapshot brings back what was lost, on the real server."""

import shutil
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from embedded.stack import Stack
from index import mapping, write
from index.client import connect
from index.searching import article_search, story_search
from index.upkeep import backup, maintenance
from pipeline import settings
from pipeline.failures import WrongSetting
from pipeline.settings import ROOT, Settings
from tests.index.samples import NOVEMBER, enriched

pytestmark = pytest.mark.stack


@pytest.fixture
def there(options: Settings) -> settings.Elasticsearch:
    """An index with an article, and a repository."""
    named = msgspec.structs.replace(options.elasticsearch, repository=options.elasticsearch.prefix, keep_snapshots=2)
    mapping.install(named)
    backup.register_repository(named, named.prefix)
    write.stage(named).handle([enriched("a", title="The lamp of Velm")])
    return named


def test_what_was_lost_is_there_again(there: settings.Elasticsearch) -> None:
    name = backup.take_snapshot(there, NOVEMBER)
    assert name == f"{there.prefix}-2026.11.01"
    clash = rf"the index {there.prefix}-articles-2026\.10 is there already"
    with pytest.raises(WrongSetting, match=clash):  # over an index that is there
        backup.restore_snapshot(there, name)
    with connect(there) as client:
        client.indices.delete(index=f"{there.prefix}-articles-2026.10")
    assert backup.restore_snapshot(there, name) == [f"{there.prefix}-articles-2026.10"]
    assert [hit.article.title for hit in article_search.search(there, "lamp").hits] == ["The lamp of Velm"]
    write.stage(there).handle([enriched("a", revision=2, title="The lamp of Velm is lit")])
    article_search.refresh(there)
    assert article_search.count(there) == 1


QUERIES = ("lamp", "harbour -lamp", '"new ward"', "velm", "")


def found(options: settings.Elasticsearch) -> list[object]:
    """What searches find: articles in their order with copies and passages (scores fall with the hours); stories."""
    article_search.refresh(options)
    searched = [
        (hit.article, hit.passages, hit.copies)
        for query in QUERIES
        for hit in article_search.search(options, query).hits
    ]
    return [*searched, story_search.current_stories(options, NOVEMBER, hours=24 * 60)]


@pytest.mark.timeout(300)
def test_a_copied_backup_gives_the_same_results_on_an_empty_stack(
    there: settings.Elasticsearch, stack: Stack, tmp_path: Path
) -> None:
    more = [
        enriched("b", title="Harbour clinic", text="It gets a new ward."),
        enriched("c", title="Harbour clinic", text="It gets a new ward.", duplicate_of="b", source="post.example"),
        enriched("d", title="A match", first_seen_at=NOVEMBER, published_at=NOVEMBER),
    ]
    write.stage(there).handle(more)
    before = found(there)
    name = backup.take_snapshot(there, NOVEMBER)
    with Stack(tmp_path / "data", ROOT / "config" / "kafka.properties", report_progress=print) as other:
        copy = other.directory / "elasticsearch" / "snapshots" / there.prefix
        shutil.copytree(stack.directory / "elasticsearch" / "snapshots" / there.prefix, copy)
        empty = msgspec.structs.replace(there, url=other.elasticsearch_url)
        backup.register_repository(empty, empty.prefix)
        assert len(backup.restore_snapshot(empty, name)) == 2
        assert found(empty) == before
        # a run on it goes on: templates are put, and what is newer takes the place of what was restored
        mapping.install(empty)
        write.stage(empty).handle([enriched("b", revision=2, title="Harbour clinic closed", text="It gets no ward.")])
        article_search.refresh(empty)
        [newest] = article_search.search(empty, "clinic closed").hits
        assert newest.article.title == "Harbour clinic closed"
        assert article_search.count(empty) == 4


def test_one_each_day_and_the_newest_stay(there: settings.Elasticsearch) -> None:
    for day in (0, 1, 1, 2):
        maintenance.run_once(there, NOVEMBER + timedelta(days=day))
    assert backup.list_snapshots(there) == [f"{there.prefix}-2026.11.02", f"{there.prefix}-2026.11.03"]


def test_without_a_repository_it_says_so(there: settings.Elasticsearch) -> None:
    with pytest.raises(WrongSetting, match=r"elasticsearch\.repository is empty"):
        backup.take_snapshot(msgspec.structs.replace(there, repository=""), NOVEMBER)
    with pytest.raises(WrongSetting, match="no repository nowhere: make it with"):
        backup.take_snapshot(msgspec.structs.replace(there, repository="nowhere"), NOVEMBER)


def test_a_snapshot_that_is_not_there_names_those_that_are(there: settings.Elasticsearch) -> None:
    with pytest.raises(WrongSetting, match="has no snapshot news-1: the newest there are none"):
        backup.restore_snapshot(there, "news-1")
    name = backup.take_snapshot(there, NOVEMBER)
    with pytest.raises(WrongSetting, match=f"has no snapshot news-1: the newest there are {name}"):
        backup.restore_snapshot(there, "news-1")


def test_a_repository_elsewhere_says_where_it_may_be(there: settings.Elasticsearch) -> None:
    with pytest.raises(WrongSetting, match=r"must lie below the server's path\.repo.*DIR/elasticsearch/snapshots"):
        backup.register_repository(msgspec.structs.replace(there, repository="other"), "/elsewhere")
