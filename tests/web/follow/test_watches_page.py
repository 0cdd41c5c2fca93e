"""A search is made a watch by a form, and only by a form of ours."""

import re
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.settings import Settings
from tests.watches.samples import watch as sample
from tests.web.forms import fill
from tests.web.served import browsing, read, served, text_of
from watches import watch_changes, watch_list
from watches.watch_list import NAME
from web.follow.watches_page import suggest_name

pytestmark = pytest.mark.stack
PASSWORD = "correct horse"


@pytest.fixture
def client(options: Settings) -> Iterator[httpx.Client]:
    with served(options) as url, browsing(url, headers={"Origin": url}) as found:
        yield found


def test_a_search_is_made_a_watch(client: httpx.Client, options: Settings) -> None:
    page = client.get("/watches", params={"q": '"harbour clinic" language:english person:"Ada Lovelace"'})
    assert read(page).xpath("//input[@name='name']/@value") == ["harbour-clinic-english-ada-lovelace"]
    made = fill(client, page, "/watches/add", name="clinic", mail="a@b.example, c@d.example", revisions="1")
    assert (made.status_code, made.headers["Location"]) == (303, "/watches")
    [found] = watch_list.read_topic(options.kafka).values()
    assert (found.query, found.language, found.entity) == ('"harbour clinic"', "en", "Ada Lovelace")
    assert (found.mail, found.revisions, found.origin) == (("a@b.example", "c@d.example"), True, "command")
    shown = client.get("/watches")
    assert '"harbour clinic", language: en, entity: Ada Lovelace' in text_of(shown)
    [link] = read(shown).xpath("//li[@id='watch-clinic']//h2/a/@href")
    assert "name%3A%22Ada+Lovelace%22" in link
    assert fill(client, shown, "/watches/remove").status_code == 303
    assert watch_list.read_topic(options.kafka) == {}


@pytest.mark.parametrize(
    ("typed", "name", "why"),
    [
        ("harbour", "No Name!", "is no name of a watch"),
        ("", "empty", "looks for nothing"),
        ("harbour after:7d", "later", "a watch looks for no after: and before:"),
        ("person:a person:b", "two", "a watch looks for no more than one name"),
        ("harbour language:klingonish", "odd", "no language is called klingonish"),
        ("harbour <script>", "Bad <script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_what_can_be_no_watch_is_told(client: httpx.Client, options: Settings, typed: str, name: str, why: str) -> None:
    refused = fill(client, client.get("/watches"), "/watches/add", q=typed, name=name)
    assert refused.status_code == 400
    assert why in text_of(refused)
    assert not re.search("<script>alert", refused.text)
    assert watch_list.read_topic(options.kafka) == {}


def test_a_watch_of_the_file_has_no_button(client: httpx.Client, options: Settings) -> None:
    watch_changes.add_watch(options, sample("harbour", "harbour", origin="file"))
    page = client.get("/watches")
    assert "harbour" in text_of(page)
    assert read(page).xpath("//form[@action='/watches/remove']") == []
    form = {"form_token": read(page).xpath("//input[@name='form_token']/@value")[0], "name": "harbour"}
    assert "stands in config/watches.toml" in text_of(client.post("/watches/remove", data=form))


def test_only_a_form_of_ours_in_its_own_session_changes_anything(options: Settings) -> None:
    new = {"q": "harbour", "name": "harbour"}
    with served(options, password=PASSWORD) as url, browsing(url) as client, browsing(url) as other:
        assert client.post("/watches/add", data=new).status_code == 401
        for each in (client, other):
            assert each.post("/login", data={"password": PASSWORD}).status_code == 303
        [foreign] = read(other.get("/watches")).xpath(
            "//form[@action='/watches/add']//input[@name='form_token']/@value"
        )
        for token in ("", "guess", "é", foreign):
            assert client.post("/watches/add", data={**new, "form_token": token}).status_code == 403
        right = read(client.get("/watches")).xpath("//form[@action='/watches/add']//input[@name='form_token']/@value")[
            0
        ]
        for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "same-site"}):
            form = {**new, "form_token": right}
            assert client.post("/watches/add", data=form, headers=headers).status_code == 403
        assert client.get("/watches/add", params={**new, "form_token": right}).status_code == 404
        assert watch_list.read_topic(options.kafka) == {}
        assert client.post("/watches/add", data={**new, "form_token": right}).status_code == 303


def test_where_changes_are_not_allowed_there_is_no_form_and_none_is_taken(options: Settings) -> None:
    with served(options, changes=False) as url, browsing(url) as client:
        page = client.get("/watches")
        assert read(page).xpath("//form[@method='post']") == []
        answer = client.post("/watches/add", data={"q": "harbour", "name": "harbour", "form_token": ""})
    assert answer.status_code == 403
    assert "web.changes" in text_of(answer)
    assert watch_list.read_topic(options.kafka) == {}


def test_programs_read_with_the_password_alone_and_only_what_is_theirs(options: Settings) -> None:
    with served(options, password=PASSWORD) as url, browsing(url, headers={"Accept": "*/*"}) as client:
        refused = client.get("/feed.json")
        assert (refused.status_code, refused.headers["WWW-Authenticate"][:5]) == (401, "Basic")
        assert client.get("/feed.json", auth=("reader", PASSWORD)).status_code == 200
        assert client.get("/export.csv", auth=("", PASSWORD)).status_code == 200
        assert client.get("/watches", auth=("reader", PASSWORD)).status_code == 401
        assert client.post("/watches/add", auth=("reader", PASSWORD)).status_code == 401
        for header in ("Basic", "Basic !", "Basic /w==", "Bearer x"):
            assert client.get("/feed.json", headers={"Authorization": header}).status_code == 401
        tried = [client.get("/feed.json", auth=("reader", "guess")).status_code for _ in range(7)]
        assert tried[:5] + tried[-1:] == 5 * [401] + [429]


def test_a_name_is_suggested_that_no_watch_has() -> None:
    assert suggest_name("Österreich: Wahl", ()) == "osterreich-wahl"
    assert suggest_name("tram line", {"tram-line", "tram-line-2"}) == "tram-line-3"
    assert suggest_name("Αθήνα", ()) == suggest_name("", ()) == ""


@given(st.text(max_size=200), st.sets(st.sampled_from(["a", "a-2", "b"])))
def test_a_suggested_name_is_one_that_a_watch_may_have(query: str, taken: set[str]) -> None:
    name = suggest_name(query, taken)
    assert name == "" or (NAME.fullmatch(name) and name not in taken)
