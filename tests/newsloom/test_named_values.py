"""Languages and countries as people name them."""

import click
import pytest

from newsloom.named_values import COUNTRY, LANGUAGE


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("en", "en"), ("English", "en"), ("english", "en"), ("EN", "en"), ("de-AT", "de"), ("pt_BR", "pt"),
        ("German", "de"), ("deutsch", "de"), ("Türkçe", "tr"), ("العربية", "ar"), (" French ", "fr"), ("ckb", "ckb"),
    ],
)  # fmt: skip
def test_a_language_is_meant_by_its_code_and_its_names(typed: str, code: str) -> None:
    assert LANGUAGE.convert(typed, None, None) == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [("TR", "TR"), ("tr", "TR"), ("Turkey", "TR"), ("turkey", "TR"), ("Türkiye", "TR"), ("United  Kingdom", "GB")],
)
def test_a_country_is_meant_by_its_code_and_its_names(typed: str, code: str) -> None:
    assert COUNTRY.convert(typed, None, None) == code


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        (LANGUAGE, "englsh", "no language is called 'englsh': did you mean English (en)"),
        (LANGUAGE, "qqqqqq", "two letters do too"),
        (LANGUAGE, "", "no language is called ''"),
        (COUNTRY, "Turky", "no country is called 'Turky': did you mean Türkiye (TR)?"),
        (COUNTRY, "XX", "no country is called 'XX'"),
    ],
)
def test_what_is_none_is_refused_with_what_is_near(kind: click.ParamType[str], typed: str, said: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        kind.convert(typed, None, None)
    assert said in refused.value.message
