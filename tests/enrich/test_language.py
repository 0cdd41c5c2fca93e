import pytest

from enrich.language import UNKNOWN, detect

GERMAN = "Die Bundesregierung hat am Mittwoch beschlossen, die Steuern auf Strom für alle Haushalte zu senken."


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", GERMAN),
        ("en", "The government decided on Wednesday to lower the tax on electricity for every household."),
        ("fr", "Le gouvernement a décidé mercredi de baisser la taxe sur l'électricité pour tous les ménages."),
        ("tr", "Hükümet çarşamba günü tüm haneler için elektrik vergisini düşürmeye karar verdi, dedi sözcü."),
        ("ja", "政府は水曜日、すべての家庭の電気税を引き下げることを決定したと発表した。"),
        ("ar", "قررت الحكومة يوم الأربعاء خفض الضريبة على الكهرباء لجميع الأسر في البلاد"),
    ],
)
def test_the_text_tells_its_language(language: str, text: str) -> None:
    found = detect("", text, None)
    assert (found.code, found.source) == (language, "text")
    assert 0.5 < found.confidence <= 1


def test_a_long_text_is_believed_before_the_page() -> None:
    assert detect("", GERMAN, "en").code == "de"


def test_a_short_text_leaves_the_word_to_the_page() -> None:
    assert detect("Live-Ticker", "", "de-AT", "feed")[::2] == ("de", "feed")
    assert detect("Live-Ticker", "", "nb").code == "no"


@pytest.mark.parametrize("claimed", [None, "", "xx", "klingon", "-", "\x00"])
def test_says_unknown_when_it_is(claimed: str | None) -> None:
    for text in ("", "12:30 4-3 99", "!!!", "\x00\x01", "☃☃☃"):
        assert detect("", text, claimed) == (UNKNOWN, 0.0, "none")
