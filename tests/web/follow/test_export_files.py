"""A search is taken along as a file: all of it, streamed, and harmless in a spreadsheet."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import mapping, write
from index.searching import article_export
from index.searching.article_search import refresh
from index.searching.query import SearchRequest
from pipeline.settings import Settings
from tests.index.samples import NOVEMBER, OCTOBER, enriched
from tests.web.served import browsing, served, text_of
from web.follow import csv_table
from web.follow.export_files import file_name

FORMULA = '=HYPERLINK("https://evil.example";"harbour")'
MANY = article_export.PAGE + 1


@pytest.fixture
def filled(options: Settings) -> Settings:
    mapping.install(options.elasticsearch)
    stage = write.stage(options.elasticsearch)
    stage.handle([enriched("formula", title=FORMULA, published_at=NOVEMBER, first_seen_at=NOVEMBER)])
    stage.handle([enriched("copy", duplicate_of="formula", duplicate_kind="exact")])
    refresh(options.elasticsearch)
    return options


@pytest.mark.stack
def test_all_articles_come_as_csv_and_as_json_lines(filled: Settings) -> None:
    with served(filled) as url, browsing(url) as client:
        table = client.get("/export.csv", params={"q": "harbour"})
        lines = client.get("/export.jsonl", params={"q": "harbour"})
    head, first, second = csv.reader(io.StringIO(table.content.decode("utf-8-sig")))
    assert tuple(head) == article_export.COLUMNS
    assert first[head.index("title")] == f"'{FORMULA}"
    assert (second[head.index("id")], second[head.index("duplicate_of")]) == ("copy", "formula")
    assert re.fullmatch(
        r'attachment; filename="newsloom-harbour-\d{4}-\d\d-\d\d\.csv"', table.headers["Content-Disposition"]
    )
    assert "Content-Length" not in table.headers
    told = [json.loads(line) for line in lines.text.splitlines()]
    assert [each["id"] for each in told] == ["formula", "copy"]
    assert told[0]["title"] == FORMULA
    assert set(told[0]) == set(article_export.COLUMNS)


@pytest.mark.stack
@pytest.mark.slow
def test_more_than_a_page_comes_in_order_and_what_comes_meanwhile_does_not(options: Settings) -> None:
    mapping.install(options.elasticsearch)
    stage = write.stage(options.elasticsearch)
    stage.handle(
        [enriched(f"a{number:04}", published_at=OCTOBER - timedelta(minutes=number)) for number in range(MANY)]
    )
    refresh(options.elasticsearch)
    articles = article_export.read_articles(options.elasticsearch, SearchRequest(query_text="harbour"))
    first = next(articles)
    stage.handle([enriched("late", published_at=OCTOBER - timedelta(days=9))])
    refresh(options.elasticsearch)
    assert [first.id, *(each.id for each in articles)] == [f"a{number:04}" for number in range(MANY)]


@pytest.mark.stack
def test_without_an_index_or_a_hit_the_file_is_empty(options: Settings) -> None:
    with served(options) as url, browsing(url) as client:
        assert client.get("/export.jsonl").content == b""
        assert len(client.get("/export.csv").text.splitlines()) == 1
        mapping.install(options.elasticsearch)
        assert client.get("/export.jsonl", params={"q": "harbour"}).content == b""


def test_what_fails_before_the_first_line_is_told_on_a_page(offline_options: Settings, free_port: int) -> None:
    away = msgspec.structs.replace(offline_options.elasticsearch, url=f"http://127.0.0.1:{free_port}")
    with served(msgspec.structs.replace(offline_options, elasticsearch=away)) as url, browsing(url) as client:
        answer = client.get("/export.csv")
    assert answer.status_code == 503
    assert "Elasticsearch can't be reached" in text_of(answer)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1))
def test_no_cell_is_a_formula_and_each_comes_back(cells: list[str]) -> None:
    [read] = csv.reader(io.StringIO(csv_table.write_row(cells), newline=""))
    assert not any(each.startswith(csv_table.FORMULA_BEGINS) for each in read)
    assert [each.removeprefix("'") for each in read] == [each.removeprefix("'") for each in cells]


@given(st.text())
def test_a_file_has_a_name_that_every_system_takes(typed: str) -> None:
    name = file_name(typed, datetime(2026, 11, 30, tzinfo=UTC))
    assert re.fullmatch(r"newsloom-([a-z0-9-]{1,60}-)?2026-11-30", name)


def test_the_name_says_what_was_searched_for() -> None:
    assert file_name('"../central bank" rates', OCTOBER) == "newsloom-central-bank-rates-2026-10-31"
