"""The import, on a server that answers as Kibana does."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from index.kibana import saved_objects
from index.kibana.import_objects import import_saved_objects
from pipeline.failures import Unavailable, WrongSetting
from pipeline.settings import Kibana

Script = list[tuple[int, dict[str, Any]]]
TAKEN = (200, {"success": True, "successCount": 12})


class Told(BaseHTTPRequestHandler):
    script: Script
    requests: list[tuple[str, dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.requests.append((self.path, {key.lower(): value for key, value in self.headers.items()}, body))
        status, answer = self.script.pop(0) if self.script else (200, {"acknowledged": True})
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def kibana(script: Script) -> Iterator[tuple[Kibana, list[tuple[str, dict[str, str], bytes]]]]:
    requests: list[tuple[str, dict[str, str], bytes]] = []
    handler = type("Scripted", (Told,), {"script": script, "requests": requests})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}/"
            yield Kibana(url=url, username="elastic", password="x", ca_file=""), requests  # noqa: S106
        finally:
            server.shutdown()
            thread.join()


def test_the_file_is_sent_as_kibana_wants_it_and_the_default_is_set() -> None:
    with kibana([(503, {"message": "not ready yet"}), TAKEN]) as (options, requests):
        assert import_saved_objects(options, "news") == 12
    paths = [path for path, _, _ in requests]
    assert paths == ["/api/saved_objects/_import?overwrite=true"] * 2 + ["/api/data_views/default"]
    _, headers, body = requests[1]
    assert headers["kbn-xsrf"]
    assert headers["authorization"] == f"Basic {base64.b64encode(b'elastic:x').decode()}"
    boundary = headers["content-type"].partition("boundary=")[2].encode()
    [part] = body.removesuffix(b"\r\n--" + boundary + b"--\r\n").split(b"--" + boundary + b"\r\n")[1:]
    head, _, file = part.partition(b"\r\n\r\n")
    assert b'name="file"; filename="newsloom.ndjson"' in head
    assert file == saved_objects.build_ndjson("news")
    assert json.loads(requests[2][2]) == {"data_view_id": "newsloom-articles", "force": True}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((200, {"success": False, "errors": [{"type": "dashboard", "id": "d", "error": "conflict"}]}), "dashboard d"),
        ((401, {"message": "security_exception"}), "status 401"),
        ((400, {"message": "more recent version"}), "more recent version"),
    ],
)  # fmt: skip
def test_what_kibana_does_not_take_is_named(answer: tuple[int, dict[str, Any]], told: str) -> None:
    with kibana([answer]) as (options, _), pytest.raises(WrongSetting, match=told):
        import_saved_objects(options, "news")


def test_without_a_kibana_it_is_unavailable(free_port: int) -> None:
    with pytest.raises(Unavailable, match="kibana"):
        import_saved_objects(Kibana(url=f"http://127.0.0.1:{free_port}", username="", ca_file=""), "news", attempts=2)
