"""Where one word ends and the next begins, in many scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.entities.multilingual.text_words import split_text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dell'Italia", ["dell", "'", "Italia"]),
        ("Ankara’da", ["Ankara", "’", "da"]),
        ("US-Präsident Bo Ek.", ["US-Präsident", "Bo", "Ek", "."]),
        ("विलियम ने", ["विलियम", "ने"]),  # vowel signs belong to the word
        ("王明说：", ["王", "明", "说", "："]),
        ("A王B", ["A", "王", "B"]),
        ("Titel\nText", ["Titel", "\n", "Text"]),
        ("a_b --", ["a", "_", "b", "-", "-"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert split_text(text).words == words


@given(st.text(max_size=300))
def test_each_word_stands_where_it_is_said_to_stand(text: str) -> None:
    found = split_text(text)
    assert all(text.startswith(word, at) for word, at in zip(found.words, found.starts, strict=True))
    covered = {at for word, start in zip(*found, strict=True) for at in range(start, start + len(word))}
    assert all(char.isspace() for at, char in enumerate(text) if at not in covered)
    assert len(covered) == sum(map(len, found.words))
