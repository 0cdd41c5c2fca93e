import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.clustering import report_embedding
from enrich.clustering.report_embedding import (
    EMBEDDING_BYTES,
    EMPTY_EMBEDDING,
    FIRST_DAY,
    MEANING_DIMENSIONS,
    NO_DAY,
    AverageMeaning,
)
from enrich.clustering.vectors import weigh_terms

NO_AVERAGE = np.zeros(MEANING_DIMENSIONS, np.float32)
SHOOTING = "Wife of the Orlando gunman could face charges"
SAME_SHOOTING = "Prosecutors weigh indictment against shooter's spouse in Florida"
BAKING = "Bread rises better with a pinch of sugar in the dough"


def embed(title: str, text: str = "", language: str = "en") -> bytes:
    return report_embedding.embed_report(weigh_terms(title, text, language), f"{title}\n{text}", language)


def meaning_cosine(ours: bytes, theirs: bytes) -> float:
    return float(report_embedding.compare_embeddings(ours, [[theirs]], NO_AVERAGE)[0, -1])


def test_the_same_in_other_words_is_nearer_than_something_else() -> None:
    ours = embed(SHOOTING)
    assert meaning_cosine(ours, ours) == pytest.approx(1)
    assert meaning_cosine(ours, embed(SAME_SHOOTING)) > meaning_cosine(ours, embed(BAKING)) + 0.2


def test_where_no_meanings_are_known_nothing_is_said_of_them() -> None:
    french = embed("La femme du tireur bientôt jugée", "Le procès commence lundi", "fr")
    assert french[:MEANING_DIMENSIONS] == bytes(MEANING_DIMENSIONS)
    assert french[FIRST_DAY] == 0
    english = embed(SHOOTING)
    for ours, theirs in ((french, [english]), (english, [french]), (english, [EMPTY_EMBEDDING])):
        assert np.isnan(report_embedding.compare_embeddings(ours, [theirs], NO_AVERAGE)[0, -1])
    assert report_embedding.compare_embeddings(english, [[french, english]], NO_AVERAGE)[0, -1] == pytest.approx(1)


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
    assert report_embedding.find_weekdays(text, language) == days


def test_of_a_story_the_shares_count_that_speak_of_the_same_day_and_of_others_only() -> None:
    tuesday, wednesday, both = (
        embed("", f"It happened on {days}") for days in ("Tuesday", "Wednesday", "Tuesday and Wednesday")
    )
    undated = embed("", "It happened")
    stories = [[tuesday, wednesday, undated], [both, wednesday], [undated], [EMPTY_EMBEDDING]]
    shares = report_embedding.compare_embeddings(tuesday, stories, NO_AVERAGE)[:, :-1].tolist()
    assert shares == [[0.5, 0.5], [0.5, 0.5], [0, 0], [0, 0]]
    assert report_embedding.compare_embeddings(undated, stories, NO_AVERAGE)[:, :-1].any() == np.False_


def test_what_all_reports_of_a_stream_mean_does_not_count() -> None:
    average, reports = AverageMeaning(), [embed(title) for title in (SHOOTING, SAME_SHOOTING)]
    before = meaning_cosine(*reports)
    for _ in range(300):
        for each in reports:
            average.count(each)
    assert float(report_embedding.compare_embeddings(reports[0], [[reports[1]]], average.mean())[0, -1]) < before - 0.5


def test_the_average_meaning_is_the_same_whenever_it_is_asked_for() -> None:
    asked, unasked = AverageMeaning(), AverageMeaning()
    for number, title in enumerate([SHOOTING, BAKING, SAME_SHOOTING] * 5):
        for each in (asked, unasked):
            each.count(embed(title))
            if number == 7:
                each.decay(0.3)
        asked.mean()
    assert asked.mean().tolist() == unasked.mean().tolist()


@given(st.lists(st.binary(min_size=EMBEDDING_BYTES, max_size=EMBEDDING_BYTES), min_size=1, max_size=9), st.data())
def test_any_bytes_are_compared(embeddings: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(embeddings) - 1))
    found = report_embedding.compare_embeddings(embeddings[0], [embeddings[: at + 1], embeddings[at:]], NO_AVERAGE)
    assert found.shape == (2, 3)
    assert (np.isnan(found) | (np.abs(found) <= 1 + 1e-6)).all()
    assert len(report_embedding.combine_embeddings(embeddings)) == EMBEDDING_BYTES


@given(
    st.lists(st.sampled_from([embed(SHOOTING), embed(BAKING, "on Friday"), EMPTY_EMBEDDING]), min_size=1, max_size=9)
)
def test_several_embeddings_are_combined_into_one(embeddings: list[bytes]) -> None:
    one = report_embedding.combine_embeddings(embeddings)
    assert len(one) == EMBEDDING_BYTES
    assert one[FIRST_DAY] == (4 if any(each[FIRST_DAY] == 4 for each in embeddings) else NO_DAY)
    assert report_embedding.combine_embeddings([one])[MEANING_DIMENSIONS:] == one[MEANING_DIMENSIONS:]
