"""Which text is searched, what is a name and what is none, and texts that are made to do harm."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.entities.english.recogniser import RecognisedText
from enrich.entities.mention import ArticleText, Mention
from enrich.entities.mentions import (
    CHARACTERS_PER_WORD,
    TITLE_CHARACTERS,
    UNSPACED_CHARACTERS_PER_WORD,
    find_titled_persons,
    mentions_by_model,
    searched_text,
)
from enrich.entities.named_entities import MOST_OFFSETS, find_entities
from enrich.entities.ner_decoder import EntitySpan
from pipeline.entity import Entity

pytestmark = pytest.mark.slow

WORDS = 100
CREDITS = """Jane Doe spoke in Berlin on Monday with Olaf Scholz of the Social Democratic Party.
(AP Photo/Evan Vucci)
Photo: Getty Images
He told Reuters that the talks were over. The Associated Press had asked him. — Reuters"""


CALL = (
    "Turkish Foreign Minister Hakan Fidan spoke by phone with US Secretary of State Antony Blinken on Wednesday, "
    "the ministry said."
)


def named(text: str, title: str = "") -> dict[str, Entity]:
    return {each.key: each for each in find_entities([ArticleText(title, text, "en")], WORDS)[0].entities}


def test_offsets_are_those_of_the_names_in_title_and_text() -> None:
    title = "Blinken " + "in long talks " * 60
    text = "Antony Blinken met Hakan Fidan\x00 in Ankara.\nBlinken's plane left; (((((((( Fidan stayed."
    whole = f"{title}\n{text}"
    found = named(text, title)
    assert [whole[a:b] for a, b in found["antony blinken"].offsets] == ["Blinken", "Antony Blinken", "Blinken"]
    assert [whole[a:b] for a, b in found["hakan fidan"].offsets] == ["Hakan Fidan", "Fidan"]


def test_who_took_the_picture_is_no_actor() -> None:
    found = named(CREDITS)
    assert {"olaf scholz", "reuters"} <= found.keys()
    assert found["reuters"].count == 1
    assert not {"evan vucci", "ap photo", "getty images"} & found.keys()


def test_a_role_is_no_name() -> None:
    found = named("The Secretary of State said so. U.S. Secretary of State Antony Blinken left with the President.")
    assert {"united states", "antony blinken"} == found.keys()


@pytest.mark.parametrize(
    ("text", "people", "places"),
    [
        (CALL, {"hakan fidan", "antony blinken"}, {"united states"}),
        ("He met US Defense Secretary Lloyd Austin.", {"lloyd austin"}, {"united states"}),
        ("He met UK Foreign Secretary David Lammy.", {"david lammy"}, {"united kingdom"}),
        ("He met South Korea Foreign Minister Cho Tae-yul.", {"cho tae yul"}, {"south korea"}),
        ("South Africa Finance Minister Enoch Godongwana left.", {"enoch godongwana"}, {"south africa"}),
        ("Saudi Arabia Foreign Minister Faisal bin Farhan spoke.", {"faisal bin farhan"}, {"saudi arabia"}),
    ],
)
def test_a_country_before_a_title_is_a_country(text: str, people: set[str], places: set[str]) -> None:
    found = named(text)
    assert {key for key, each in found.items() if each.type == "person"} == people
    assert {key for key, each in found.items() if each.type == "place"} == places
    assert not {key for key, each in found.items() if each.type == "organisation"}


@pytest.mark.parametrize("country", ["US", "South Korea", "United Arab Emirates"])
def test_a_span_that_ends_inside_a_title_is_the_country_before_it(country: str) -> None:
    text = f"{country} Foreign Minister Cho Tae-yul left"
    words = text.split()
    starts = [text.index(f" {word}") + 1 if at else 0 for at, word in enumerate(words)]
    cut_short = EntitySpan(0, len(country.split()) + 1, "ORG")  # "South Korea Foreign"
    found = mentions_by_model(RecognisedText(words, starts, [cut_short], [], np.zeros((0, 0), np.float32)), None)
    assert found == [Mention(0, len(country), "LOC")]


def test_an_acronym_is_its_organisation() -> None:
    found = named("The Harbour Workers Union of Velm (HWU) met in Velm. The HWU is large. Members of the HWU agreed.")
    assert "hwu" not in found


@given(st.text(max_size=400), st.text(max_size=400))
def test_what_is_read_has_every_character_in_its_place(title: str, text: str) -> None:
    read = searched_text(ArticleText(title, text, "en"), WORDS)
    whole = f"{title[:TITLE_CHARACTERS]}\n{text}"
    assert all(a in (b, " ") for a, b in zip(read, whole, strict=False))
    assert len(read) <= len(whole)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10**6,
        "([{<" * 250_000,
        "Aa-" * 333_333,
        "\x00\u202e\ud800" * 333_333,
        "John Smith, " * 83_333,
        "".join(f"Anna Name{n}x met Bob Other{n}y. " for n in range(40_000)),
        "Иван Petrov 王小明 محمد Ali " * 40_000,
        "A.B.C.D.E." * 100_000,
        "(AP/" * 250_000,
    ],
    ids=["word", "brackets", "hyphens", "control", "one name", "page of names", "scripts", "acronyms", "credits"],
)
@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.timeout(60)
def test_hostile_texts_are_read_to_a_bound(text: str, language: str) -> None:
    article = ArticleText(text, text, language)
    assert len(searched_text(article, WORDS)) <= TITLE_CHARACTERS + 1 + WORDS * CHARACTERS_PER_WORD
    found = find_entities([article], WORDS)[0]
    assert len(found.entities) <= (TITLE_CHARACTERS + WORDS * CHARACTERS_PER_WORD) / 2
    assert all(len(each.offsets) <= MOST_OFFSETS for each in found.entities)


def test_who_is_introduced_by_a_title_is_a_person() -> None:
    text = "the spokesperson Öncü Keçeli said ; a minister Velm ; the spokesman of Aske Town"
    assert list(find_titled_persons(text.split(" "))) == [(2, 4)]
    assert list(find_titled_persons([])) == []


def test_of_a_text_without_spaces_the_beginning_is_read() -> None:
    text = "王明昨天在北京说，" * 1_000
    read = searched_text(ArticleText("标题", text, "zh"), WORDS)
    assert read == f"标题\n{text[: WORDS * UNSPACED_CHARACTERS_PER_WORD]}"
