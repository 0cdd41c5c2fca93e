"""Search, over HTTP and on the real server: what is typed, found, narrowed, paged; and what to do when nothing is."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from index import mapping, write
from index.searching.article_search import refresh
from pipeline.entity import Entity
from pipeline.settings import Settings
from tests.index.samples import enriched
from tests.web.served import browsing, read, served, text_of
from web.pages.search_page import HITS, split_last_word
from web.parts.search_link import SearchLink, read_link

pytestmark = pytest.mark.stack
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ADA = Entity(name="Lovelace", key="ada lovelace", type="person", count=1, canonical="Ada Lovelace")


def report(id_: str, hours: float, /, **fields: Any) -> Any:
    """An article that was published, and first seen, so many hours before NOW."""
    at = NOW - timedelta(hours=hours)
    return enriched(id_, published_at=at, first_seen_at=at, **fields)


def index(options: Settings, *articles: Any) -> None:
    write.stage(options.elasticsearch).handle(list(articles))
    refresh(options.elasticsearch)


@pytest.fixture(scope="module")
def filled(shared_options: Settings) -> Settings:
    mapping.install(shared_options.elasticsearch)
    harbour = [report(f"h{number:02}", number) for number in range(45)]
    index(
        shared_options,
        *harbour,
        report("copy", 0, duplicate_of="h00", duplicate_kind="exact", source_name="Another"),
        report("de", 0, title="Hafen wieder offen", text="Schiffe.", language="de", entities=(ADA,)),
        report("ar", 0, title="ميناء مفتوح", text="نص", language="ar"),
    )
    return shared_options


def titles(answer: httpx.Response) -> list[str]:
    return [each.text_content() for each in read(answer).cssselect(".hit h2")]


def ids(answer: httpx.Response) -> list[str]:
    return [each.get("href").rpartition("/")[2] for each in read(answer).cssselect(".hit h2 a")]


def link(answer: httpx.Response, words: str) -> str:
    [found] = [each.get("href") for each in read(answer).xpath("//a") if each.text_content().strip() == words]
    return str(found)


def test_what_is_found_is_marked_and_leads_to_article_story_and_publisher(client: httpx.Client) -> None:
    answer = client.get("/", params={"q": '"wieder offen"'})
    assert titles(answer) == ["Hafen wieder offen"]
    assert [each.text_content() for each in read(answer).cssselect(".hit mark")] == ["wieder offen"]
    [hit] = read(answer).cssselect(".hit")
    assert [each.get("href") for each in hit.cssselect("a")] == [
        "/articles/de",
        "/stories/story%20of%20de",
        "https://paper.example/de",
    ]
    assert hit.cssselect("a")[-1].get("rel") == "noopener noreferrer external"


def test_copies_are_folded_under_their_original_with_their_count(client: httpx.Client) -> None:
    [first, *_] = read(client.get("/", params={"q": "harbour", "order": "newest"})).cssselect(".hit")
    assert first.cssselect("summary")[0].text_content() == "1 copy"
    assert first.cssselect("details a")[0].get("href") == "/articles/copy"


def test_without_words_the_newest_articles_are_shown(client: httpx.Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert len(ids(answer)) == HITS
    assert {"de", "ar", "h00"} < set(ids(answer))
    assert read(answer).cssselect(".orders [aria-current]")[0].text_content() == "Newest"


def test_a_facet_narrows_the_search_and_can_be_taken_out_again(client: httpx.Client) -> None:
    answer = client.get("/")
    narrowed = client.get(link(answer, "Ada Lovelace"))
    assert titles(narrowed) == ["Hafen wieder offen"]
    assert read(narrowed).cssselect("#q")[0].get("value") == 'person:"Ada Lovelace"'
    [chip] = read(narrowed).cssselect(".chips a")
    assert len(ids(client.get(chip.get("href")))) == HITS
    assert "German" in text_of(client.get("/", params={"q": "language:german"}))


def test_a_column_of_the_chart_leads_to_its_articles(client: httpx.Client) -> None:
    page = read(client.get("/", params={"q": "harbour"}))
    columns = page.cssselect(".chart a")
    told = {each.get("aria-label"): each.get("href") for each in columns}
    assert len(told) > 1
    assert not page.xpath("//*[@style] | //script[not(@src)] | //style")
    for name, there in told.items():
        assert f"{name.rpartition(' ')[2]} article" in text_of(client.get(there)), name


def test_days_of_a_form_become_words_of_the_query(client: httpx.Client) -> None:
    sent = client.get("/", params={"q": "harbour", "order": "relevance", "from": "2026-11-19", "to": "2026-11-19"})
    assert sent.status_code == 303
    there = sent.headers["Location"]
    assert parse_qs(urlsplit(there).query) == {"q": ["harbour after:2026-11-19 before:2026-11-20"]}
    answer = client.get(there)
    assert "24 articles" in text_of(answer)
    assert [each.get("value") for each in read(answer).cssselect("input[type=date]")] == ["2026-11-19", "2026-11-19"]
    assert client.get("/", params={"from": "x", "to": "9999-12-31"}).headers["Location"] == "/"


def test_a_range_of_columns_is_chosen_in_a_form_and_becomes_words_of_the_query(client: httpx.Client) -> None:
    page = read(client.get("/", params={"q": "harbour", "order": "newest"}))
    [form] = page.cssselect("form.range")
    intervals = [each.get("value") for each in form.cssselect("#first option")]
    assert intervals == [each.get("value") for each in form.cssselect("#last option")]
    fields = dict(form.form_values())
    assert (fields["first"], fields["last"]) == (intervals[0], intervals[-1])
    [began, ended] = intervals[0].partition("/")[0], intervals[1].rpartition("/")[2]
    for first, last in ((intervals[0], intervals[1]), (intervals[1], intervals[0])):
        sent = client.get("/", params={**fields, "first": first, "last": last})
        told = parse_qs(urlsplit(sent.headers["Location"]).query)
        assert told == {"q": [f"harbour after:{began} before:{ended}"], "order": ["newest"]}
        assert "46 articles" not in text_of(client.get(sent.headers["Location"]))


@pytest.mark.parametrize("order", ["newest", "relevance"])
def test_pages_stay_what_they_are_while_news_comes_in(options: Settings, order: str) -> None:
    mapping.install(options.elasticsearch)
    first = [report(f"h{number:02}", number) for number in range(45)]
    index(options, *first)
    with served(options) as there, browsing(there) as client:
        answer = client.get("/", params={"q": "harbour velm", "order": order})
        shown = ids(answer)
        while more := read(answer).cssselect("a.next"):
            late = [
                report(f"n{len(shown)}{number}", number, title="Harbour", text="Velm. " * (number + 1))
                for number in range(0, 45, 5)
            ]
            index(options, *late)
            answer = client.get(more[0].get("href"))
            shown += ids(answer)
        assert sorted(shown) == [each.id for each in first]
        assert "18 new since you looked" in text_of(answer)
        assert "63 articles" in text_of(client.get(link(answer, "18 new since you looked")))


def test_when_nothing_is_found_it_says_what_would_be(client: httpx.Client) -> None:
    answer = client.get("/", params={"q": 'harbuor source:"The Paper"'})
    assert "Nothing was found for" in text_of(answer)
    there = link(answer, 'harbour source:"The Paper"')
    assert len(ids(client.get(there))) == HITS
    narrow = client.get("/", params={"q": "hafen language:ar"})
    assert titles(client.get(link(narrow, "hafen"))) == ["Hafen wieder offen"]


def test_what_is_not_understood_is_said(client: httpx.Client) -> None:
    assert "no language is called martian: it is left out" in text_of(client.get("/?q=language:martian"))
    wrong = client.get("/?q=harbour&after=beef")
    assert (wrong.status_code, "is not where a page ended" in text_of(wrong)) == (400, True)
    assert client.get("/?q=harbour&seen=then").status_code == 400


@pytest.mark.parametrize(
    "typed", ['"', "((((", "a" * 2_000, "\\", "|", "-", "~", "\x00", "\ud83d", "😀", "person:", '"""']
)
def test_no_query_is_an_error(client: httpx.Client, typed: str) -> None:
    query = f"/?q={''.join(f'%{byte:02x}' for byte in typed.encode(errors='surrogatepass'))}"
    assert client.get(query).status_code == 200


def test_a_text_is_shown_in_the_direction_of_its_script(client: httpx.Client) -> None:
    [title] = read(client.get("/?q=language:ar")).cssselect(".hit h2 a")
    assert (title.get("dir"), title.get("lang")) == ("auto", "ar")


def test_what_the_scripts_ask_for(client: httpx.Client) -> None:
    told = client.get("/suggestions", params={"q": "harbour lovel"})
    assert told.headers["Content-Type"] == "application/json"
    assert told.json() == [
        {"name": "Ada Lovelace", "kind": "person", "articles": 1, "query": 'harbour person:"Ada Lovelace" '}
    ]
    assert client.get("/suggestions", params={"q": "harbour "}).json() == []
    told = client.get("/new-count", params={"q": "harbour", "seen": "2026-01-01T00:00:00.000Z"})
    assert told.json() == {"new": 46, "url": "/?q=harbour"}


def test_in_the_first_minute_it_says_what_is_happening(options: Settings) -> None:
    with served(options) as there, browsing(there) as client:
        before = client.get("/")
        mapping.install(options.elasticsearch)
        index(options, enriched("first"))
        after = client.get("/")
    assert "The first articles are on their way" in text_of(before)
    assert "Kafka answers" in text_of(before)
    assert "Articles read 0" in text_of(before)
    assert read(before).xpath("//@data-refresh") == ["3"]
    assert read(before).xpath("//main//a[text()='Look again']/@href") == [""]
    assert ids(after) == ["first"]


def test_a_link_says_all_of_a_search() -> None:
    searched = SearchLink(typed='a "b c" source:x', order="newest", seen=NOW, after="beef")
    told = {name: values[0] for name, values in parse_qs(urlsplit(searched.url()).query).items()}
    assert read_link(told["q"], told["order"], told["seen"], told["after"]) == searched
    assert SearchLink().url() == "/?order=relevance"
    assert read_link("", "", "", "").url() == "/"


@pytest.mark.parametrize(
    ("typed", "split"),
    [
        ("harbour lov", ("harbour", "lov")),
        ("lov", ("", "lov")),
        ("a person:lov", ("a", "lov")),
        ("a https://x", ("a", "https://x")),
        ("a ", ("a ", "")),
        ('a "b c', ('a "b c', "")),
        ("", ("", "")),
    ],
)
def test_the_last_word_is_what_may_go_on(typed: str, split: tuple[str, str]) -> None:
    assert split_last_word(typed) == split
