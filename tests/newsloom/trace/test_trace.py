"""`newsloom trace` on the real servers: an article at every place where it can be lost."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from ingest.urls import article_id
from newsloom.__main__ import newsloom
from pipeline.kafka import broker
from pipeline.kafka.publisher import EncodedMessage, Publisher
from pipeline.messages import ANNOTATED, ARTICLES, DEAD, ENRICHED, FEEDS
from pipeline.settings import Settings
from tests.conftest import environment_of
from tests.ingest.local_newspaper import Paper
from tests.newsloom.trace.newsroom import newsroom

pytestmark = pytest.mark.stack


@dataclass
class Room:
    """The newsroom and its servers."""

    options: Settings
    paper: Paper

    def url(self, slug: str) -> str:
        return f"{self.paper.site.url}/{slug}.html"

    def traced(self, typed: str) -> tuple[int, str]:
        """Exit status and what is printed."""
        done = invoke(self.options, typed)
        return done.exit_code, done.output

    def way(self, typed: str, options: Settings | None = None) -> dict[str, Any]:
        done = invoke(options or self.options, typed, "--json")
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        found: dict[str, Any] = json.loads(done.stdout)
        return {**found, "status": done.exit_code}


def invoke(options: Settings, *arguments: str) -> Any:
    environment = {**environment_of(options), "COLUMNS": "300"}
    return CliRunner().invoke(newsloom, ["trace", *arguments], env=environment)


@pytest.fixture(scope="module")
def room(shared_options: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with newsroom(shared_options, tmp_path_factory.mktemp("newsroom")) as paper:
        publisher = Publisher(shared_options.kafka)
        for topic in (FEEDS, ARTICLES, ANNOTATED, ENRICHED, DEAD):  # nothing of this stops a trace
            name = broker.topic_name(shared_options.kafka, topic)
            publisher.publish([EncodedMessage(name, b"k%d" % n, value) for n, value in enumerate((b"{", b"\xff", b""))])
        publisher.close()
        yield Room(shared_options, paper)


def without(options: Settings, server: str) -> Settings:
    """The settings, where one server is away."""
    replace = msgspec.structs.replace
    if server == "kafka":
        away = replace(options.kafka, bootstrap_servers="127.0.0.1:9", acknowledge_timeout_seconds=1.0)
        return replace(options, kafka=away)
    return replace(options, elasticsearch=replace(options.elasticsearch, url="http://127.0.0.1:9"))


def steps(way: dict[str, Any]) -> dict[str, str]:
    """The last state of each step."""
    return {each["name"]: each["state"] for each in way["steps"]}


def text_of(way: dict[str, Any], name: str) -> str:
    told = [(each["text"], *each.get("notes", ()), each.get("do", "")) for each in way["steps"] if each["name"] == name]
    return "\n".join(line for lines in told for line in lines)


ALL_DONE = dict.fromkeys(("feed", "page", "article", "annotate", "stories", "index"), "done")


def test_an_article_that_is_searchable(room: Room) -> None:
    way = room.way(room.url("harbour"))
    assert (way["status"], way["ending"], steps(way)) == (0, "searchable", ALL_DONE)
    assert way["url"] == room.url("harbour")
    assert "shown by Paper 0: " in text_of(way, "feed")
    assert "HTTP 200" in text_of(way, "page")
    assert "its headline is the feed's" in text_of(way, "page")
    assert f"searchable in {room.options.elasticsearch.prefix}-articles-2" in text_of(way, "index")
    assert all(each.get("at") for each in way["steps"])


def test_what_a_person_types_is_understood(room: Room) -> None:
    url, host = room.url("harbour"), room.paper.site.url.removeprefix("http://")
    article = article_id(url)
    typed = [
        f"{url}?utm_source=letter&fbclid=1#comments",
        f"{host}/harbour.html",
        f"https://{host}/harbour.html/",
        f"http://{host}/amp/harbour.html",
        f"<{url}>",
        article,
        article[:6],
        article.upper(),
    ]
    assert {each: room.way(each).get("article") for each in typed} == dict.fromkeys(typed, article)


def test_a_redirect_is_known_by_either_address(room: Room) -> None:
    ways = [room.way(room.url(slug)) for slug in ("go", "moved")]
    assert [way["ending"] for way in ways] == ["searchable", "searchable"]
    assert {way["article"] for way in ways} == {article_id(room.url("moved"))}
    assert f"known at another address than the one asked for: {room.url('moved')}" in text_of(ways[0], "article")
    assert f"also known as {room.url('go')}" in text_of(ways[1], "page")


def test_a_copy_names_its_original(room: Room) -> None:
    way = room.way(room.url("copy"))
    assert (way["status"], steps(way)) == (0, ALL_DONE)
    assert text_of(way, "stories").startswith("a copy (near, 95% of the shorter text) of article ")
    assert room.url("harbour") in text_of(way, "stories")
    by_id = room.way(article_id(room.url("copy"))[:8])
    assert by_id["article"] == article_id(room.url("copy"))


def test_a_page_that_is_refused_or_forbidden_is_told_from_its_feed_with_the_reason(room: Room) -> None:
    refused, forbidden = room.way(room.url("elsewhere")), room.way(room.url("forbidden"))
    assert (refused["ending"], forbidden["ending"]) == ("searchable", "searchable")
    assert "HTTP 200, and not believed: its page is a front page or a list" in text_of(refused, "page")
    assert "its address is that of a front page" in text_of(refused, "page")
    assert "from its feed's text, because its page is a front page" in text_of(refused, "article")
    assert "robots.txt forbids it" in text_of(forbidden, "page")
    assert "from its feed's text, because its page was not to be had (robots.txt" in text_of(forbidden, "article")


def test_a_page_that_is_gone_and_of_which_the_feed_tells_nothing(room: Room) -> None:
    way = room.way(room.url("lost"))
    assert (way["status"], way["ending"]) == (1, "dead")
    assert "HTTP 404" in text_of(way, "page")
    assert "newsloom dead show" in text_of(way, "page")
    assert (
        "nothing was published: its page was not to be had (HTTP 404), and its feed has no text"
        in way["steps"][-1]["text"]
    )


def test_a_page_that_waits_to_be_asked_for_again(room: Room) -> None:
    way = room.way(room.url("later"))
    assert (way["status"], way["ending"], steps(way)) == (0, "waiting", {"feed": "done", "page": "waiting"})
    assert "2 attempts so far" in text_of(way, "page")
    assert "HTTP 503 (HTTP status 503" in text_of(way, "page")
    assert "to be asked for at 2" in way["summary"]


@pytest.mark.parametrize("stage", ["annotate", "stories", "index"])
@pytest.mark.parametrize("away", ["", "elasticsearch", "kafka"])
def test_a_dead_letter_of_each_stage(room: Room, stage: str, away: str) -> None:
    way = room.way(room.url(f"dies-in-{stage}"), without(room.options, away) if away else None)
    assert (way["status"], way["ending"], steps(way)[stage]) == (1, "dead", "ended")
    assert f"not_to_be_borne: {stage} can't bear it" in text_of(way, stage)
    assert f"newsloom dead replay --stage {stage} --reason not_to_be_borne" in text_of(way, stage)
    assert away == "kafka" or list(steps(way))[-1] == stage
    assert len(way.get("problems", [])) == bool(away)


def test_an_article_that_a_stage_has_not_handled_yet(room: Room) -> None:
    for options in (room.options, without(room.options, "elasticsearch")):
        way = room.way(room.url("lagging"), options)
        assert (way["status"], way["ending"], steps(way)["annotate"]) == (0, "waiting", "waiting")
        assert "waits for annotate: it is next" in text_of(way, "annotate")


def test_an_address_that_no_feed_of_its_site_has_shown(room: Room) -> None:
    way = room.way(room.url("nowhere"))
    assert (way["status"], way["ending"], steps(way)) == (1, "never_shown", {"site": "note"})
    told = text_of(way, "site")
    assert f"Paper 0: {room.paper.site.url}/rss.xml: fine" in told
    assert "changed: 1 new of 11" in told
    assert "robots.txt forbade 1 page that it showed" in told
    assert "11 entries remembered" in told


def test_an_address_of_an_unknown_site_and_an_unknown_id(room: Room) -> None:
    way = room.way("https://unknown.example/a")
    assert (way["status"], way["ending"], way["do"]) == (
        1,
        "unknown_site",
        "newsloom feeds discover https://unknown.example",
    )
    assert room.way("0" * 31)["summary"] == f"no article's id begins with {'0' * 31}"
    assert invoke(room.options, "no address").exit_code != 0


def test_without_elasticsearch_kafka_tells_what_it_knows(room: Room) -> None:
    options = without(room.options, "elasticsearch")
    way = room.way(room.url("harbour"), options)
    assert (way["status"], way["ending"]) == (4, "undecided")
    assert steps(way) == {**ALL_DONE, "index": "unknown"}
    assert way["problems"][0].startswith("elasticsearch is unavailable")
    assert room.way(article_id(room.url("harbour"))[:8], options)["article"] == article_id(room.url("harbour"))
    assert room.way(room.url("nowhere"), options)["status"] == 4


def test_without_kafka_elasticsearch_tells_what_it_knows(room: Room) -> None:
    options = without(room.options, "kafka")
    way = room.way(room.url("go"), options)
    assert (way["status"], way["ending"], steps(way)) == (0, "searchable", ALL_DONE)
    assert way["problems"][0].startswith("kafka is unavailable")
    never = room.way(room.url("nowhere"), options)
    assert (never["status"], "Paper 0" in text_of(never, "site")) == (4, True)


def test_people_are_shown_the_way_line_by_line(room: Room) -> None:
    status, shown = room.traced(room.url("harbour"))
    assert status == 0
    assert "What harbour decided about its bridge" in shown
    assert "\nit is searchable\n" in shown
    assert " ago)" in shown
    status, shown = room.traced(room.url("dies-in-index"))
    assert (status, "-> mend the cause, then: newsloom dead replay" in shown) == (1, True)


def test_the_article_command_takes_the_feeds_address_too(room: Room) -> None:
    done = CliRunner().invoke(newsloom, ["article", room.url("go"), "--json"], env=environment_of(room.options))
    assert json.loads(done.output)["article"]["url"] == room.url("moved")


def test_the_article_command_shows_what_revisions_changed(room: Room) -> None:
    arguments = ["article", room.url("harbour"), "--revisions"]
    shown = CliRunner().invoke(newsloom, arguments, env=environment_of(room.options)).output
    assert "revision 1, fetched 20" in shown
    found = CliRunner().invoke(newsloom, [*arguments, "--json"], env=environment_of(room.options)).output
    assert [json.loads(line)["revision"] for line in found.splitlines()] == [1]
