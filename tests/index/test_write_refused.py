"""What becomes of documents on a server that says what the real one can't be made to say."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest

from index import write
from pipeline.failures import Poison, Unavailable
from pipeline.kafka.stage import Stage, StageOutput
from pipeline.messages import Enriched
from pipeline.settings import Settings
from tests.index.samples import enriched


@pytest.fixture
def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_server_that_is_away_is_unavailable(offline_options: Settings, closed_port: int) -> None:
    away = msgspec.structs.replace(offline_options.elasticsearch, url=f"http://127.0.0.1:{closed_port}")
    stage = write.stage(away)
    with pytest.raises(Unavailable, match="elasticsearch is unavailable: ConnectionError"):
        stage.handle([enriched("a")])
    with pytest.raises(Unavailable):
        stage.assigned(frozenset({0}))


class Busy(BaseHTTPRequestHandler):
    """Answers as Elasticsearch does: bulk items with the statuses of `script`, request by request, then 201."""

    script: list[list[int]]
    whole: int  # the status of every bulk request as a whole
    sent: list[list[str]]  # ids of every bulk request

    def do_HEAD(self) -> None:
        self._answer(200, {})

    def do_GET(self) -> None:
        self._answer(200, {})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, {"hits": {"hits": []}})

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if "_bulk" not in self.path:
            self._answer(200, {"acknowledged": True})
            return
        ids = [json.loads(line)["index"]["_id"] for line in body.splitlines()[::2]]
        self.sent.append(ids)
        statuses = self.script.pop(0) if self.script else [201] * len(ids)
        if self.whole != 200:
            self._answer(self.whole, {"error": {"type": "some_exception", "reason": "as told"}})
            return
        self._answer(200, {"items": [{"index": _item(*each)} for each in zip(ids, statuses, strict=False)]})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Warning", '299 Elasticsearch-9.2.0 "[something] is deprecated"')
        self.send_header("Content-Type", "application/vnd.elasticsearch+json;compatible-with=9")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def _item(id_: str, status: int) -> dict[str, Any]:
    error = {"type": "es_rejected_execution_exception", "reason": "queue is full"}
    return {"_id": id_, "status": status} | ({"error": error} if status >= 300 else {})


@contextmanager
def busy_server(script: list[list[int]], whole: int = 200) -> Iterator[tuple[str, list[list[str]]]]:
    """Its address, and the ids of the bulk requests that it got."""
    sent: list[list[str]] = []
    handler = type("Told", (Busy,), {"script": script, "sent": sent, "whole": whole})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", sent
        finally:
            server.shutdown()
            thread.join()


def _stage_at(url: str, options: Settings, waits: list[float]) -> Stage[Enriched]:
    there = msgspec.structs.replace(options.elasticsearch, url=url)
    return write.stage(there, write.Timing(sleep=waits.append, jitter=lambda: 1.0))


def test_only_rejected_items_are_sent_again_after_growing_waits(offline_options: Settings) -> None:
    waits: list[float] = []
    with busy_server([[201, 429, 503], [429, 200], [409]]) as (url, sent):
        results = _stage_at(url, offline_options, waits).handle([enriched("a"), enriched("b"), enriched("c")])
    assert list(results) == [StageOutput()] * 3
    assert sent == [["a", "b", "c"], ["b", "c"], ["b"]]
    assert waits == pytest.approx([0.1, 0.2])


def test_after_the_last_time_the_batch_waits(offline_options: Settings) -> None:
    waits: list[float] = []
    with busy_server([[201, 429]] + [[429]] * 5) as (url, sent), pytest.raises(Unavailable, match="queue is full"):
        _stage_at(url, offline_options, waits).handle([enriched("a"), enriched("b")])
    assert len(sent) == offline_options.elasticsearch.item_retries + 1
    assert sum(waits) < 5


def test_what_is_sent_again_can_overtake_no_later_message(offline_options: Settings) -> None:
    with busy_server([[429, 201], [201]]) as (url, sent):
        _stage_at(url, offline_options, []).handle([enriched("a"), enriched("b"), enriched("a", title="later")])
    assert sent == [["a", "b"], ["a"]]  # of a only the later one


def test_an_answer_that_misses_documents_is_not_believed(offline_options: Settings) -> None:
    with busy_server([[201]]) as (url, _), pytest.raises(Unavailable, match="1 answers to a bulk request of 2"):
        _stage_at(url, offline_options, []).handle([enriched("a"), enriched("b")])


@pytest.mark.parametrize("status", [401, 403, 404, 408, 429, 500, 502, 503, 504])
def test_a_request_that_fails_as_a_whole_is_unavailable(offline_options: Settings, status: int) -> None:
    with busy_server([], whole=status) as (url, _), pytest.raises(Unavailable, match=f"status {status}.*as told"):
        _stage_at(url, offline_options, []).handle([enriched("a")])


@pytest.mark.parametrize("status", [400, 413])
def test_a_request_that_is_refused_as_a_whole_is_poison_that_the_worker_takes_apart(
    offline_options: Settings, status: int
) -> None:
    with busy_server([], whole=status) as (url, _), pytest.raises(Poison, match="rejected_document"):
        _stage_at(url, offline_options, []).handle([enriched("a")])
