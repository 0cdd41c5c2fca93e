"""Whether trafilatura's text of a page is taken instead of the classifier's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.boilerplate.block_features import ArticleHints
from ingest.boilerplate.text_choice import LEAST_CONFIDENCE, why_trafilatura

WORD = "house "  # as long as count_words takes a word to be


@pytest.mark.parametrize(
    ("words", "confidence", "hints", "wanted"),
    [
        (300, 0.99, ArticleHints(WORD * 500), ""),  # they differ, and nothing tells who is right
        (100, 0.99, ArticleHints(WORD * 500), "nothing else"),
        (300, 0.7, ArticleHints(WORD * 500), "doubt"),
        (300, 0.7, ArticleHints(""), ""),  # there is no other
        (300, 0.99, ArticleHints(WORD * 500, word_count=490), "stated length"),
        (300, 0.99, ArticleHints(WORD * 500, word_count=310), ""),
        (300, 0.99, ArticleHints(WORD * 500, word_count=400), ""),  # as far from one as from the other
        (300, 0.99, ArticleHints(WORD * 500, word_count=60), ""),
        (300, 0.99, ArticleHints(WORD * 500, WORD * 510), "stated length"),
        (900, 0.99, ArticleHints(WORD * 500, WORD * 510), "stated length"),
        (300, 0.99, ArticleHints(WORD * 500, WORD * 310, word_count=490), ""),  # a text tells more than a number
        (0, 0.0, ArticleHints(WORD * 5), "nothing else"),
    ],
)
def test_evidence_overrules_the_classifier(words: int, confidence: float, hints: ArticleHints, wanted: str) -> None:
    assert why_trafilatura(WORD * words, confidence, hints) == wanted


@given(st.text(max_size=50), st.floats(LEAST_CONFIDENCE, 1), st.text(max_size=50))
def test_equal_texts_are_no_reason(text: str, confidence: float, stated: str) -> None:
    assert why_trafilatura(text, confidence, ArticleHints(text, stated)) == ""
