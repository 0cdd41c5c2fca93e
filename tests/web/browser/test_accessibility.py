"""Nothing keeps anybody from a page: every rule of WCAG 2.2, levels A and AA, that axe-core can look for.

On every page, light and dark, on a screen and on a phone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import pytest

from index import mapping, write
from index.searching.article_search import refresh
from newsloom.demo.local_site import Resource, Site
from pipeline.alert_message import Alert
from pipeline.entity import Entity
from pipeline.kafka import broker
from pipeline.kafka.publisher import OutgoingMessage
from pipeline.messages import ALERTS, ARTICLES, DEAD, FEEDS, WATCHES, Story
from pipeline.settings import Settings
from tests.index.samples import enriched
from tests.newsloom.hostile_text import HOSTILE
from tests.watches.samples import watch
from tests.web.browser.axe import read_axe
from tests.web.browser.webdriver import Browser, started
from tests.web.operate.test_operate import FAILING, FINE, LISTED, OPML, RSS, OwnList, letter, publish
from tests.web.served import served
from tests.web.test_article_pages import Told

pytestmark = pytest.mark.stack
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TOLD = "({found: r.violations.map(v => [v.id, v.nodes[0].html]), passed: r.passes.map(each => each.id)})"
NOW = datetime.now(UTC)
PASSWORD = "correct horse"
PHONE = (360, 740)
ADA = Entity(name="Ada", key="ada", type="person", count=1, canonical="Ada Lovelace", offsets=((0, 3),))
PARIS = Entity(name="Paris", key="paris", type="place", count=1, canonical="Paris", offsets=((13, 17),))
ARTICLE, ARABIC, STORY = f"{1:032x}", f"{3:032x}", "s" * 32
PAGES = (
    *("/", "/?q=harbour+source:x", "/?q=nothing-like-it", "/?q=harbour+language:martian", "/nothing"),
    *(f"/articles/{ARTICLE}", f"/articles/{ARABIC}", f"/articles/{ARTICLE}/way", f"/articles/{ARTICLE}/revisions"),
    *("/stories", "/stories?language=martian", f"/stories/{STORY}"),
    *("/names/person/Ada%20Lovelace", "/names/place/Paris", "/names/name/ada"),
    *("/watches", "/watches?q=harbour", "/feeds", "/feeds?troubled=1", "/dead", "/status"),
    *(f"/feeds/one?{urlencode({'url': each.url})}" for each in (FINE, FAILING)),
)


@pytest.fixture(scope="module")
def site(shared_options: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page over an index and topics that have something of everything."""
    listed = tmp_path_factory.mktemp("list") / "feeds.toml"
    listed.write_text(LISTED)
    ingest = msgspec.structs.replace(shared_options.ingest, feeds=str(listed))
    options = msgspec.structs.replace(shared_options, ingest=ingest)
    fill_index(options)
    topic = broker.topic_name(options.kafka, ARTICLES)
    publish(
        options,
        OutgoingMessage(FEEDS, FINE),
        OutgoingMessage(WATCHES, watch("clinic", "harbour clinic")),
        OutgoingMessage(
            DEAD, letter("a", topic=topic, key=b"k", original=b"x", original_size=1, traceback="at line 1")
        ),
        OutgoingMessage(DEAD, letter("c", stage="ingest", reason="odd", detail=HOSTILE, original=b"x" * 3_000)),
        OutgoingMessage(ALERTS, Alert(rule="backlog", subject="index", text="it waits", seen_at=NOW, began_at=NOW)),
    )
    with served(options, Told(), OwnList(options, listed.parent)) as url:
        yield url


def fill_index(options: Settings) -> None:
    mapping.install(options.elasticsearch)
    articles, stories, feeds, _ = write.stages(options.elasticsearch)
    seen = [NOW - timedelta(hours=number) for number in range(40)]
    plain = [
        enriched(f"{number:032x}", first_seen_at=at, published_at=at, story=STORY, source_name=f"Paper {number % 4}")
        for number, at in enumerate(seen)
    ]
    named = msgspec.structs.replace(plain[1], title="Ada sails to Paris", entities=(ADA, PARIS), authors=("B. Writer",))
    copy = msgspec.structs.replace(plain[2], duplicate_of=ARTICLE, duplicate_kind="exact")
    arabic = msgspec.structs.replace(plain[3], title="ميناء velm مفتوح", text="السفن تدخل الميناء.", language="ar")
    articles.handle([plain[0], named, copy, arabic, *plain[4:]])
    sources = ("paper.example",)
    story = Story(
        id=STORY,
        headline="The harbour",
        size=40,
        sources=sources,
        language="en",
        first_seen_at=seen[-1],
        last_seen_at=NOW,
    )
    stories.handle([story])
    feeds.handle([FINE, FAILING])
    refresh(options.elasticsearch)


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    return read_axe(tmp_path_factory.mktemp("axe"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with started(tmp_path_factory.mktemp("browser")) as found:
        yield found


def obstacles(browser: Browser, axe: str) -> dict[str, object]:
    """What keeps somebody from the page that is open, with all that can be opened opened."""
    browser.run(f"document.querySelectorAll('details').forEach(each => {{ each.open = true }}); {axe}; self.axe = axe")
    found: dict[str, object] = {}
    for name, size in (("screen", None), ("phone", PHONE)):
        browser.size(*size) if size else browser.size_of_window()
        for dark in (False, True):
            browser.prefer(dark=dark)
            looked = browser.run(f"return axe.run({{runOnly: {RULES}}}).then(r => {TOLD})")
            assert "color-contrast" in looked["passed"]  # in a dialog axe looks at nothing else
            if looked["found"]:
                found[f"{name}, {'dark' if dark else 'light'}"] = looked["found"]
        width = browser.run("return document.documentElement.scrollWidth - innerWidth")
        if width > 0:
            found[f"{name}, wider"] = width
    browser.size_of_window()
    browser.prefer(dark=False)
    return found


@pytest.mark.parametrize("path", PAGES)
def test_nothing_keeps_anybody_from_a_page(browser: Browser, site: str, axe: str, path: str) -> None:
    browser.open(f"{site}{path}")
    assert obstacles(browser, axe) == {}


def test_nothing_keeps_anybody_from_what_opens_on_a_page(browser: Browser, site: str, axe: str) -> None:
    browser.open(site)
    browser.press("?")
    browser.find("dialog")
    assert obstacles(browser, axe) == {}
    browser.open(site)
    browser.find("#q")[0].type("lovel")
    browser.find("#suggestions li")
    browser.press("\ue015")
    assert obstacles(browser, axe) == {}


def test_nothing_keeps_anybody_from_what_a_form_answers(browser: Browser, site: str, axe: str, tmp_path: Path) -> None:
    (tmp_path / "list.opml").write_bytes(OPML)
    with Site({"/rss": Resource(RSS)}) as there:
        for path, fields, button in (
            ("/feeds", {"#feed-url": "file:///etc"}, ".stack button"),
            ("/feeds", {"#feed-url": f"{there.url}/rss"}, "[formaction='/feeds/test']"),
            ("/feeds", {"#feed-list": str(tmp_path / "list.opml")}, "[enctype] button"),
            ("/dead", {}, ".rows button"),
            ("/watches?q=harbour+after:7d", {"#watch-name": "late"}, ".stack button"),
        ):
            browser.open(f"{site}{path}")
            for field, text in fields.items():
                browser.find(field)[0].type(text)
            browser.find(button)[0].click()
            assert obstacles(browser, axe) == {}, (path, fields)


def test_nothing_keeps_anybody_from_coming_in_or_from_the_first_minute(
    browser: Browser, axe: str, options: Settings
) -> None:
    with served(options, password=PASSWORD) as url:
        browser.open(url)
        assert obstacles(browser, axe) == {}
        browser.find("#password")[0].type("wrong\ue007")
        browser.find("[role=alert]")
        assert obstacles(browser, axe) == {}
        browser.find("#password")[0].type(f"{PASSWORD}\ue007")
        browser.find(".steps")
        browser.find("#looking")[0].click()  # else it changes while axe looks
        assert obstacles(browser, axe) == {}
