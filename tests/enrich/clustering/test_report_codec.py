import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.clustering.clusters import Clusters
from enrich.clustering.report_codec import filed, met, packed, unpacked
from enrich.clustering.report_embedding import NOTHING, SIZE
from enrich.clustering.vectors import TABLE, Joined, Report, report
from pipeline.failures import Poison

WORDS = st.text("abcdefgh", min_size=1, max_size=4)
REPORTS = st.builds(
    report,
    st.dictionaries(WORDS, st.sampled_from([1.0, 1.693, 2.386]), max_size=120),
    st.sets(WORDS, max_size=120),
    st.floats(0, 2e9),
    st.integers(0, 30_000),
    st.sets(WORDS, max_size=20),
    st.binary(min_size=SIZE, max_size=SIZE),
)


def told(each: Report) -> object:
    return [(part.buckets.tolist(), part.weights.tolist()) for part in each[:3]], each[3:]


@given(REPORTS)
def test_a_report_is_read_as_it_was_packed(each: Report) -> None:
    value = packed(each, each.words.buckets[:30], 1.25, 0.5)
    assert told(Report(*unpacked(value), each.time, each.day, each.gist)) == told(each)
    read = filed(value)
    assert read.counted.tolist() == [*each.words.buckets.tolist(), *each.names.buckets.tolist()]
    assert read.keys.tolist() == each.words.buckets[:30].tolist()
    assert read[2:] == (1.25, 0.5, each.gist)


@given(st.lists(REPORTS, min_size=1, max_size=5), st.data())
def test_several_are_looked_through_at_once(reports: list[Report], data: st.DataObject) -> None:
    values = [packed(each, each.words.buckets[:30], 1.25, 0.5) for each in reports]
    there = [bucket for each in reports for part in each[:3] for bucket in part.buckets.tolist()]
    asked = np.zeros(TABLE, bool)
    # numbers of words and of names stand in front of each, and are no buckets
    asked[[*data.draw(st.lists(st.sampled_from(there or [0]))), *(len(each.words.buckets) for each in reports)]] = True
    found = met(values, asked)
    order = np.lexsort((found.buckets, found.owner))
    whole = Joined.met([getattr(each, part) for part in ("words", "names") for each in reports], asked)
    assert [each[order].tolist() for each in found[:3]] == [each.tolist() for each in whole[:3]]
    assert [each.dtype for each in found[:3]] == [each.dtype for each in whole[:3]]
    assert found.vectors == whole.vectors == 2 * len(reports)


@given(REPORTS)
def test_reports_of_before_there_were_gists_are_read(each: Report) -> None:
    value = packed(each, each.words.buckets[:30], 1.25, 0.5)[: -len(each.gist)]
    assert filed(value)[2:] == (1.25, 0.5, NOTHING)
    assert told(Report(*unpacked(value), each.time, each.day)) == told(each._replace(gist=NOTHING))


@given(REPORTS, st.integers(1, 400).filter(lambda less: less != SIZE))
def test_what_is_cut_off_is_refused(each: Report, less: int) -> None:
    whole = Clusters(0.5, 7).pack(each)
    for read in (filed, unpacked):
        with pytest.raises(Poison, match="malformed_message"):
            read(whole[: max(0, len(whole) - less)])


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(value: bytes) -> None:
    made = Clusters(0.5, 7)
    try:
        made.add("story", value, 0.0, 0)
    except Poison:
        assert "story" not in made
        return
    made.choose(Report(*unpacked(value), 0.0, 0))
