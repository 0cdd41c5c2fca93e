"""How much of a topic is read at most."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsloom.trace.kafka_facts import Wanted, find_message
from newsloom.trace.topic_search import Span, TopicSearch, shortened
from pipeline.messages import ARTICLES, Article
from pipeline.settings import Settings
from tests.pipeline.kafka.test_worker import article, put

SPANS = st.dictionaries(st.integers(0, 20), st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1).map(
    lambda found: Span(
        {each: start for each, (start, _) in found.items()},
        {each: start + length for each, (start, length) in found.items()},
        10_000,
    )
)


@given(SPANS, st.integers(21, 2_000), st.booleans())
def test_a_span_is_shortened_on_the_side_that_is_not_wanted(span: Span, most: int, newest: bool) -> None:
    short = shortened(span, most, newest=newest)
    assert short.size <= max(most, 0)
    assert short.cut == (span.size > most)
    assert all(span.starts[each] <= short.starts[each] <= short.ends[each] <= span.ends[each] for each in span.starts)
    assert (short.ends if newest else short.starts) == (span.ends if newest else span.starts)
    assert short.cut or short == span


@pytest.mark.stack
def test_only_the_partition_and_the_time_that_are_known_are_read(options: Settings) -> None:
    put(options, *map(article, range(60)))
    now, a_day = datetime.now(UTC), timedelta(days=1)
    search = TopicSearch(options.kafka, everything=False, progress=print)
    try:
        partition = search.partition_of(ARTICLES, article(7).id)
        found = list(search.read(ARTICLES, {partition}, since=now - a_day))
        assert 0 < len(found) < 60
        assert article(7).id.encode() in {record.key for record in found}
        assert list(search.read(ARTICLES, since=now + a_day)) == []
        assert list(search.read(ARTICLES, until=now - a_day)) == []
        assert len(list(search.read(ARTICLES))) == search.count(ARTICLES) == 60
        assert [each.read for each in search.searched] == [len(found), 0, 0, 60]
        assert not any(each.cut for each in search.searched)
    finally:
        search.close()


@pytest.mark.stack
def test_a_message_is_read_up_to_and_no_further(options: Settings) -> None:
    put(options, *map(article, range(60)), b"{")
    search = TopicSearch(options.kafka, everything=False, progress=print)
    try:
        wanted = Wanted((article(3).id,), revision=1)
        found = find_message(search, ARTICLES, Article, "annotate", wanted, [article(3).id])
        assert found is not None
        assert (found.message, found.handled, found.before) == (article(3), False, found.offset)
        assert search.searched[0].read < 15
        assert find_message(search, ARTICLES, Article, "annotate", Wanted(("f" * 32,)), []) is None
    finally:
        search.close()
