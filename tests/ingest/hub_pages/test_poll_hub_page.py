"""A page that lists links as a source: added, tried and polled through the real poller."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from ingest.feeds.feed_list import Feed, read_feeds
from newsloom.commands.feeds.feed_group import feeds
from newsloom.demo.local_site import Resource, Site
from pipeline.failures import Poison, WrongSetting
from pipeline.settings import Settings
from tests.ingest.local_newspaper import Story, articles, once, states

STORIES = ("4711-velm", "4712-arden", "4713-brennick", "4714-halven", "4715-merrow", "4716-aldis")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def show(site: Site, *slugs: str) -> None:
    """The front page with links to these stories, and the stories."""
    cards = "".join(f"<li><h3><a href='/{slug}.html'>The bridge of {slug}</a></h3></li>" for slug in slugs)
    head = "<html lang='en'><head><title>Front</title></head>"
    page = f"{head}<body><nav><a href='/about-all-of-us-4000'>About us all</a></nav><ul>{cards}</ul></body></html>"
    site.resources["/news"] = Resource(page.encode())
    for slug in slugs:
        site.resources[f"/{slug}.html"] = Resource(Story(slug).html())


def listed(tmp_path: Path, site: Site, **fields: str) -> Path:
    """A feed list with the front page."""
    path = tmp_path / "feeds.toml"
    table = {"page": f"{site.url}/news", "name": "Front", **fields}
    path.write_text("[[feeds]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items()))
    return path


def polled(options: Settings, path: Path) -> Settings:
    knobs = msgspec.structs.replace(
        options.ingest, feeds=str(path), allow_private_addresses=True, robots=False, host_gap_seconds=0.0
    )
    return msgspec.structs.replace(options, ingest=knobs)


def newsloom(*arguments: str | Path) -> Result:
    typed = [str(each) for each in arguments]
    return CliRunner().invoke(feeds, typed, env={"NEWSLOOM_INGEST__ALLOW_PRIVATE_ADDRESSES": "true"})


@pytest.mark.stack
def test_new_links_become_articles_once(site: Site, options: Settings, tmp_path: Path) -> None:
    options = polled(options, listed(tmp_path, site))
    show(site, *STORIES[:4])
    once(options)
    assert {each.title for each in articles(options)} == {
        f"What {slug} decided about its bridge" for slug in STORIES[:4]
    }
    assert {each.text_from for each in articles(options)} == {"page"}
    show(site, *STORIES[2:])
    once(options)
    once(options)
    assert len(articles(options)) == 6
    asked = [each.path for each in site.requests]
    assert all(asked.count(f"/{slug}.html") == 1 for slug in STORIES)
    assert "/about-all-of-us-4000" not in asked
    [state] = states(options).values()
    assert (state.links, state.error, state.gaps) == ("", None, 0)


@pytest.mark.stack
def test_a_page_without_links_is_a_failing_feed_that_recovers(site: Site, options: Settings, tmp_path: Path) -> None:
    options = polled(options, listed(tmp_path, site, selector="ol a"))
    show(site, *STORIES[:3])
    once(options)
    [state] = states(options).values()
    assert state.error is not None
    assert "the selector 'ol a' finds no link" in state.error.detail
    options = polled(options, listed(tmp_path, site, selector="ul h3"))
    once(options)
    assert len(articles(options)) == 3
    [state] = states(options).values()
    assert (state.links, state.error) == ("ul h3", None)


@pytest.mark.slow
def test_a_page_is_added_tried_and_removed(site: Site, tmp_path: Path) -> None:
    show(site, *STORIES)
    path, url = tmp_path / "feeds.toml", f"{site.url}/news"
    path.write_text('[[feeds]]\nurl = "https://a.example/rss"\nname = "A"\n')
    with pytest.raises(Poison, match="is no feed: `newsloom feeds discover"):
        CliRunner().invoke(
            feeds,
            ["add", url, "--feeds", str(path)],
            env={"NEWSLOOM_INGEST__ALLOW_PRIVATE_ADDRESSES": "true"},
            catch_exceptions=False,
        )
    assert newsloom("add", "--page", url, "--feeds", path).stdout.startswith("Front was added to")
    assert newsloom("add", url, "--selector", "ul a", "--name", "B", "--feeds", path).stdout.endswith("already\n")
    assert read_feeds(path)[1:] == [Feed(url=url, page=url, name="Front")]
    tried = newsloom("test", "Front", "--feeds", path).stdout
    assert "hub_page, language en, 6 entries" in tried
    assert f"{site.url}/4711-velm.html" in tried
    assert url not in newsloom("export", "--feeds", path).stdout
    assert newsloom("remove", "Front", "--feeds", path).exit_code == 0
    assert newsloom("add", url, "--selector", "ul a", "--name", "B", "--feeds", path).exit_code == 0
    assert read_feeds(path)[1:] == [Feed(url=url, page=url, selector="ul a", name="B")]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('page = "https://a.example"\nurl = "https://a.example/rss"', "a feed has one of them"),
        ('url = "https://a.example"\nselector = "a"', "selector belongs to a page"),
        ('page = "https://a.example"\nselector = "a["', "is no CSS selector"),
        ('page = "a.example"', "is no http or https address"),
    ],
)
def test_a_wrong_page_in_the_list_is_named(tmp_path: Path, table: str, said: str) -> None:
    path = tmp_path / "feeds.toml"
    path.write_text(f'[[feeds]]\nname = "A"\n{table}\n')
    with pytest.raises(WrongSetting, match="feed 1") as told:
        read_feeds(path)
    assert said in str(told.value)
