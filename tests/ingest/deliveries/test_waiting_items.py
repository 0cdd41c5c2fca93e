"""What a feed's state remembers of an agency's items: which version, until when they wait, which are withdrawn."""

from datetime import timedelta

from msgspec.structs import replace

from ingest.feeds.entry import Delivery, Entry
from ingest.frontier import known_entries
from tests.ingest.deliveries.test_delivery_decision import HOUR, NOW, Wire, item


def test_an_embargoed_item_is_not_even_due_before_its_end() -> None:
    state, _ = known_entries.after_feed_read(Wire().state, [item(1, embargoed=NOW + HOUR)], NOW, 100)
    assert [each.due_at for each in state.pending] == [NOW + HOUR]
    assert known_entries.due_pages(state, NOW) == []
    moved, _ = known_entries.after_feed_read(state, [item(2, embargoed=NOW + 2 * HOUR)], NOW, 100)
    assert [each.due_at for each in moved.pending] == [NOW + 2 * HOUR]


def test_the_number_of_a_version_weighs_more_than_its_time() -> None:
    wire = Wire()
    wire.deliver(item(2, at=NOW))
    wire.deliver(item(1, at=NOW + timedelta(minutes=5)))
    wire.deliver(item(3, at=NOW - timedelta(minutes=5)))
    assert [each.title for each in wire.sent] == ["Ferry 2", "Ferry 3"]


def test_a_withdrawal_that_says_nothing_but_its_name_is_enough() -> None:
    wire = Wire()
    wire.deliver(item(1))
    bare = Entry(identity=item(1).identity, delivery=Delivery(version=2, status="canceled"))
    wire.deliver(bare)
    assert [each.kind for each in wire.sent] == ["article", "withdrawn"]


def test_a_newer_text_that_finds_no_room_leaves_the_one_that_waits() -> None:
    large = "".join(f"Line {number} of a long text.\n" for number in range(11_000))
    entries = [replace(item(1, embargoed=NOW + HOUR), identity=f"urn:{n}", content=large) for n in range(4)]
    small = replace(item(1, embargoed=NOW + HOUR), identity="urn:small")
    state, found = known_entries.after_feed_read(Wire().state, [*entries, small], NOW, 100)
    assert (len(state.pending), found.left) == (5, 0)
    grown = replace(item(2, embargoed=NOW + HOUR), identity="urn:small", content=large * 2)
    after, found = known_entries.after_feed_read(state, [grown], NOW, 100)
    assert (found.left, after.pending) == (1, state.pending)
