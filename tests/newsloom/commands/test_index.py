"""`newsloom index ...` and `newsloom search` as an operator and a reader use them."""

import json

import msgspec
import pytest
from click.testing import CliRunner

from index import mapping, write
from index.client import connect
from index.searching import article_search
from newsloom.__main__ import newsloom
from pipeline.kafka.publisher import OutgoingMessage
from pipeline.messages import ARTICLES
from pipeline.settings import Settings
from tests.conftest import environment_of
from tests.enrich.samples import article
from tests.index.samples import NOVEMBER, enriched
from tests.watches.on_servers import publish

pytestmark = pytest.mark.stack


def said(options: Settings, *arguments: str) -> str:
    """What the command prints."""
    done = CliRunner().invoke(newsloom, arguments, env=environment_of(options), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def filled(options: Settings) -> Settings:
    """Three articles of two months; one is a copy."""
    mapping.install(options.elasticsearch)
    copy = enriched("copy", duplicate_of="new", source="b.example", first_seen_at=NOVEMBER)
    write.stage(options.elasticsearch).handle([enriched("old"), enriched("new", first_seen_at=NOVEMBER), copy])
    article_search.refresh(options.elasticsearch)
    return options


def test_an_index_is_rebuilt_and_the_old_months_are_deleted(filled: Settings) -> None:
    prefix = filled.elasticsearch.prefix
    assert f"built {prefix}-articles-2026.10-2\n" in said(filled, "index", "rebuild", "articles")
    kept = f"kept {prefix}-articles-2026.10, which was replaced lately: a search may still read it; deleted from "
    assert kept in said(filled, "index", "prune")
    assert f"deleted {prefix}-articles-2026.10\n" in said(filled, "index", "prune", "--months", "1")
    said(filled, "index", "rebuild")  # all kinds, those that have no index yet too
    assert article_search.count(filled.elasticsearch) in (0, 2)  # November, unless this is read in a later month


def test_where_nothing_is_to_be_deleted_the_reason_is_said(filled: Settings) -> None:
    no_age = "nothing to delete: no index was replaced, and elasticsearch.keep_months = 0 keeps all months\n"
    assert said(filled, "index", "prune") == no_age
    assert "none is older than 900 months" in said(filled, "index", "prune", "--months", "900")


def test_a_reader_searches_page_by_page(filled: Settings) -> None:
    first = json.loads(said(filled, "search", "harbour", "--json", "--size", "1"))
    second = json.loads(said(filled, "search", "harbour", "--json", "--size", "1", "--after", first["next"]))
    assert {hit["article"]["id"] for each in (first, second) for hit in each["hits"]} == {"old", "new"}
    assert (first["total"], first["texts"], second["next"]) == (3, 2, None)
    table = said(filled, "search", "harbour", "--newest", "--language", "en")
    assert "  1 copy\n" in table
    assert "3 articles, 2 without their copies" in table
    assert "0 articles" in said(filled, "search", "harbour", "--country", "TR")


def test_a_snapshot_is_taken_listed_and_restored(filled: Settings) -> None:
    prefix = filled.elasticsearch.prefix
    named = msgspec.structs.replace(
        filled, elasticsearch=msgspec.structs.replace(filled.elasticsearch, repository=prefix)
    )
    assert f"repository {prefix} is {prefix} below" in said(named, "index", "snapshot", "register", prefix)
    name = said(named, "index", "snapshot", "take").removeprefix("taken ").strip()
    assert said(named, "index", "snapshot", "list") == f"{name}\n"
    with connect(filled.elasticsearch) as client:
        client.indices.delete(index=[f"{prefix}-articles-2026.10", f"{prefix}-articles-2026.11"])
    restored = said(named, "index", "snapshot", "restore", name)
    assert sorted(restored.splitlines()) == [f"restored {prefix}-articles-2026.{month}" for month in (10, 11)]
    assert article_search.count(filled.elasticsearch) == 3


def test_a_stage_is_set_back(options: Settings) -> None:
    publish(
        options, OutgoingMessage(ARTICLES, article("a", "A", "a")), OutgoingMessage(ARTICLES, article("b", "B", "b"))
    )
    again = said(options, "rewind", "annotate", "--yes")
    assert again == "annotate handles 2 messages again when it is started\n"
    assert "annotate handles 0 messages" in said(options, "rewind", "annotate", "--since", "2100-01-01", "--yes")
    both = CliRunner().invoke(newsloom, ["rewind", "annotate", "--since", "2100-01-01", "--hours", "1"])
    assert (both.exit_code, "--hours or --since, not both" in both.output) == (2, True)
