"""An article, its story and its names as a reader finds them, over HTTP and on the real server."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from index import mapping, write
from index.searching.article_search import refresh
from index.writing.document_kinds import KINDS
from newsloom.trace.revisions import Revision
from newsloom.trace.step import Step, Way
from pipeline.entity import Entity
from pipeline.messages import Story
from pipeline.settings import Settings
from tests.index.samples import OCTOBER, enriched
from tests.web.served import browsing, read, served, text_of
from web.pages.history_page import changed
from web.parts.marked_text import Segment, found_words, named_places, paragraphs

TITLE, TEXT = "Ada sails", "In Velm Ada spoke.\n\nShe left Velm."
ADA = Entity(
    name="Ada", key="ada lovelace", type="person", count=2, canonical="Ada Lovelace", offsets=((0, 3), (18, 21))
)
VELM = Entity(name="Velm", key="velm", type="place", count=2, offsets=((13, 17), (39, 43)))
NOW = datetime.now(UTC)


class Told:
    """What the topics would tell."""

    def way(self, id_: str) -> Way:
        step = Step(name="feed", state="done", text="shown <b>there</b>", at=OCTOBER, notes=("a note",))
        return Way(asked=id_, ending="searchable", summary="It is searchable.", article=id_, title="T", steps=(step,))

    def revisions(self, id_: str, first_seen_at: datetime) -> Sequence[Revision]:  # noqa: ARG002
        first = Revision(revision=1, fetched_at=first_seen_at)
        return [first, Revision(revision=2, fetched_at=OCTOBER, text=("cost [-eleven-] {+<i>twelve</i>+} million",))]


@pytest.fixture(scope="module")
def client(shared_options: Settings) -> Iterator[httpx.Client]:
    there = shared_options.elasticsearch
    mapping.install(there)
    seen = NOW - timedelta(hours=2)
    fields: dict[str, Any] = {"story": "flood" * 4, "first_seen_at": seen, "published_at": seen}
    write.stage(there).handle(
        [
            enriched("a" * 32, title=TITLE, text=TEXT, entities=(ADA, VELM), authors=("B. Writer",), **fields),
            enriched("b" * 32, duplicate_of="a" * 32, duplicate_kind="near", source="b.example", **fields),
            enriched(
                "c" * 32,
                story="part" * 4,
                title="Rebels at Velm",
                source_name="The Sea",
                published_at=None,
                url="urn:newsloom:c",
                first_seen_at=seen,
            ),
            enriched("d" * 32, language="ar", title="ميناء", text="نص", published_at=NOW + timedelta(days=2)),
        ]
    )
    (kind,) = [each for each in KINDS if each.name == "stories"]
    told: dict[str, Any] = {"language": "en", "size": 3, "first_seen_at": seen, "last_seen_at": seen}
    sources = ("paper.example", "b.example")
    write.stage(there, kind=kind).handle(
        [
            Story(id="flood" * 4, headline="The flood of Velm", sources=sources, **told),
            Story(id="part" * 4, headline="A part", sources=("c.example",), merged_into="flood" * 4, **told),
        ]
    )
    refresh(there)
    with served(shared_options, Told()) as url, browsing(url) as found:
        yield found


pytestmark = pytest.mark.stack


def test_an_article_has_its_names_marked_and_leads_to_their_pages(client: httpx.Client) -> None:
    page = read(client.get(f"/articles/{'a' * 32}"))
    assert [each.text_content() for each in page.cssselect(".text p")] == ["In Velm Ada spoke.", "She left Velm."]
    assert [(each.text_content(), each.get("href")) for each in page.cssselect(".text a.name")] == [
        ("Velm", "/names/place/Velm"),
        ("Ada", "/names/person/Ada%20Lovelace"),
        ("Velm", "/names/place/Velm"),
    ]
    told = text_of(client.get(f"/articles/{'a' * 32}"))
    assert "B. Writer" in told
    assert "The flood of Velm" in told
    assert "as the publisher says" in told


def test_a_copy_says_whose_and_the_original_lists_its_copies(client: httpx.Client) -> None:
    copy, original = client.get(f"/articles/{'b' * 32}"), client.get(f"/articles/{'a' * 32}")
    [note] = read(copy).cssselect(".note")
    assert note.text_content().startswith("It is nearly the same text as an earlier article. Ada sails")
    assert note.cssselect("a")[0].get("href") == f"/articles/{'a' * 32}"
    assert f"/articles/{'b' * 32}" in [each.get("href") for each in read(original).cssselect("section a")]


def test_how_sure_a_time_is_stands_beside_it(client: httpx.Client) -> None:
    assert "not stated: when we first saw it" in text_of(client.get(f"/articles/{'c' * 32}"))
    assert "as the publisher says, which can't be" in text_of(client.get(f"/articles/{'d' * 32}"))


def test_an_item_without_a_page_leads_nowhere(client: httpx.Client) -> None:
    page = client.get(f"/articles/{'c' * 32}")
    assert not read(page).xpath("//a[contains(@href, 'urn:')]")
    assert "urn:newsloom:c" in text_of(page)


def test_a_text_from_the_right_is_shown_from_the_right(client: httpx.Client) -> None:
    page = read(client.get(f"/articles/{'d' * 32}"))
    assert {each.get("dir") for each in page.cssselect("article h1, article .text")} == {"rtl"}


def test_the_beginning_of_an_id_and_an_address_lead_to_the_article(client: httpx.Client) -> None:
    for asked in ("/articles/aaaaa", f"/articles?url=https://paper.example/{'a' * 32}"):
        answer = client.get(asked)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/articles/{'a' * 32}")
    missing = client.get("/articles/zzzzzz")
    assert (missing.status_code, "There is no article zzzzzz" in text_of(missing)) == (404, True)


def test_what_changed_and_the_way_are_told(client: httpx.Client) -> None:
    page = client.get(f"/articles/{'a' * 32}/revisions")
    assert [each.text_content() for each in read(page).cssselect("del, ins")] == ["eleven", "<i>twelve</i>"]
    way = client.get(f"/articles/{'a' * 32}/way")
    assert "It is searchable." in text_of(way)
    assert "shown <b>there</b>a note" in text_of(way)


def test_stories_are_listed_by_their_outlets_and_in_a_language(client: httpx.Client) -> None:
    page = client.get("/stories")
    assert [each.text_content() for each in read(page).cssselect(".hit h2")] == ["The flood of Velm"]
    assert "2 outlets, 3 articles" in text_of(page)
    assert "No story in this time." in text_of(client.get("/stories?hours=6&language=german"))
    assert "no language is called martian" in text_of(client.get("/stories?language=martian"))
    assert client.get("/stories?hours=9999999999").status_code == 200


def test_a_story_has_its_reports_in_order_and_its_sources(client: httpx.Client) -> None:
    page = client.get(f"/stories/{'flood' * 4}")
    told = read(page)
    hits = [each.cssselect("a")[0].get("href") for each in told.cssselect(".hit")]
    assert hits == [f"/articles/{'a' * 32}", f"/articles/{'c' * 32}"]
    assert "1 copy" in text_of(page)
    assert len(told.cssselect("aside li")) == 2
    rows = [[each.text_content() for each in row] for row in told.cssselect("table tbody tr")]
    assert rows == [["The Paper", "Ada sails", "ada, sails", ""], ["The Sea", "Rebels at Velm", "rebels, velm", ""]]
    assert told.cssselect("svg.chart a")[0].get("href").startswith("/?q=story%3A")
    assert client.get(told.cssselect("svg.chart a")[0].get("href")).status_code == 200


def test_a_merged_story_leads_on(client: httpx.Client) -> None:
    for asked in ("part" * 4, "floodfl"):
        answer = client.get(f"/stories/{asked}")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/stories/{'flood' * 4}")
    assert client.get("/stories/nothing-like-it").status_code == 404


def test_a_name_has_its_articles_those_named_with_it_and_its_stories(client: httpx.Client) -> None:
    page = client.get("/names/person/ada%20lovelace")
    told = read(page)
    assert told.cssselect("h1")[0].text_content() == "Ada Lovelace"
    assert [each.get("href") for each in told.cssselect("aside a")] == ["/names/place/Velm"]
    assert f"/stories/{'flood' * 4}" in [each.get("href") for each in told.cssselect("section a")]
    assert client.get(told.cssselect("p a")[0].get("href")).status_code == 200
    assert client.get("/names/name/Velm").status_code == 200
    for nothing in ("/names/person/Nobody", "/names/planet/Mars", f"/names/name/{'x' * 1_500}", "/names/place/Ada"):
        assert client.get(nothing).status_code == 404


# --- texts and their marks ---


def test_a_passage_is_cut_at_its_marks_and_loses_nothing() -> None:
    assert found_words("a ⟨b⟩ c ⟨d⟩") == (Segment("a "), Segment("b", "found"), Segment(" c "), Segment("d", "found"))
    assert found_words("⟩ a ⟨b") == (Segment("⟩ a "), Segment("b", "found"))
    assert found_words("") == ()


def test_places_that_overlap_or_lie_outside_are_left_out() -> None:
    places = [(12, 14, "x"), (13, 16, "y"), (8, 11, "z"), (18, 30, "w"), (15, 15, "v")]
    assert named_places("abcdefghij", 10, places) == (
        *(Segment("ab"), Segment("cd", "x")),
        Segment("efghij"),
    )
    assert paragraphs("ab\n\ncd", 5, [(8, 9, "x"), (9, 11, "y")]) == [(Segment("ab"),), (Segment("cd", "y"),)]


def test_a_change_is_told_in_segments() -> None:
    assert changed("a [-b-] {+c+}") == (*(Segment("a "), Segment("b", "removed"), Segment(" "), Segment("c", "added")),)
