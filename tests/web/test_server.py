"""Who is let in, what a browser may do with an answer, and what is told when something can't be shown."""

import time

import httpx
import msgspec
import pytest

from pipeline.failures import WrongSetting
from pipeline.settings import Settings
from tests.web.served import browsing, read, served, text_of
from web.guard import content_policy, host_names
from web.guard.sessions import LASTS_SECONDS, MOST_TRIES, TRY_SECONDS, Sessions, TooManyTries
from web.pages.login_page import own_path
from web.server import check_access

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def nowhere() -> Settings:
    """Settings with an Elasticsearch that is not there."""
    from pipeline.settings import load  # noqa: PLC0415

    return load({"NEWSLOOM_ELASTICSEARCH__URL": "http://127.0.0.1:9"})


def test_every_answer_says_what_a_browser_may_do(nowhere: Settings) -> None:
    with served(nowhere) as url, browsing(url) as client:
        for path in ("/", "/login", "/static/style.css", "/nothing", "/static/nothing"):
            answer = client.get(path)
            assert content_policy.HEADERS.items() <= dict(answer.headers.multi_items()).items() | {
                (name, answer.headers[name]) for name in content_policy.HEADERS
            }
        policy = client.get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "//" not in policy
    assert policy.startswith("default-src 'none'; script-src 'self';")


def test_when_elasticsearch_is_away_the_page_says_so_and_what_to_do(nowhere: Settings) -> None:
    with served(nowhere) as url, browsing(url) as client:
        answer = client.get("/?q=harbour")
    assert answer.status_code == 503
    assert "Elasticsearch can't be reached just now" in text_of(answer)
    assert "newsloom status" in text_of(answer)
    assert "Traceback" not in answer.text
    assert read(answer).xpath("//@data-refresh") == ["10"]


def test_what_is_not_there_is_told_on_a_page(nowhere: Settings) -> None:
    with served(nowhere) as url, browsing(url) as client:
        answer = client.get("/nothing/at/all")
        other = client.delete("/")
    assert (answer.status_code, other.status_code) == (404, 404)
    assert "no page at this address" in text_of(answer)


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("localhost:8000", True),
        ("LOCALHOST", True),
        ("192.168.1.7", True),
        ("news.example", True),
        ("News.Example:443", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("", False),
        ("[", False),
        ("2130706433", False),
    ],
)
def test_under_which_names_this_server_answers(host: str, is_ours: bool) -> None:
    assert host_names.is_ours(host, frozenset({"news.example"})) is is_ours


def test_a_name_that_leads_here_without_being_ours_is_refused(nowhere: Settings) -> None:
    with served(nowhere, host_names="news.example") as url, browsing(url) as client:
        assert client.get("/login", headers={"Host": "evil.example"}).status_code == 421
        assert client.get("/static/style.css", headers={"Host": "evil.example"}).status_code == 421
        assert client.get("/nothing", headers={"Host": "news.example"}).status_code == 404


def test_a_form_of_another_site_does_nothing(nowhere: Settings) -> None:
    with served(nowhere, password=PASSWORD) as url, browsing(url) as client:
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            assert client.post("/login", data={"password": PASSWORD}, headers=headers).status_code == 403
        own = client.post("/login", data={"password": PASSWORD}, headers={"Origin": url})
    assert own.status_code == 303


def test_what_is_offered_to_others_needs_a_password(nowhere: Settings) -> None:
    for host in ("127.0.0.1", "127.0.0.5", "localhost", "::1"):
        check_access(with_web(nowhere, host=host))
    for host in ("0.0.0.0", "::", "192.168.1.7", "news.example", ""):
        with pytest.raises(WrongSetting, match="NEWSLOOM_WEB__PASSWORD"):
            check_access(with_web(nowhere, host=host))
        check_access(with_web(nowhere, host=host, password=PASSWORD))


def with_web(options: Settings, **web: str) -> Settings:
    return msgspec.structs.replace(options, web=msgspec.structs.replace(options.web, **web))


def test_who_has_given_the_password_is_let_in_until_he_leaves(nowhere: Settings) -> None:
    with served(nowhere, password=PASSWORD) as url, browsing(url) as client:
        asked = client.get("/?q=a%26b")
        assert asked.status_code == 303
        assert client.get("/", headers={"Accept": "application/json"}).status_code == 401
        form = read(client.get(asked.headers["Location"])).forms[-1]
        wrong = client.post("/login", data={"password": "guess", "next": form.fields["next"]})
        assert (wrong.status_code, "not the password" in text_of(wrong)) == (403, True)
        right = client.post("/login", data={"password": PASSWORD, "next": form.fields["next"]})
        assert (right.status_code, right.headers["Location"]) == (303, "/?q=a%26b")
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(right.headers["Set-Cookie"].split("; "))
        assert client.get("/").status_code == 503  # let in
        held = dict(client.cookies)
        assert client.post("/logout").headers["Location"] == "/login"
        client.cookies.update(held)
        assert client.get("/").status_code == 303


def test_guesses_are_limited(nowhere: Settings) -> None:
    with served(nowhere, password=PASSWORD) as url, browsing(url) as client:
        tried = [client.post("/login", data={"password": f"guess {number}"}).status_code for number in range(8)]
        assert tried == MOST_TRIES * [403] + (8 - MOST_TRIES) * [429]
        assert client.post("/login", data={"password": PASSWORD}).status_code == 429


def test_a_session_ends_and_so_does_the_wait_after_guesses() -> None:
    sessions = Sessions(PASSWORD)
    token = sessions.begin(PASSWORD, "a", 0.0)
    assert token is not None
    assert sessions.knows(token, LASTS_SECONDS - 1)
    assert not sessions.knows(token, LASTS_SECONDS)
    assert not sessions.knows("", 0.0)
    for _ in range(MOST_TRIES):
        assert sessions.begin("guess", "a", 10.0) is None
    with pytest.raises(TooManyTries) as told:
        sessions.begin(PASSWORD, "a", 20.0)
    assert told.value.seconds == TRY_SECONDS - 10
    assert sessions.begin(PASSWORD, "b", 20.0)
    assert sessions.begin(PASSWORD, "a", 10.0 + TRY_SECONDS)


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\r\nb", "javascript:x"]
)
def test_after_the_password_nobody_is_sent_elsewhere(path: str) -> None:
    assert own_path(path) == "/"
    assert own_path("/stories?a=1") == "/stories?a=1"


def test_it_stops_while_somebody_keeps_a_connection(nowhere: Settings) -> None:
    with httpx.Client(trust_env=False) as client:
        with served(nowhere) as url:
            client.get(f"{url}/login")
            began = time.monotonic()
        assert time.monotonic() - began < 10
