"""Which names are forms of one name, and which are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.inflection import MOST_FORMS, PARADIGMS, nominatives


@pytest.mark.parametrize(
    ("form", "language", "nominative"),
    [
        ("obamas", "de", "obama"),
        ("путина", "ru", "путин"),
        ("эммануэлем макроном", "ru", "эммануэль макрон"),
        ("россии", "ru", "россия"),
        ("зеленского", "ru", "зеленскии"),  # keys have no accents, so no й either
        ("порошенка", "uk", "порошенко"),
        ("emmanuela macrona", "pl", "emmanuel macron"),
        ("kaczynskiego", "pl", "kaczynski"),
        ("plenkovicem", "hr", "plenkovic"),
        ("heger", "sk", "heger"),
    ],
)
def test_a_form_has_its_nominative(form: str, language: str, nominative: str) -> None:
    assert nominative in nominatives(form, language)


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("obamas", "obama", "en"),  # no cases
        ("claras", "clara", "es"),
        ("зеленская", "зеленскии", "ru"),  # husband and wife
        ("ivanova", "ivanovic", "hr"),
        ("li", "l", "pl"),  # too short
    ],
)
def test_other_names_are_no_forms(one: str, other: str, language: str) -> None:
    assert other not in nominatives(one, language)


@given(st.text(max_size=60), st.sampled_from([*PARADIGMS, "en", "unknown"]))
def test_a_name_is_its_own_first_form_and_has_few(name: str, language: str) -> None:
    found = nominatives(name, language)
    assert found[0].split() == name.split()
    assert len(found) <= MOST_FORMS
