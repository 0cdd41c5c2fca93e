import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.clustering import report_embedding
from enrich.clustering.report_embedding import FIRST_DAY, MEANT, NO_DAY, NOTHING, SIZE, Usual
from enrich.clustering.vectors import weigh

NOWHERE = np.zeros(MEANT, np.float32)
SHOOTING = "Wife of the Orlando gunman could face charges"
SAME_SHOOTING = "Prosecutors weigh indictment against shooter's spouse in Florida"
BAKING = "Bread rises better with a pinch of sugar in the dough"


def told(title: str, text: str = "", language: str = "en") -> bytes:
    return report_embedding.gist(weigh(title, text, language), f"{title}\n{text}", language)


def meaning(ours: bytes, theirs: bytes) -> float:
    return float(report_embedding.compared(ours, [[theirs]], NOWHERE)[0, -1])


def test_the_same_in_other_words_is_nearer_than_something_else() -> None:
    ours = told(SHOOTING)
    assert meaning(ours, ours) == pytest.approx(1)
    assert meaning(ours, told(SAME_SHOOTING)) > meaning(ours, told(BAKING)) + 0.2


def test_where_no_meanings_are_known_nothing_is_said_of_them() -> None:
    french = told("La femme du tireur bientôt jugée", "Le procès commence lundi", "fr")
    assert french[:MEANT] == bytes(MEANT)
    assert french[FIRST_DAY] == 0
    english = told(SHOOTING)
    for ours, theirs in ((french, [english]), (english, [french]), (english, [NOTHING])):
        assert np.isnan(report_embedding.compared(ours, [theirs], NOWHERE)[0, -1])
    assert report_embedding.compared(english, [[french, english]], NOWHERE)[0, -1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "language", "days"),
    [
        ("On Tuesday the Senate met; on MONDAY it had not, nor on Tuesday's eve", "en", [1, 0, 1]),
        ("Sundays are for rest, and Mondayish moods", "en", []),
        ("Am Mittwoch und am Sonntag", "de", [2, 6]),
        ("jeudi, puis vendredi", "fr", [3, 4]),
        ("他星期三抵达", "zh", [2]),
        ("Tuesday", "unknown", []),
        ("Tuesday", "xx", []),
    ],
)
def test_days_are_known_by_their_names_in_each_language(text: str, language: str, days: list[int]) -> None:
    assert report_embedding.weekdays(text, language) == days


def test_of_a_story_the_shares_count_that_speak_of_the_same_day_and_of_others_only() -> None:
    tuesday, wednesday, both = (
        told("", f"It happened on {days}") for days in ("Tuesday", "Wednesday", "Tuesday and Wednesday")
    )
    undated = told("", "It happened")
    stories = [[tuesday, wednesday, undated], [both, wednesday], [undated], [NOTHING]]
    shares = report_embedding.compared(tuesday, stories, NOWHERE)[:, :-1].tolist()
    assert shares == [[0.5, 0.5], [0.5, 0.5], [0, 0], [0, 0]]
    assert report_embedding.compared(undated, stories, NOWHERE)[:, :-1].any() == np.False_


def test_what_all_reports_of_a_stream_mean_tells_nothing() -> None:
    usual, reports = Usual(), [told(title) for title in (SHOOTING, SAME_SHOOTING)]
    before = meaning(*reports)
    for _ in range(300):
        for each in reports:
            usual.count(each)
    assert float(report_embedding.compared(reports[0], [[reports[1]]], usual.mean())[0, -1]) < before - 0.5


def test_the_usual_is_the_same_whenever_it_is_asked_for() -> None:
    asked, unasked = Usual(), Usual()
    for number, title in enumerate([SHOOTING, BAKING, SAME_SHOOTING] * 5):
        for each in (asked, unasked):
            each.count(told(title))
            if number == 7:
                each.fade(0.3)
        asked.mean()
    assert asked.mean().tolist() == unasked.mean().tolist()


@given(st.lists(st.binary(min_size=SIZE, max_size=SIZE), min_size=1, max_size=9), st.data())
def test_any_bytes_are_compared(gists: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(gists) - 1))
    found = report_embedding.compared(gists[0], [gists[: at + 1], gists[at:]], NOWHERE)
    assert found.shape == (2, 3)
    assert (np.isnan(found) | (np.abs(found) <= 1 + 1e-6)).all()
    assert len(report_embedding.as_one(gists)) == SIZE


@given(st.lists(st.sampled_from([told(SHOOTING), told(BAKING, "on Friday"), NOTHING]), min_size=1, max_size=9))
def test_several_are_as_one(gists: list[bytes]) -> None:
    one = report_embedding.as_one(gists)
    assert len(one) == SIZE
    assert one[FIRST_DAY] == (4 if any(each[FIRST_DAY] == 4 for each in gists) else NO_DAY)
    assert report_embedding.as_one([one])[MEANT:] == one[MEANT:]
