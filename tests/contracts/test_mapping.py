"""The index's mapping is what the documents need, no less and no more; and the real server takes it."""

import json
import shutil
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from index import mapping
from index.client import connect
from index.mapping import STEMMED_LANGUAGES
from index.searching.article_search import ArticleSummary
from index.searching.query import HIT_FIELDS
from index.writing import dead_letter_document, feed_document, story_document
from index.writing.article_document import (
    FIELDS_INDEXED_BY_NAME,
    FIELDS_NOT_INDEXED,
    ArticleBody,
    LocatedPlace,
    StemmedText,
    build_article_document,
)
from index.writing.edits import Edit
from pipeline.entity import Entity
from pipeline.failures import Unavailable, WrongSetting
from pipeline.messages import DeadLetter, Enriched, FeedState, Message, Story
from pipeline.settings import Settings
from tests.index.samples import enriched

# what only a poller must remember, and bytes that are read back from the topic
NOT_INDEXED = {"schema", "seen", "pending", "etag", "last_modified", "body_hash", "original", "key"} | {
    *("move", "conditional_polls", "arrivals", "observed", "hint_seconds", "skip_hours", "skip_days"),
    *("events", "page_statistics", "sitemaps", "rhythm", "files", "links", "revisits"),
}
BODIES: dict[str, tuple[type[msgspec.Struct], type[Message]]] = {
    "stories": (story_document.StoryBody, Story),
    "feeds": (feed_document.FeedBody, FeedState),
    "dead": (dead_letter_document.DeadLetterBody, DeadLetter),
}


def properties(name: str) -> dict[str, Any]:
    """The fields of an index template, as the file says them."""
    body = json.loads((mapping.TEMPLATE_FOLDER / "index_templates" / f"{name}.json").read_text(encoding="utf-8"))
    assert body["template"]["mappings"]["dynamic"] == "strict"
    found: dict[str, Any] = body["template"]["mappings"]["properties"]
    return found


def test_every_field_of_a_document_is_mapped_and_every_mapped_field_is_made() -> None:
    assert set(properties("articles")) == set(ArticleBody.__struct_fields__)
    assert set(properties("articles")["entities"]["properties"]) == set(Entity.__struct_fields__)
    assert set(properties("articles")["located"]["properties"]) == set(LocatedPlace.__struct_fields__)
    assert set(properties("articles")["edits"]["properties"]) == set(Edit.__struct_fields__)


def test_every_field_of_a_message_is_in_the_document_or_left_out_by_decision() -> None:
    assert set(Enriched.__struct_fields__) - set(ArticleBody.__struct_fields__) == FIELDS_NOT_INDEXED
    body = build_article_document(enriched("a"), "news", datetime.now(UTC)).body
    for name in set(Enriched.__struct_fields__) - FIELDS_NOT_INDEXED - FIELDS_INDEXED_BY_NAME:
        assert getattr(body, name) == getattr(enriched("a"), name)


def test_a_hit_shows_fields_that_are_there() -> None:
    assert set(HIT_FIELDS) == set(ArticleSummary.__struct_fields__) <= set(ArticleBody.__struct_fields__)


@pytest.mark.parametrize("name", BODIES)
def test_the_other_indices_have_the_fields_of_their_messages(name: str) -> None:
    body, message = BODIES[name]
    assert set(properties(name)) == set(body.__struct_fields__)
    assert set(message.__struct_fields__) - set(body.__struct_fields__) - NOT_INDEXED == set()


def test_every_language_with_a_stemmer_has_its_fields() -> None:
    stemmed = properties("articles")["stemmed"]["properties"]
    assert set(stemmed) == STEMMED_LANGUAGES
    assert all(set(each["properties"]) == set(StemmedText.__struct_fields__) for each in stemmed.values())


def test_another_prefix_and_replicas_take_the_place_of_those_in_the_files(offline_options: Settings) -> None:
    other = msgspec.structs.replace(offline_options.elasticsearch, prefix="zeitung", replicas=2)
    made = {f"{each.kind} {each.name}": each.body for each in mapping.load_templates(other)}
    assert set(made) == {"component zeitung-analysis"} | {
        f"index zeitung-{name}" for name in ("articles", "stories", "feeds", "dead")
    }
    articles = made["index zeitung-articles"]
    assert articles["index_patterns"] == ["zeitung-articles-*"]
    assert articles["composed_of"] == ["zeitung-analysis"]
    assert "aliases" not in articles["template"]
    assert [mapping.search_alias("zeitung", name) for name in ("articles", "dead")] == ["zeitung", "zeitung-dead"]
    assert articles["template"]["settings"]["index"]["number_of_replicas"] == 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the templates, to be spoilt."""
    return shutil.copytree(mapping.TEMPLATE_FOLDER, tmp_path / "elasticsearch")


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"template": []}', '{"template": {}}', "\ud800"], ids=ascii)
def test_a_broken_file_is_named(offline_options: Settings, folder: Path, content: str) -> None:
    (folder / "index_templates" / "articles.json").write_text(content, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(WrongSetting, match=r"articles\.json"):
        mapping.load_templates(offline_options.elasticsearch, folder)


def test_a_missing_file_is_named(offline_options: Settings, folder: Path) -> None:
    (folder / "component_templates" / "analysis.json").unlink()
    with pytest.raises(WrongSetting, match=r"analysis\.json can't be read"):
        mapping.load_templates(offline_options.elasticsearch, folder)


def test_without_a_server_it_is_unavailable(offline_options: Settings) -> None:
    with pytest.raises(Unavailable, match="elasticsearch"):
        mapping.install(msgspec.structs.replace(offline_options.elasticsearch, url="http://127.0.0.1:1"))


# --- the real server ---


@pytest.mark.stack
def test_templates_are_installed_and_a_second_time_too(options: Settings) -> None:
    first = mapping.install(options.elasticsearch)
    assert mapping.install(options.elasticsearch) == first
    prefix = options.elasticsearch.prefix
    with connect(options.elasticsearch) as client:
        for name in (
            f"{prefix}-articles-2026.11",
            f"{prefix}-stories-2026.11",
            f"{prefix}-feeds-list",
            f"{prefix}-dead-2026.11",
        ):
            client.indices.create(index=name)
            made = client.indices.get(index=name)[name]
            assert made["mappings"]["dynamic"] == "strict"
            client.indices.put_alias(index=name, name=mapping.search_alias(prefix, name.split("-")[1]))
    assert mapping.install(options.elasticsearch) == first  # onto indices that are there


@pytest.mark.stack
def test_a_new_field_reaches_the_indices_that_are_there(options: Settings, folder: Path) -> None:
    mapping.install(options.elasticsearch)
    index = f"{options.elasticsearch.prefix}-articles-2026.11"
    file = folder / "index_templates" / "articles.json"
    body = json.loads(file.read_text(encoding="utf-8"))
    with connect(options.elasticsearch) as client:
        client.indices.create(index=index, aliases={options.elasticsearch.prefix: {}})
        body["template"]["mappings"]["properties"]["mood"] = {"type": "keyword"}
        file.write_text(json.dumps(body), encoding="utf-8")
        mapping.install(options.elasticsearch, folder)
        assert "mood" in client.indices.get_mapping(index=index)[index]["mappings"]["properties"]


@pytest.mark.stack
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"mood": {"type": "no_such_type"}}, r"rejects the template of .*articles\.json.*no_such_type"),
        ({"title": {"type": "keyword"}}, r"can't take the mapping of articles\.json.*title"),
    ],
    ids=["rejected", "incompatible"],
)
def test_what_the_server_does_not_take_is_named(
    options: Settings, folder: Path, change: dict[str, Any], told: str
) -> None:
    mapping.install(options.elasticsearch)
    file = folder / "index_templates" / "articles.json"
    body = json.loads(file.read_text(encoding="utf-8"))
    body["template"]["mappings"]["properties"] |= change
    file.write_text(json.dumps(body), encoding="utf-8")
    with connect(options.elasticsearch) as client:
        client.indices.create(
            index=f"{options.elasticsearch.prefix}-articles-2026.11", aliases={options.elasticsearch.prefix: {}}
        )
    with pytest.raises(WrongSetting, match=told):
        mapping.install(options.elasticsearch, folder)


class Full(BaseHTTPRequestHandler):
    """A server that takes everything, lifecycles too."""

    asked: dict[str, dict[str, Any]]

    def do_PUT(self) -> None:
        self.asked[self.path] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(b'{"acknowledged": true}')

    def do_GET(self) -> None:
        self._answer(b'{"nodes": {"n": {"plugins": [], "modules": []}}}')

    def do_POST(self) -> None:
        self._answer(b'{"template": {"mappings": {"properties": {}}}}')

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/vnd.elasticsearch+json;compatible-with=9")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_where_the_server_manages_lifecycles_ours_is_used(offline_options: Settings) -> None:
    asked: dict[str, dict[str, Any]] = {}
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Told", (Full,), {"asked": asked})) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        mapping.install(msgspec.structs.replace(offline_options.elasticsearch, url=url))
        server.shutdown()
        thread.join()
    assert set(asked["/_ilm/policy/news"]["policy"]["phases"]) == {"hot", "warm"}  # nothing is deleted by it
    for name in mapping.INDEX_TEMPLATES:
        index = asked[f"/_index_template/news-{name}"]["template"]["settings"]["index"]
        assert index["lifecycle.name"] == "news"
