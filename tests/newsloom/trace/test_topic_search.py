"""How much of a topic is read at most."""

from hypothesis import given
from hypothesis import strategies as st

from newsloom.trace.topic_search import Span, shortened

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
