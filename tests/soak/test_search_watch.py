"""When a fault counts as overcome: when all that the sites showed until a few seconds after its end is searchable."""

from pipeline.settings import Settings
from tests.soak.faults.schedule import plan
from tests.soak.newspapers import make_publication
from tests.soak.search_watch import AFTER_SECONDS, SearchWatch

(FAULT, *_) = plan(1, 100)
ARTICLE = make_publication(1, "http://127.0.1.1:8000", "000001", "", ["A sentence."] * 9)


def test_a_fault_is_overcome_when_nothing_waits_that_was_there_before_its_end(offline_options: Settings) -> None:
    watch = SearchWatch(offline_options)
    watch.fault_ended(FAULT, 10.0, 20.0)
    watch.note_recoveries(20.0 + AFTER_SECONDS)
    assert watch.ended[0].recovered is None  # too early to tell
    watch.expect(ARTICLE, 19.0)
    watch.note_recoveries(60.0)
    assert watch.ended[0].recovered is None
    watch.waiting.clear()
    watch.note_recoveries(61.0)
    assert watch.ended[0].recovered == 41.0


def test_what_appears_later_says_nothing_of_a_fault(offline_options: Settings) -> None:
    watch = SearchWatch(offline_options)
    watch.fault_ended(FAULT, 10.0, 20.0)
    watch.expect(ARTICLE, 21.0 + AFTER_SECONDS)
    watch.note_recoveries(30.0)
    assert watch.ended[0].recovered == 10.0
    assert watch.oldest(30.0) == 4.0


def test_what_was_lost_long_before_a_fault_is_no_matter_of_it(offline_options: Settings) -> None:
    watch = SearchWatch(offline_options)
    watch.expect(ARTICLE, 10.0)
    watch.fault_ended(FAULT, 100.0, 120.0)
    watch.note_recoveries(130.0)
    assert watch.ended[0].recovered == 10.0
