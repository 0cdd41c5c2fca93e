"""The words that a revision removed and added: right for any two texts, bounded, and told as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.writing.word_changes import (
    CONTEXT,
    MOST_CHANGES,
    MOST_COMPARED,
    MOST_SHOWN,
    WordChange,
    changes_in_words,
    join_words,
    split_words,
    word_changes,
)

WORDS = st.lists(st.sampled_from(["the", "bridge", "of", "Arden", "eleven", "twelve"]), max_size=60)


def applied(before: list[str], changes: list[WordChange]) -> list[str]:
    words = list(before)
    for each in reversed(changes):
        assert tuple(words[each.start : each.start + len(each.removed)]) == each.removed
        words[each.start : each.start + len(each.removed)] = each.added
    return words


@given(WORDS, WORDS)
def test_the_changes_make_the_one_text_the_other(before: list[str], after: list[str]) -> None:
    changes = word_changes(before, after)
    assert applied(before, changes) == after
    assert (changes == []) == (before == after)
    assert all(each.removed != each.added for each in changes)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_two_texts_can_be_told(before: str, after: str) -> None:
    told = list(changes_in_words(before, after))
    assert len(told) <= MOST_CHANGES + 1
    assert (told == []) == (split_words(before) == split_words(after))
    assert not any("\n" in each for each in told)


def test_a_change_is_told_with_the_words_around_it() -> None:
    before = "The mayor said that a bridge would cost eleven million and take three summers."
    after = "The mayor said that a new bridge would cost twelve million and take three summers."
    assert list(changes_in_words(before, after)) == [
        "mayor said that a {+new+} bridge would cost",
        "bridge would cost [-eleven-] {+twelve+} million and take three",
    ]


def test_in_scripts_without_spaces_characters_are_words() -> None:
    assert split_words("新大桥 cost 11") == ["新", "大", "桥", "cost", "11"]
    assert list(changes_in_words("新大桥开通", "新小桥开通")) == ["新 [-大-] {+小+} 桥 开 通"]


def test_long_texts_that_differ_everywhere_are_told_as_a_whole() -> None:
    before = [f"a{number}" for number in range(MOST_COMPARED + 1)]
    after = [f"b{number}" for number in range(10)]
    assert word_changes(before, after) == [WordChange(0, tuple(before), tuple(after))]
    [told] = changes_in_words(" ".join(before), " ".join(after))
    assert f"... ({len(before)} words)-]" in told
    assert len(told.split()) < MOST_SHOWN + len(after) + 2 * CONTEXT + 5


def test_of_many_changes_some_are_told() -> None:
    before = " ".join(f"word{number} same{number}" for number in range(100))
    told = list(changes_in_words(before, before.replace("word", "other")))
    assert (len(told), told[-1]) == (MOST_CHANGES + 1, "and 60 more")


@pytest.mark.timeout(10)
def test_few_words_again_and_again_are_told_as_a_whole_and_soon() -> None:
    before = ["x"] * 1_000 + [f"a{number}" for number in range(1_000)]
    after = ["y", "x"] * 1_000
    assert word_changes(before, after) == [WordChange(0, tuple(before), tuple(after))]


@given(st.lists(st.sampled_from(["harbour", "新", "桥", "ท่", "11"]), max_size=20))
def test_words_are_joined_as_their_script_is_written(words: list[str]) -> None:
    assert split_words(join_words(words)) == [part for word in words for part in split_words(word)]
    assert "新 桥" not in join_words(words)
