"""Which names of a document mean one entity, in languages with cases too."""

import pytest

from enrich.entities.coreference import resolve


@pytest.mark.parametrize(
    ("language", "keys", "meant"),
    [
        ("en", ["antony blinken", "blinken"], "antony blinken"),
        ("de", ["barack obama", "obamas"], "barack obama"),
        ("ru", ["владимир путин", "путина"], "владимир путин"),
        ("ru", ["эммануэля макрона", "эммануэль макрон", "макрону"], "эммануэль макрон"),
        ("pl", ["donaldem tuskiem", "donald tusk"], "donald tusk"),
        ("zh", ["唐纳德 特朗普", "特朗普"], "唐纳德 特朗普"),
    ],
)
def test_forms_and_surnames_are_their_person(language: str, keys: list[str], meant: str) -> None:
    assert set(resolve(dict.fromkeys(keys, "PER"), language).values()) == {meant}


@pytest.mark.parametrize(
    ("language", "keys"),
    [
        ("en", ["barack obama", "obamas"]),  # English has no such case
        ("ru", ["владимир зеленскии", "елена зеленская"]),  # husband and wife
        ("de", ["jan koch", "ute koch", "koch"]),  # which of the two is not told
        ("pl", ["anna nowak", "jan nowak"]),
    ],
)
def test_others_stay_apart(language: str, keys: list[str]) -> None:
    assert resolve(dict.fromkeys(keys, "PER"), language) == {key: key for key in keys}
