"""Sizes: one and the same for a text and its translation, whether its script writes words apart or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.boilerplate.word_count import count_words

# article 1 of the Universal Declaration of Human Rights (United Nations, OHCHR)
DECLARATION = {
    "en": "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience "
    "and should act towards one another in a spirit of brotherhood.",
    "de": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt "
    "und sollen einander im Geiste der Brüderlichkeit begegnen.",
    "ja": "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。"
    "人間は、理性と良心とを授けられており、互いに同胞の精神をもって行動しなければならない。",
    "zh": "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。",
    "ko": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. "
    "인간은 천부적으로 이성과 양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다.",
    "th": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม และควรปฏิบัติต่อกันด้วยเจตนารมณ์แห่งภราดรภาพ",
}


@pytest.mark.parametrize("language", DECLARATION)
def test_a_text_is_as_long_as_its_translation(language: str) -> None:
    ratio = count_words(DECLARATION[language]) / count_words(DECLARATION["en"])
    assert 0.6 < ratio < 1.6


@given(st.text(max_size=200), st.text(max_size=200))
def test_more_text_is_never_smaller(one: str, other: str) -> None:
    assert count_words(one + other) >= count_words(one) >= 0
