"""The shingle index of a day against a plain search, whatever is added."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.copies.shingle_index import HashQuery, ShingleIndex
from enrich.copies.shingles import Hashes, encode_sketch

# few values, some beside each other, at both ends of what a hash may be
VALUES = st.sampled_from([0, 1, 2, 3, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0xFFFF_FFFE, 0xFFFF_FFFF])
SKETCHES = st.lists(VALUES | st.integers(0, 0xFFFF_FFFF), max_size=8, unique=True)


def hashes(upper_halves: list[int]) -> Hashes:
    return np.array(sorted(upper_halves), np.uint64) << np.uint64(32)


def found(index: ShingleIndex, asked: list[int]) -> list[tuple[int, int]]:
    rows, positions = index.find(HashQuery(hashes(asked)))
    return sorted(zip((sorted(asked)[row] for row in rows.tolist()), positions.tolist(), strict=True))


def search_plainly(sketches: list[list[int]], asked: list[int]) -> list[tuple[int, int]]:
    return sorted((value, position) for position, each in enumerate(sketches) for value in each if value in asked)


@pytest.mark.slow
@given(st.lists(SKETCHES, max_size=60), SKETCHES, st.integers(0, 40), st.booleans())
def test_every_added_hash_is_found(sketches: list[list[int]], asked: list[int], unsorted: int, compacted: bool) -> None:
    index = ShingleIndex(unsorted)
    for position, each in enumerate(sketches):
        index.add(position, encode_sketch(hashes(each)))
    if compacted:
        index.compact()
    assert found(index, asked) == search_plainly(sketches, asked)


def test_a_hash_that_thousands_share_is_found_in_each() -> None:
    sketches = [[7, 1000 * position + 8, 0xFFFF_FFFF] for position in range(3_000)]
    index = ShingleIndex(100)
    for position, each in enumerate(sketches):
        index.add(position, encode_sketch(hashes(each)))
    asked = [7, 9, 5_000_008, 0xFFFF_FFFF]
    assert found(index, asked) == search_plainly(sketches, asked)
    assert all(one < other for one, other in pairwise(found(index, asked)))
