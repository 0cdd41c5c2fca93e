"""The local web server that tests and the demo use."""

import http.client
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsloom.demo.local_site import Behaviour, Resource, Site

PAGE = Resource(b"<p>one</p>", modified=datetime(2024, 5, 1, 12, 0, 0, 500, tzinfo=UTC))


def ask(site: Site, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    host, port = site.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_a_resource_is_served_and_may_change_while_the_site_runs() -> None:
    with Site({"/a": PAGE}) as site:
        status, headers, body = ask(site, "/a")
        assert (status, body) == (200, PAGE.body)
        assert headers["content-type"] == "text/html; charset=utf-8"
        site.resources["/a"] = Resource(b"{}", "application/json", {"X-Extra": "1"})
        status, headers, body = ask(site, "/a")
        assert (body, headers["content-type"], headers["x-extra"]) == (b"{}", "application/json", "1")
        assert ask(site, "/nothing")[0] == 404


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({"If_None_Match": PAGE.etag}, 304),
        ({"If_None_Match": f'"other", W/{PAGE.etag}'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"other"'}, 200),
        ({"If_Modified_Since": "Wed, 01 May 2024 12:00:00 GMT"}, 304),
        ({"If_Modified_Since": "Wed, 01 May 2024 11:59:59 GMT"}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
        ({"If_None_Match": '"other"', "If_Modified_Since": "Wed, 01 May 2024 12:00:00 GMT"}, 200),
    ],
)
def test_conditional_requests(condition: dict[str, str], status: int) -> None:
    with Site({"/a": PAGE}) as site:
        found, headers, body = ask(site, "/a", **condition)
    assert found == status
    assert headers["etag"] == PAGE.etag
    assert headers["last-modified"] == "Wed, 01 May 2024 12:00:00 GMT"
    assert body == (PAGE.body if status == 200 else b"")


def test_without_validators_nothing_is_ever_unchanged() -> None:
    with Site({"/a": Resource(b"x", validators=False)}) as site:
        status, headers, _ = ask(site, "/a", If_None_Match="*")
    assert status == 200
    assert not {"etag", "last-modified"} & headers.keys()


def test_a_path_behaves_as_the_test_says() -> None:
    with Site({"/a": PAGE}) as site:
        site.behaviours["/a"] = Behaviour(503, headers={"Retry-After": "7"})
        status, headers, _ = ask(site, "/a", If_None_Match="*")
        assert (status, headers["retry-after"]) == (503, "7")
        site.behaviours["/gone"] = Behaviour(301, headers={"Location": "/a"})
        assert ask(site, "/gone")[:2] == (301, {"content-length": "0", "location": "/a"})
        del site.behaviours["/a"]
        assert ask(site, "/a")[0] == 200


def test_a_delay_holds_only_the_request_that_it_is_for_and_not_the_end() -> None:
    with Site({"/slow": PAGE, "/fast": PAGE}) as site:
        site.behaviours["/slow"] = Behaviour(delay=60)
        slow = threading.Thread(target=_ask_quietly, args=(site, "/slow"))
        slow.start()
        begin = time.monotonic()
        assert ask(site, "/fast")[0] == 200
    slow.join(10)
    assert not slow.is_alive()
    assert time.monotonic() - begin < 10


def _ask_quietly(site: Site, path: str) -> None:
    try:
        ask(site, path)
    except (OSError, http.client.HTTPException):
        return


def test_requests_are_kept_with_what_they_said() -> None:
    with Site({"/a": PAGE}) as site:
        ask(site, "/a?page=2", User_Agent="Newsloom")
        status, headers, body = ask(site, "/a", "HEAD")
    assert (status, headers["content-length"], body) == (200, str(len(PAGE.body)), b"")
    assert [(one.method, one.path) for one in site.requests] == [("GET", "/a?page=2"), ("HEAD", "/a")]
    assert site.requests[0].headers["user-agent"] == "Newsloom"


def test_a_folder_is_served_and_nothing_above_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("no")
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "index.html").write_text("deep")
    (folder / "feed.xml").write_text("<rss/>")
    with Site(folder) as site:
        assert ask(site, "/deep/")[2] == b"deep"
        status, headers, body = ask(site, "/feed.xml")
        assert (status, body) == (200, b"<rss/>")
        assert "xml" in headers["content-type"]
        assert ask(site, "/feed.xml", If_None_Match=headers["etag"])[0] == 304
        assert ask(site, "/../secret")[0] == 404


def test_a_kept_alive_connection_does_not_hold_the_end() -> None:
    begin = time.monotonic()
    with Site({"/a": PAGE}) as site:
        host, port = site.url.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        connection.request("GET", "/a")
        connection.getresponse().read()
    connection.close()
    assert time.monotonic() - begin < 5
