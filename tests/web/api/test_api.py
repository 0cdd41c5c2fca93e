"""The API: what it answers, what it refuses, and that its description is true of both and of the routes."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from jsonschema import Draft202012Validator

from index import mapping, write
from index.searching.article_search import refresh
from index.writing.document_kinds import KINDS
from pipeline.entity import Entity
from pipeline.messages import Story
from pipeline.settings import Settings
from tests.index.samples import OCTOBER, enriched
from tests.web.served import browsing, served
from web.api.description import OPERATIONS, PAGES, PATH, build_description

ADA = Entity(name="Lovelace", key="ada lovelace", type="person", count=1, canonical="Ada Lovelace", offsets=((0, 8),))
DESCRIPTION = json.loads(msgspec.json.encode(build_description()))


@pytest.fixture(scope="module")
def filled(shared_options: Settings) -> Settings:
    there = shared_options.elasticsearch
    mapping.install(there)
    now = datetime.now(UTC)
    write.stage(there).handle(
        [
            *(enriched(f"h{number}0000", published_at=OCTOBER - timedelta(hours=number)) for number in range(5)),
            enriched("copy0000", duplicate_of="h00000", duplicate_kind="exact", source_name="Another"),
            enriched("de000000", title="Hafen", text="Schiffe", language="de", entities=(ADA,), source="b.example"),
            enriched("now00000", story="harbour", published_at=now, first_seen_at=now, fetched_at=now, text="Now."),
        ]
    )
    story = Story(
        id="harbour", language="en", headline="Open", size=1, sources=("a",), first_seen_at=now, last_seen_at=now
    )
    write.stage(there, kind=KINDS[1]).handle([story])
    refresh(there)
    return shared_options


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with browsing(url, headers={"Accept": "application/json"}) as found:
        yield found


def check(answer: httpx.Response, path: str) -> Any:
    """The answer, which is as it is described."""
    [described] = [DESCRIPTION["paths"][path]["get"]["responses"][str(answer.status_code)]]
    [(content_type, content)] = described["content"].items()
    assert answer.headers["Content-Type"] == content_type
    told = answer.json()
    schema = {**content["schema"], "components": DESCRIPTION["components"]}
    Draft202012Validator(schema).validate(told)
    assert_described(told)
    return told


def assert_described(told: Any) -> None:
    """Fields of an answer are all described: JSON Schema alone lets unknown ones pass."""
    known = {name for each in DESCRIPTION["components"]["schemas"].values() for name in each["properties"]}
    if isinstance(told, dict):
        assert set(told) <= known
        for value in told.values():
            assert_described(value)
    elif isinstance(told, list):
        for value in told:
            assert_described(value)


@pytest.mark.stack
def test_a_search_is_paged_by_a_cursor_to_its_end(client: httpx.Client) -> None:
    asked: dict[str, Any] = {"q": "harbour ships", "limit": 2}
    found: list[str] = []
    while True:
        page = check(client.get("/api/v1/articles", params=asked), "/api/v1/articles")
        assert (page["total"], page["texts"]) == (6, 5)
        found += [each["article"]["id"] for each in page["articles"]]
        if page["next"] is None:
            break
        asked["cursor"] = page["next"]
    assert found == [f"h{number}0000" for number in range(5)]


@pytest.mark.stack
def test_filters_are_parameters_or_words_and_mean_the_same(client: httpx.Client) -> None:
    def ids(**asked: str) -> list[str]:
        told = check(client.get("/api/v1/articles", params=asked), "/api/v1/articles")
        return [each["article"]["id"] for each in told["articles"]]

    assert ids(language="german") == ids(q="language:german") == ids(person="Ada Lovelace") == ["de000000"]
    assert ids(source="b.example", q="Hafen", order="relevance") == ["de000000"]
    assert ids(after="2026-10-31T23:00", before="2026-11-01", q="ships") == ["h00000"]


@pytest.mark.stack
def test_an_article_and_a_story_by_their_ids(client: httpx.Client) -> None:
    told = check(client.get("/api/v1/articles/h00000"), "/api/v1/articles/{id}")
    assert (told["article"]["text"], told["same_text"][0]["id"]) == (
        "Ships may enter the harbour from Monday.",
        "copy0000",
    )
    assert (
        check(client.get("/api/v1/articles/de00"), "/api/v1/articles/{id}")["article"]["entities"][0]["type"]
        == "person"
    )
    timeline = check(client.get("/api/v1/stories/harbour"), "/api/v1/stories/{id}")
    assert [each["article"]["id"] for each in timeline["texts"]] == ["now00000"]
    [current] = check(client.get("/api/v1/stories"), "/api/v1/stories")["stories"]
    assert (current["story"]["id"], current["articles"]) == ("harbour", 1)


@pytest.mark.stack
@pytest.mark.parametrize(
    ("path", "asked", "status", "why"),
    [
        ("articles", {"limit": "0"}, 400, "limit: it is a number from 1 to 100, not '0'"),
        ("articles", {"limit": "1.5"}, 400, "limit: it is a whole number"),
        ("articles", {"limit": "nan"}, 400, "limit: it is a number"),
        ("articles", {"cursor": "zz"}, 400, "cursor: 'zz' is not where a page ended"),
        ("articles", {"lang": "en"}, 400, "lang: there is no such parameter; there are after, before"),
        ("articles", {"language": "klingonish"}, 400, "no language is called klingonish"),
        ("articles", {"order": "oldest"}, 400, "order: it is one of newest, relevance"),
        ("articles", [("q", "a"), ("q", "b")], 400, "q: it is given several times"),
        ("stories", {"hours": "inf"}, 400, "hours: it is a number from 0.1 to 2000"),
        ("stories", {"language": "klingonish"}, 400, "no language is called 'klingonish'"),
        ("articles/{id}", {}, 404, "nothing: there is no such article"),
        ("articles/{id}", {"x": "1"}, 400, "x: there is no such parameter"),
        ("stories/{id}", {}, 404, "nothing: there is no such story"),
    ],
)
def test_what_is_wrong_is_named(client: httpx.Client, path: str, asked: Any, status: int, why: str) -> None:
    answer = client.get(f"/api/v1/{path.replace('{id}', 'nothing')}", params=asked)
    assert answer.status_code == status
    told = check(answer, f"/api/v1/{path}")
    assert why in told["detail"]
    assert (told["status"], status == 404 or told["parameters"] != []) == (status, True)


def test_when_elasticsearch_is_away_and_where_nothing_is(offline_options: Settings, free_port: int) -> None:
    away = msgspec.structs.replace(offline_options.elasticsearch, url=f"http://127.0.0.1:{free_port}")
    options = msgspec.structs.replace(offline_options, elasticsearch=away)
    with served(options) as url, browsing(url) as client:
        for path in ("articles", "articles/{id}", "stories", "stories/{id}"):
            answer = client.get(f"/api/v1/{path.replace('{id}', 'nothing')}")
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
            assert "elasticsearch is unavailable" in check(answer, f"/api/v1/{path}")["detail"]
        nowhere = client.get("/api/v2/articles")
        assert (nowhere.status_code, nowhere.headers["Content-Type"]) == (404, "application/problem+json")
        assert PATH in nowhere.json()["detail"]
        assert client.get(PATH).json() == DESCRIPTION


def test_the_description_names_each_route_and_every_parameter_and_field() -> None:
    served_paths = {page.path for page in PAGES if page.path.startswith("/api/v1/")}
    assert served_paths == set(DESCRIPTION["paths"]) == {each.path for each in OPERATIONS}
    assert DESCRIPTION["openapi"] == "3.1.0"
    names = [each["get"]["operationId"] for each in DESCRIPTION["paths"].values()]
    assert len(set(names)) == len(names)
    for schema in DESCRIPTION["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
        assert all(field["description"] for field in schema["properties"].values())
    for path, operation in DESCRIPTION["paths"].items():
        told = operation["get"]["parameters"]
        assert [each["name"] for each in told if each["in"] == "path"] == re.findall(r"{(\w+)}", path)
        assert all(each["description"] for each in told)
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DESCRIPTION)))
    assert references <= set(DESCRIPTION["components"]["schemas"])
