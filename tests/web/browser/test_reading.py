"""A reader at a real browser: searches, narrows, opens, follows; with the keyboard, on a phone, without JavaScript."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from index import mapping, write
from index.searching.article_search import refresh
from index.writing.document_kinds import KINDS
from pipeline.entity import Entity
from pipeline.messages import Story
from pipeline.settings import Settings
from tests.index.samples import enriched
from tests.web.browser.webdriver import NAME, Browser, started
from tests.web.served import served

pytestmark = pytest.mark.stack
NOW = datetime.now(UTC)
PASSWORD = "correct horse"
ADA = Entity(name="Ada", key="ada", type="person", count=1, canonical="Ada Lovelace", offsets=((0, 3),))
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2


def report(number: int, **fields: Any) -> Any:
    seen = NOW - timedelta(minutes=30 * number)  # all within two days at any time of day: the chart has hours
    return enriched(f"{number:032x}", first_seen_at=seen, published_at=seen, story="s" * 32, **fields)


@pytest.fixture(scope="module")
def url(shared_options: Settings) -> Iterator[str]:
    there = shared_options.elasticsearch
    mapping.install(there)
    ada = report(1, title="Ada sails to Velm", text="The harbour waits. " * 40, entities=(ADA,))
    hostile = report(2, title="<script>document.title = 'taken'</script> harbour", text="<img src=x onerror=alert(1)>")
    arabic = report(3, title="ميناء velm مفتوح", text="السفن تدخل الميناء.", language="ar")
    wide = report(4, title=f"{LONG} harbour", source_name=LONG)
    write.stage(there).handle([ada, hostile, arabic, wide, *(report(number) for number in range(5, 40))])
    (kind,) = [each for each in KINDS if each.name == "stories"]
    told: dict[str, Any] = {"language": "en", "first_seen_at": NOW, "last_seen_at": NOW}
    story = Story(id="s" * 32, headline="The harbour of Velm", size=39, sources=("paper.example",), **told)
    write.stage(there, kind=kind).handle([story])
    refresh(there)
    with served(shared_options) as address:
        yield address


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with started(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
def browser(session: Browser) -> Browser:
    """The session, which has complained of nothing yet."""
    session.complaints()
    return session


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Browser]:
    with started(tmp_path, javascript=False) as found:
        yield found


def wait_for(browser: Browser, script: str) -> None:
    """Until an expression is true on the page, for some seconds at most."""
    asked = (
        f"const end = Date.now() + 8000; return new Promise(done => {{ const look = () => ({script}) ? done(true) : "
    )
    assert browser.run(f"{asked}Date.now() > end ? done(false) : setTimeout(look, 30); look(); }})"), script


def test_a_reader_searches_narrows_opens_and_comes_to_a_name_and_a_story(browser: Browser, url: str) -> None:
    browser.open(url)
    browser.find("#q")[0].type("sails\ue007")
    [title] = browser.find(".hit h2 a")
    assert title.text == "Ada sails to Velm"
    title.click()
    assert "/articles/" in browser.url
    browser.find("h1 a.name, .text a.name, dl.facts a")[0].click()
    assert browser.url.endswith("/names/person/Ada%20Lovelace")
    browser.find("#stories + ul a")[0].click()
    assert browser.find("h1")[0].text == "The harbour of Velm"
    assert browser.complaints() == []


def test_the_keyboard_is_enough(browser: Browser, url: str) -> None:
    browser.open(f"{url}/?q=harbour&order=newest")
    browser.press("j", "j", "k")
    assert browser.run("return document.activeElement.textContent.trim()") == "Ada sails to Velm"
    browser.press("?")
    assert "to the search box" in browser.find("dialog")[0].text
    browser.press("\ue00c")  # Escape
    wait_for(browser, "!document.querySelector('dialog')")
    browser.press("/")
    assert browser.run("return document.activeElement.id") == "q"
    browser.open(f"{url}/?q=sails")
    browser.press("j", "o")
    wait_for(browser, "location.pathname.startsWith('/articles/')")
    assert browser.complaints() == []


def test_names_are_suggested_while_typing(browser: Browser, url: str) -> None:
    browser.open(url)
    browser.find("#q")[0].type("lovel")
    [item] = browser.find("#suggestions li")
    assert item.text == "Ada Lovelace (person, 1)"
    browser.press("\ue015", "\ue007", "\ue007")  # down, Enter takes it, Enter searches
    wait_for(browser, "location.search.includes('person')")
    assert [each.text for each in browser.find(".hit h2")] == ["Ada sails to Velm"]
    assert browser.complaints() == []


def test_a_column_of_the_chart_narrows_to_its_time(browser: Browser, url: str) -> None:
    browser.open(f"{url}/?q=harbour")
    browser.find(".chart a")[0].click()
    wait_for(browser, "location.search.includes('after')")
    assert browser.find(".chips a")


def column(browser: Browser, number: int) -> tuple[int, int]:
    """The middle of a column of the chart, in the window."""
    x, y = browser.run(
        "const chart = document.querySelector('svg.chart'), box = chart.getBoundingClientRect();"
        f"const count = document.querySelector('#first').options.length;"
        f"return [box.left + box.width * ({number} + .5) / count, box.top + 40]"
    )
    return int(x), int(y)


def chosen(browser: Browser) -> list[str]:
    """The range that the form says."""
    found: list[str] = browser.run(
        "const {first, last} = document.querySelector('form.range').elements; return [first.value, last.value]"
    )
    return found


def test_a_range_is_dragged_over_the_chart(browser: Browser, url: str) -> None:
    browser.open(f"{url}/?q=harbour")
    first, last = (
        browser.run(f"return document.querySelector('#{name}').options[{number}].value.split('/')")
        for name, number in (("first", 1), ("last", 3))
    )
    browser.drag(column(browser, 3), column(browser, 1))  # from the right to the left is the same
    wait_for(browser, "location.search.includes('after')")
    typed = browser.run("return document.getElementById('q').value")
    assert typed == f"harbour after:{first[0]} before:{last[1]}"
    assert browser.complaints() == []


def test_a_drag_can_be_given_up_and_a_click_is_none(browser: Browser, url: str) -> None:
    browser.open(f"{url}/?q=harbour")
    whole = chosen(browser)
    browser.run("document.querySelector('form.range').addEventListener('submit', () => { document.title = 'sent' })")
    browser.drag(column(browser, 1), column(browser, 3), "\ue00c")  # Escape
    assert chosen(browser) == whole
    assert browser.run("return [document.title === 'sent', !!document.querySelector('.shade')]") == [False, False]
    browser.drag(column(browser, 1), column(browser, 1))
    wait_for(browser, "location.search.includes('after')")
    [began, ended] = browser.run("return document.getElementById('q').value.match(/after:(.*) before:(.*)/).slice(1)")
    assert datetime.fromisoformat(ended) - datetime.fromisoformat(began) == timedelta(hours=1)


def test_the_first_minute_fills_by_itself_and_can_be_stopped(browser: Browser, options: Settings) -> None:
    with served(options) as url:
        browser.open(url)
        browser.find("#looking")[0].click()
        assert browser.find("#looking")[0].text == "Look again by itself"
        mapping.install(options.elasticsearch)
        write.stage(options.elasticsearch).handle([report(1)])
        refresh(options.elasticsearch)
        browser.find("#looking")[0].click()
        assert browser.find(".hit")


@pytest.mark.parametrize("host", ["127.0.0.1", NAME])
def test_our_own_forms_are_taken(browser: Browser, options: Settings, host: str) -> None:
    with served(options, password=PASSWORD, host_names=NAME) as url:
        browser.open(url.replace("127.0.0.1", host))
        browser.find("#password")[0].type(f"{PASSWORD}\ue007")
        browser.find(".steps")
        browser.open(f"{url.replace('127.0.0.1', host)}/watches?q=harbour")
        browser.find("#watch-name")[0].type("\ue007")  # with the name that is suggested
        assert browser.find("#watch-harbour h2")[0].text == "harbour"


def test_what_a_publisher_wrote_does_not_run(browser: Browser, url: str) -> None:
    browser.open(f"{url}/?q=taken")
    assert "<script>" in browser.find(".hit h2")[0].text
    browser.find(".hit h2 a")[0].click()
    assert browser.run("return document.title").startswith("<script>")
    assert "<img src=x" in browser.find(".text")[0].text
    assert browser.complaints() == []


@pytest.mark.parametrize(
    "path", ["/?q=harbour", "/?q=nothing-like-it", "/stories", "/stories/" + "s" * 32, "/articles/" + f"{4:032x}"]
)
def test_a_page_fits_a_phone(browser: Browser, url: str, path: str) -> None:
    browser.size(360, 740)
    try:
        browser.open(f"{url}{path}")
        assert browser.run("return document.documentElement.scrollWidth") <= 360
    finally:
        browser.size_of_window()


def test_right_to_left_texts_begin_at_the_right(browser: Browser, url: str) -> None:
    browser.open(f"{url}/articles/{3:032x}")
    assert browser.run("return getComputedStyle(document.querySelector('.text')).direction") == "rtl"
    assert browser.run("return getComputedStyle(document.querySelector('header')).direction") == "ltr"


def test_everything_is_there_without_javascript(plain: Browser, url: str) -> None:
    plain.open(url)
    plain.find("#q")[0].type("harbour\ue007")
    assert len(plain.find(".hit")) == 20
    plain.find("a.next")[0].click()
    assert plain.find(".hit")
    plain.find(".facet a")[0].click()
    assert plain.find(".chips a")
    assert not plain.find("#suggestions")
    plain.find(".range button")[0].click()
    assert len(plain.find(".chips a")) == 3
