import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.clusters import Clusters
from enrich.packing import Filed, packed, unpacked
from enrich.vectors import Report, report
from pipeline.failures import Poison

WORDS = st.text("abcdefgh", min_size=1, max_size=4)
REPORTS = st.builds(
    report,
    st.dictionaries(WORDS, st.sampled_from([1.0, 1.693, 2.386]), max_size=120),
    st.sets(WORDS, max_size=120),
    st.floats(0, 2e9),
    st.integers(0, 30_000),
    st.sets(WORDS, max_size=20),
)


def told(each: Report) -> object:
    return [(part.buckets.tolist(), part.weights.tolist()) for part in each[:3]], each[3:]


@given(REPORTS)
def test_a_report_is_read_as_it_was_packed(each: Report) -> None:
    filed = Filed(each.words.buckets[:30], 1.25, 0.5)
    again, filed_again = unpacked(packed(each, filed), each.time, each.day)
    assert told(again) == told(each)
    assert filed_again.keys.tolist() == filed.keys.tolist()
    assert filed_again[1:] == filed[1:]


@given(REPORTS, st.integers(1, 400))
def test_what_is_cut_off_is_refused(each: Report, less: int) -> None:
    whole = Clusters(0.5, 7).pack(each)
    with pytest.raises(Poison, match="malformed_message"):
        unpacked(whole[: max(0, len(whole) - less)], 0.0, 0)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(value: bytes) -> None:
    made = Clusters(0.5, 7)
    try:
        made.add("story", value, 0.0, 0)
    except Poison:
        assert "story" not in made
        return
    made.choose(unpacked(value, 0.0, 0)[0])
