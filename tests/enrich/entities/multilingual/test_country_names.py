"""Which words name a country, in many languages and cases."""

import pytest

from enrich.entities.multilingual.country_names import find_countries
from enrich.entities.multilingual.text_words import split_text


@pytest.mark.parametrize(
    ("language", "text", "countries"),
    [
        ("fr", "Hier, le ministre a parlé de la Turquie et de l'Allemagne.", ["Turquie", "Allemagne"]),
        ("de", "Er reiste in die Vereinigten Staaten und nach Österreich.", ["Österreich"]),
        ("de", "Die Wirtschaft Frankreichs wächst.", ["Frankreichs"]),
        ("ru", "Послы России и Саудовской Аравии уехали.", ["России", "Саудовской Аравии"]),
        ("uk", "Посол України поїхав.", ["України"]),
        ("pl", "Ambasador Niemiec wyjechał z Ukrainy.", ["Ukrainy"]),
        ("zh", "他昨天从美国前往德国。", ["美国", "德国"]),
        ("hi", "वह भारत से जापान गए।", ["भारत", "जापान"]),
        ("tr", "Mali konular konuşuldu. Heyet Almanya'ya gitti.", ["Almanya"]),
        ("es", "Los ingleses viajaron a estados lejanos.", []),
    ],
)
def test_countries(language: str, text: str, countries: list[str]) -> None:
    words, starts = split_text(text)
    found = [text[starts[a] : starts[b - 1] + len(words[b - 1])] for a, b in find_countries(words, language)]
    assert found == countries
