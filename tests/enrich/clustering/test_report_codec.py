import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.clustering.clusters import Clusters
from enrich.clustering.report_codec import pack_report, select_entries, unpack_summary, unpack_vectors
from enrich.clustering.report_embedding import EMBEDDING_BYTES, EMPTY_EMBEDDING
from enrich.clustering.vectors import BUCKET_COUNT, Report, VectorEntries, build_report
from pipeline.failures import Poison

WORDS = st.text("abcdefgh", min_size=1, max_size=4)
REPORTS = st.builds(
    build_report,
    st.dictionaries(WORDS, st.sampled_from([1.0, 1.693, 2.386]), max_size=120),
    st.sets(WORDS, max_size=120),
    st.floats(0, 2e9),
    st.integers(0, 30_000),
    st.sets(WORDS, max_size=20),
    st.binary(min_size=EMBEDDING_BYTES, max_size=EMBEDDING_BYTES),
)


def to_lists(each: Report) -> object:
    return [(part.buckets.tolist(), part.weights.tolist()) for part in each[:3]], each[3:]


@given(REPORTS)
def test_a_report_is_read_as_it_was_packed(each: Report) -> None:
    value = pack_report(each, each.words.buckets[:30], 1.25, 0.5)
    assert to_lists(Report(*unpack_vectors(value), each.time, each.day, each.embedding)) == to_lists(each)
    read = unpack_summary(value)
    assert read.terms.tolist() == [*each.words.buckets.tolist(), *each.names.buckets.tolist()]
    assert read.keys.tolist() == each.words.buckets[:30].tolist()
    assert read[2:] == (1.25, 0.5, each.embedding)


@pytest.mark.slow
@given(st.lists(REPORTS, min_size=1, max_size=5), st.data())
def test_entries_of_several_packed_reports_are_selected(reports: list[Report], data: st.DataObject) -> None:
    values = [pack_report(each, each.words.buckets[:30], 1.25, 0.5) for each in reports]
    there = [bucket for each in reports for part in each[:3] for bucket in part.buckets.tolist()]
    wanted = np.zeros(BUCKET_COUNT, bool)
    # numbers of words and of names stand in front of each, and are no buckets
    wanted[[*data.draw(st.lists(st.sampled_from(there or [0]))), *(len(each.words.buckets) for each in reports)]] = True
    found = select_entries(values, wanted)
    order = np.lexsort((found.buckets, found.owner))
    whole = VectorEntries.select([getattr(each, part) for part in ("words", "names") for each in reports], wanted)
    assert [each[order].tolist() for each in found[:3]] == [each.tolist() for each in whole[:3]]
    assert [each.dtype for each in found[:3]] == [each.dtype for each in whole[:3]]
    assert found.vectors == whole.vectors == 2 * len(reports)


@given(REPORTS)
def test_reports_of_before_there_were_embeddings_are_read(each: Report) -> None:
    value = pack_report(each, each.words.buckets[:30], 1.25, 0.5)[: -len(each.embedding)]
    assert unpack_summary(value)[2:] == (1.25, 0.5, EMPTY_EMBEDDING)
    assert to_lists(Report(*unpack_vectors(value), each.time, each.day)) == to_lists(
        each._replace(embedding=EMPTY_EMBEDDING)
    )


@given(REPORTS, st.integers(1, 400).filter(lambda less: less != EMBEDDING_BYTES))
def test_what_is_cut_off_is_refused(each: Report, less: int) -> None:
    whole = Clusters(0.5, 7).pack(each)
    for read in (unpack_summary, unpack_vectors):
        with pytest.raises(Poison, match="malformed_message"):
            read(whole[: max(0, len(whole) - less)])


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(value: bytes) -> None:
    clusters = Clusters(0.5, 7)
    try:
        clusters.add("story", value, 0.0, 0)
    except Poison:
        assert "story" not in clusters
        return
    clusters.choose(Report(*unpack_vectors(value), 0.0, 0))
