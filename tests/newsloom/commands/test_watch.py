"""`newsloom watch ...` as somebody who watches uses it."""

import json

import pytest
from click.testing import CliRunner

from index import mapping, write
from index.searching import article_search
from newsloom.__main__ import newsloom
from pipeline.failures import WrongSetting
from pipeline.kafka.publisher import OutgoingMessage, Publisher
from pipeline.messages import WATCH_HITS, WATCH_PROGRESS, WATCHES
from pipeline.settings import Settings
from pipeline.watch_messages import WatchProgress
from tests.conftest import environment_of
from tests.index.samples import enriched
from tests.newsloom.commands.test_index import said
from tests.watches.samples import hit, watch
from watches.last_look import ARTICLES

pytestmark = pytest.mark.stack


def publish(options: Settings, *messages: OutgoingMessage) -> None:
    publisher = Publisher(options.kafka)
    publisher.publish([publisher.encode(each) for each in messages])
    publisher.close()


def look(options: Settings) -> None:
    """Notes a look at the articles."""
    publish(options, OutgoingMessage(WATCH_PROGRESS, WatchProgress(name=ARTICLES, offsets={})))


def refused(options: Settings, *arguments: str) -> str:
    """Why the command does nothing."""
    with pytest.raises(WrongSetting) as caught:
        said(options, "watch", *arguments)
    return str(caught.value)


def test_a_watch_is_made_listed_and_removed(options: Settings) -> None:
    assert said(options, "watch", "list") == "0 watches\n"
    said(options, "watch", "add", "clinic", '"harbour clinic"', "ward", "--language", "en", "--mail", "a@b.example")
    assert "there is a watch clinic already" in refused(options, "add", "clinic", "something else")
    assert "looks for nothing" in refused(options, "add", "nothing")
    assert "nobody has looked yet: start `newsloom watch`" in said(options, "watch", "list")
    look(options)
    shown = said(options, "watch", "list")
    assert 'clinic\n  "harbour clinic" ward, language en\n' in shown
    assert "tells a@b.example" in shown
    [told] = json.loads(said(options, "watch", "list", "--json"))
    assert (told["name"], told["query"], told["mail"]) == ("clinic", '"harbour clinic" ward', ["a@b.example"])
    assert "there is no watch clinci; there are: clinic" in refused(options, "remove", "clinci")
    said(options, "watch", "remove", "clinic")
    assert said(options, "watch", "list") == "0 watches\n"


def test_a_watch_of_the_file_is_removed_in_the_file(options: Settings) -> None:
    publish(options, OutgoingMessage(WATCHES, watch("harbour", "harbour", origin="file")))
    assert "stands in config/watches.toml" in refused(options, "remove", "harbour")


def test_a_watch_shows_what_it_would_have_found(options: Settings) -> None:
    mapping.install(options.elasticsearch)
    write.stage(options.elasticsearch).handle([enriched("a"), enriched("b", title="A match", text="It was a draw.")])
    article_search.refresh(options.elasticsearch)
    said(options, "watch", "add", "harbour", "harbour")
    shown = said(options, "watch", "test", "harbour")
    assert "1 articles, 1 without their copies" in shown
    assert "https://paper.example/a" in shown


def test_hits_are_followed_of_all_watches_or_of_some(options: Settings) -> None:
    publish(options, *(OutgoingMessage(WATCH_HITS, each) for each in (hit("a"), hit("b", watch="other"))))
    nobody = CliRunner().invoke(newsloom, ["watch", "follow", "--once"], env=environment_of(options))
    assert (nobody.exit_code, nobody.stdout) == (4, "")
    assert "nobody has looked yet: start `newsloom watch`" in nobody.stderr
    look(options)
    everything = said(options, "watch", "follow", "--past", "--once")
    assert "harbour: The harbour of a\n" in everything
    assert "other: The harbour of b\n" in everything
    [line] = said(options, "watch", "follow", "other", "--past", "--once", "--json").splitlines()
    assert json.loads(line)["article"] == "b"
    assert said(options, "watch", "follow", "--once") == ""


def test_a_misspelt_option_is_no_word_of_the_query(options: Settings) -> None:
    done = CliRunner().invoke(newsloom, ["watch", "add", "harbour", "harbour", "--webhok", "http://a.example"])
    assert done.exit_code == 2
    assert "--webhok" in done.output
