"""What stands around a person's name and is no part of it."""

import pytest

from enrich.entities.multilingual.text_words import split_text
from enrich.entities.multilingual.title_words import cut_titles


@pytest.mark.parametrize(
    ("span", "language", "name"),
    [
        ("Präsidenten Emmanuel Macron", "de", "Emmanuel Macron"),
        ("Bundeskanzlerin Dr. Ada Berg", "de", "Ada Berg"),
        ("Premier ministre Luc Morel", "fr", "Luc Morel"),
        ("M. Morel", "fr", "Morel"),
        ("Presidente Doña Ana Ruiz", "es", "Ana Ruiz"),
        ("Prezydenta Jana Wilka", "pl", "Jana Wilka"),
        ("Президента Ивана Волкова", "ru", "Ивана Волкова"),
        ("Cumhurbaşkanı Ali Taş", "tr", "Ali Taş"),
        ("王明总统", "zh", "王明"),
        ("田中首相", "ja", "田中"),
        ("Mr Bo Ek", "sk", "Bo Ek"),  # English titles stand in all languages
        ("Papst", "de", "Papst"),  # a title alone stays what it is
        ("König", "de", "König"),
        ("J. Ek", "de", "J. Ek"),
    ],
)
def test_titles_are_cut_off(span: str, language: str, name: str) -> None:
    words, starts = split_text(span)
    start, end = cut_titles(words, 0, len(words), language)
    assert span[starts[start] : starts[end - 1] + len(words[end - 1])] == name
