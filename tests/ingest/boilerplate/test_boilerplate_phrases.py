import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.boilerplate.boilerplate_phrases import GROUPS, READ, WORD, said


def groups(bits: int) -> set[str]:
    return {name for bit, name in enumerate(GROUPS) if bits >> bit & 1}


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("READ MORE: What the council decided", "read on"),
        ("Les også: Dette vet vi om flommen", "read on"),
        ("Lesen Sie auch: Was jetzt gilt", "read on"),
        ("관련기사 더 보기", "read on"),
        ("Photo: Jane Doe", "picture"),
        ("Abonnez-vous à notre lettre", "call"),
        ("本サイトの無断転載を禁じます", "rights"),
    ],
)
def test_what_stands_beside_articles(text: str, group: str) -> None:
    anywhere, _ = said(WORD.findall(text))
    assert group in groups(anywhere)


def test_where_it_is_said() -> None:
    assert groups(said(WORD.findall("Photo: the bridge"))[1]) == {"picture"}
    assert groups(said(WORD.findall("The bridge, in a photo"))[1]) == set()


def test_a_sentence_says_none_of_it() -> None:
    assert said(WORD.findall("The ministers met in Ankara and agreed on a date for talks")) == (0, 0)


def test_only_the_first_words_are_looked_at() -> None:
    assert said(["bridge"] * READ + ["photo"]) == (0, 0)


@given(st.lists(st.text(min_size=1), max_size=60))
def test_what_begins_is_somewhere(words: list[str]) -> None:
    anywhere, beginning = said(words)
    assert beginning & ~anywhere == 0
