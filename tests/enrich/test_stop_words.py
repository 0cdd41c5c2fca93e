"""Stop words: read from spaCy's files without importing spaCy."""

import subprocess
import sys

import pytest

from enrich.stop_words import stop_words


@pytest.mark.parametrize(("language", "word"), [("en", "the"), ("fr", "les"), ("tr", "ve"), ("uk", "та")])
def test_a_language_has_its_words(language: str, word: str) -> None:
    assert word in stop_words(language)


@pytest.mark.parametrize("language", ["unknown", "xx", "", "../en", "km"])
def test_a_language_that_spacy_does_not_know_has_none(language: str) -> None:
    assert stop_words(language) == frozenset()


@pytest.mark.slow
def test_spacy_is_not_imported() -> None:
    lines = ("import sys", "from enrich import stop_words, stories", "stop_words.stop_words('fr')")
    program = "; ".join((*lines, "print('spacy' in sys.modules)"))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
