"""The postings of a day against a plain search, whatever is put in."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from enrich.copies.shingle_index import Segment, Wanted
from enrich.copies.shingles import Hashes, to_bytes

# few values, some beside each other, at both ends of what a hash may be
VALUES = st.sampled_from([0, 1, 2, 3, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0xFFFF_FFFE, 0xFFFF_FFFF])
SKETCHES = st.lists(VALUES | st.integers(0, 0xFFFF_FFFF), max_size=8, unique=True)


def hashes(upper_halves: list[int]) -> Hashes:
    return np.array(sorted(upper_halves), np.uint64) << np.uint64(32)


def found(segment: Segment, asked: list[int]) -> list[tuple[int, int]]:
    rows, places = segment.find(Wanted(hashes(asked)))
    return sorted(zip((sorted(asked)[row] for row in rows.tolist()), places.tolist(), strict=True))


def plainly(sketches: list[list[int]], asked: list[int]) -> list[tuple[int, int]]:
    return sorted((value, place) for place, each in enumerate(sketches) for value in each if value in asked)


@given(st.lists(SKETCHES, max_size=60), SKETCHES, st.integers(0, 40), st.booleans())
def test_what_is_put_in_is_found(sketches: list[list[int]], asked: list[int], tail: int, closed: bool) -> None:
    segment = Segment(tail)
    for place, each in enumerate(sketches):
        segment.add(place, to_bytes(hashes(each)))
    if closed:
        segment.close()
    assert found(segment, asked) == plainly(sketches, asked)


def test_what_thousands_share_is_found_in_each() -> None:
    sketches = [[7, 1000 * place + 8, 0xFFFF_FFFF] for place in range(3_000)]
    segment = Segment(100)
    for place, each in enumerate(sketches):
        segment.add(place, to_bytes(hashes(each)))
    asked = [7, 9, 5_000_008, 0xFFFF_FFFF]
    assert found(segment, asked) == plainly(sketches, asked)
    assert all(one < other for one, other in pairwise(found(segment, asked)))
