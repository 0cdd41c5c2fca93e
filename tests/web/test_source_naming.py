"""How sources name a story: words that one side uses and the others do not."""

from hypothesis import given
from hypothesis import strategies as st

from web.parts.source_naming import Headline, compare_naming, score_words, words_of


def test_each_side_has_its_own_words_and_what_most_others_say_is_left_out() -> None:
    told = [
        Headline("A", "Militants storm the harbour of Velm", "en"),
        Headline("B", "Rebels storm harbour of Velm", "en"),
        Headline("C", "Rebels take Velm's harbour", "en"),
        Headline("D", "Rebellen in Velm", "de"),
        Headline("A", "Militants hold the harbour", "en"),
    ]
    first, *others = compare_naming(told)
    assert (first.headline, first.own[0], first.left_out) == (told[4], "militants", ("rebels",))
    assert {each.headline.source: "militants" in each.own for each in others} == {"B": False, "C": False}
    assert all("harbour" not in each.own and "velm" not in each.own for each in (first, *others))


def test_a_word_counts_for_more_the_fewer_others_have_it() -> None:
    """The figures in the comments of the module."""
    ten = score_words({"all": 1, "half": 1, "own": 1, "x": 5}, {"all": 11, "half": 6, "own": 1, "rest": 65, "x": 5})
    two = score_words({"own": 1, "other": 1}, {"own": 1, "other": 1, "rest": 2})
    assert {name: round(score, 1) for name, score in ten.items() if name != "x"} == {
        "all": 0.0,
        "half": 0.5,
        "own": 1.3,
    }
    assert round(two["own"], 1) == 0.9


def test_words_are_compared_as_they_are_read() -> None:
    assert words_of(Headline("A", "The PM's 3-day visit: “PM” in São Tomé", "en")) == [
        "pm",
        "day",
        "visit",
        "são",
        "tomé",
    ]
    assert words_of(Headline("A", "港口开放", "zh")) == []
    assert words_of(Headline("A", "हिन्दी में चुनाव", "hi")) == ["हिन्दी", "चुनाव"]
    assert words_of(Headline("A", "தமிழ் தேர்தல்", "ta")) == ["தமிழ்", "தேர்தல்"]


@given(st.lists(st.builds(Headline, st.sampled_from("ABC"), st.text(), st.sampled_from(["en", "xx", "../en"]))))
def test_no_headline_is_an_error(told: list[Headline]) -> None:
    for naming in compare_naming(told):
        assert naming.headline in told
        assert not set(naming.own) & set(naming.left_out)
