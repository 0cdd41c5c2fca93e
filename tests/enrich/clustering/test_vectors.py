"""Sums of vectors against plain sums, and what a text's words are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.clustering.vectors import BUCKET_COUNT, Vector, VectorEntries, extract_title_terms, sum_vectors

BUCKETS = st.sampled_from([0, 1, 2, BUCKET_COUNT - 2, BUCKET_COUNT - 1])
VECTORS = st.dictionaries(BUCKETS, st.floats(0, 9, width=32), max_size=4)


def build_vector(weights: dict[int, float]) -> Vector:
    ordered = sorted(weights)
    return Vector(np.array(ordered, np.int32), np.array([weights[each] for each in ordered], np.float32))


def sum_plainly(group: list[dict[int, float]]) -> dict[int, float]:
    found: dict[int, np.float32] = {}
    for each in group:
        for bucket, weight in each.items():
            found[bucket] = np.float32(found.get(bucket, np.float32(0)) + np.float32(weight))
    return {bucket: float(found[bucket]) for bucket in sorted(found)}


def to_dict(found: Vector) -> dict[int, float]:
    return dict(zip(found.buckets.tolist(), found.weights.tolist(), strict=True))


@pytest.mark.slow
@given(st.lists(st.lists(VECTORS, max_size=12), max_size=4))
def test_totals_are_the_sums_of_each_group(groups: list[list[dict[int, float]]]) -> None:
    found = [sum_vectors(build_vector(each) for each in group) for group in groups]
    assert [to_dict(each) for each in found] == [sum_plainly(group) for group in groups]
    assert all(each.buckets.dtype == np.int32 for each in found)
    assert all(each.weights.dtype == np.float32 for each in found)


@pytest.mark.slow
@given(st.lists(VECTORS, min_size=2, max_size=12), st.integers(1, 11))
def test_a_sum_of_sums_is_the_sum_of_all(group: list[dict[int, float]], cut: int) -> None:
    vectors = [build_vector(each) for each in group]
    first = sum_vectors(vectors[:cut])
    assert to_dict(sum_vectors(vectors)) == to_dict(sum_vectors([first, *vectors[cut:]]))


@pytest.mark.slow
@given(st.lists(VECTORS, min_size=1, max_size=5), st.lists(VECTORS, min_size=1, max_size=5), st.data())
def test_selected_entries_of_several_vectors_are_summed_by_bucket(
    ours: list[dict[int, float]], more: list[dict[int, float]], data: st.DataObject
) -> None:
    owner = data.draw(st.lists(st.integers(0, len(ours) - 1), min_size=len(more), max_size=len(more)))
    wanted = data.draw(st.sets(BUCKETS))
    table = np.zeros(BUCKET_COUNT, bool)
    table[list(wanted)] = True
    selected = VectorEntries.select([build_vector(each) for each in ours], table)
    found = selected.add_entries(
        VectorEntries.select([build_vector(each) for each in more], table), np.array(owner)
    ).sum_by_bucket()
    for at, each in enumerate(ours):
        whole = sum_plainly([each, *(one for one, of in zip(more, owner, strict=True) if of == at)])
        mine = found.owner == at
        assert to_dict(Vector(found.buckets[mine], found.weights[mine])) == {
            b: w for b, w in whole.items() if b in wanted
        }


def test_words_are_what_a_title_says() -> None:
    assert extract_title_terms("The Cease-fire: Türkiye's 3rd offer, a b_c 東京都", "en") == [
        "ceasefire",
        "türkiye",
        "3rd",
        "offer",
        "b_c",
        "東京",
        "京都",
    ]
