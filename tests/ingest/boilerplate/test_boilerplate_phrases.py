import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.boilerplate.boilerplate_phrases import PHRASE_GROUPS, WORD, WORDS_READ, find_phrases


def groups(bits: int) -> set[str]:
    return {name for bit, name in enumerate(PHRASE_GROUPS) if bits >> bit & 1}


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
def test_phrases_that_surround_articles(text: str, group: str) -> None:
    anywhere, _ = find_phrases(WORD.findall(text))
    assert group in groups(anywhere)


def test_phrases_at_the_beginning() -> None:
    assert groups(find_phrases(WORD.findall("Photo: the bridge"))[1]) == {"picture"}
    assert groups(find_phrases(WORD.findall("The bridge, in a photo"))[1]) == set()


def test_a_sentence_without_such_phrases() -> None:
    assert find_phrases(WORD.findall("The ministers met in Ankara and agreed on a date for talks")) == (0, 0)


def test_only_the_first_words_are_looked_at() -> None:
    assert find_phrases(["bridge"] * WORDS_READ + ["photo"]) == (0, 0)


@given(st.lists(st.text(min_size=1), max_size=60))
def test_groups_at_the_beginning_are_also_found_anywhere(words: list[str]) -> None:
    anywhere, beginning = find_phrases(words)
    assert beginning & ~anywhere == 0
