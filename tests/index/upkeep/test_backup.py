"""A snapshot brings back what was lost, on the real server."""

from datetime import timedelta

import msgspec
import pytest

from index import mapping, write
from index.client import connect
from index.searching import article_search
from index.upkeep import backup, maintenance
from pipeline import settings
from pipeline.failures import WrongSetting
from pipeline.settings import Settings
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
