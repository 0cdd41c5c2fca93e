"""What becomes of an agency's items as they come, version by version: published, held, withdrawn, never turned back."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ingest.article import Origin, version_of
from ingest.deliveries import delivery_decision
from ingest.entry_decision import Case, Rules
from ingest.feeds.entry import Delivery, DeliveryStatus, Entry
from ingest.feeds.feed_list import Feed
from ingest.frontier import known_entries, poll_history, waiting_entries
from ingest.frontier.known_entries import EntryCounts
from ingest.frontier.published_articles import PublishedArticles
from pipeline.failures import Backoff
from pipeline.messages import Article

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = Rules(3, Backoff(60.0, 3600.0), 400_000)
URN = "urn:newsml:fenwire.example:20261130:1204"


def item(
    version: int | None = 1,
    status: DeliveryStatus = "usable",
    embargoed: datetime | None = None,
    note: str = "",
    at: datetime | None = None,
) -> Entry:
    number = version or 0
    return Entry(
        identity=URN,
        title=f"Ferry {number}",
        content=f"The ferry runs again, says version {number}.\nIt had stood still.",
        summary="Boats go at noon.",
        authors=("By Signe Dallow and Ruud Amsink, Fenwire",),
        tags=("transport",),
        language="en",
        published=NOW - HOUR,
        updated=at or NOW + number * timedelta(minutes=1),
        delivery=Delivery(version=version, status=status, embargoed=embargoed, note=note),
    )


@dataclass
class Wire:
    """A feed of an agency, as the poller sees it."""

    sent: list[Article] = field(default_factory=list)
    published: PublishedArticles = field(default_factory=PublishedArticles)

    def __post_init__(self) -> None:
        feed = Feed(url="https://feed.fenwire.example/news", name="Fenwire", language="en")
        self.state = poll_history.with_definition(None, feed)

    def deliver(self, *entries: Entry, now: datetime = NOW, remember: int = 100) -> EntryCounts:
        self.state, found = known_entries.after_feed_read(self.state, entries, now, remember)
        self.publish(now)
        return found

    def publish(self, now: datetime) -> list[str]:
        """Decides what is due; the statuses."""
        return [self._visit(each.entry, now) for each in known_entries.due_pages(self.state, now)]

    def _visit(self, key: str, now: datetime) -> str:
        pending = next(each for each in self.state.pending if each.entry == key)
        entry = waiting_entries.unpack_entry(pending).entry
        assert entry.delivery is not None
        case = Case(pending, entry, self.state, Origin(self.state.url, "Fenwire", "en"), self.published.get, now)
        decision = delivery_decision.decide(case, entry.delivery, RULES)
        if decision.article is not None:
            self.sent.append(decision.article)
            self.published.put(decision.article.id, version_of(decision.article))
        self.state = known_entries.after_visit(self.state, pending, decision.then, now)
        return decision.status

    def forget(self) -> None:
        """What happens after very many other items, or a restart then."""
        self.state = replace(self.state, seen=())
        self.published = PublishedArticles()


def test_an_item_is_published_at_once_with_its_text_and_needs_no_page() -> None:
    wire = Wire()
    wire.deliver(item())
    [article] = wire.sent
    assert (article.text, article.text_from) == (item().content, "agency")
    assert (article.title, article.summary, article.revision) == ("Ferry 1", "Boats go at noon.", 1)
    assert article.authors == ("Signe Dallow", "Ruud Amsink")
    assert (article.source, article.published_at, article.truncated) == ("feed.fenwire.example", NOW - HOUR, False)
    assert (article.belonging, article.belonging_reasons) == (None, ())
    assert not wire.state.pending


def test_a_higher_version_is_a_revision_and_the_same_one_is_nothing() -> None:
    wire = Wire()
    wire.deliver(item(1))
    wire.deliver(item(1))
    wire.deliver(item(2))
    assert [(each.revision, each.title) for each in wire.sent] == [(1, "Ferry 1"), (2, "Ferry 2")]
    assert len({each.id for each in wire.sent}) == 1
    assert wire.sent[1].changed == ("title", "text")


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_an_older_version_never_takes_the_place_of_a_newer_one(order: tuple[int, ...]) -> None:
    wire = Wire()
    found = [wire.deliver(item(version)) for version in order]
    versions = [each.title for each in wire.sent]
    assert versions == sorted(versions)
    assert versions[-1] == "Ferry 3"
    assert sum(each.older for each in found) == 3 - len(versions)


def test_without_a_number_the_time_of_the_version_decides() -> None:
    wire = Wire()
    for minutes in (5, 3, 9):
        wire.deliver(replace(item(None, at=NOW + timedelta(minutes=minutes)), title=f"At {minutes}"))
    assert [each.title for each in wire.sent] == ["At 5", "At 9"]


@pytest.mark.parametrize("late", [2, 1])
def test_what_is_forgotten_is_not_turned_back_in_the_index(late: int) -> None:
    """The index keeps the highest revision, and an item's revision is at least its version."""
    wire = Wire()
    wire.deliver(item(3))
    wire.forget()
    wire.deliver(item(late))
    assert wire.sent[-1].revision < wire.sent[0].revision
    wire.forget()
    wire.deliver(item(4))
    assert wire.sent[-1].revision > wire.sent[0].revision


def test_what_only_the_feed_has_forgotten_is_not_published_again() -> None:
    wire = Wire()
    wire.deliver(item(3))
    wire.state = replace(wire.state, seen=())
    wire.deliver(item(2))
    assert len(wire.sent) == 1


# --- withdrawn ---


@pytest.mark.parametrize(
    ("status", "title"),
    [("canceled", "Article withdrawn by Fenwire"), ("withheld", "Article withheld until further notice by Fenwire")],
)
def test_a_withdrawn_item_takes_the_place_of_its_article_and_leaves_nothing_of_it(
    status: DeliveryStatus, title: str
) -> None:
    wire = Wire()
    wire.deliver(item(1))
    wire.deliver(item(2, status, note="Kill: it was another ferry."))
    before, after = wire.sent
    assert (after.id, after.revision, after.kind, after.title) == (before.id, 2, "withdrawn", title)
    assert after.text.endswith("Kill: it was another ferry.")
    assert (after.summary, after.authors, after.tags, after.image) == ("", (), (), None)
    assert "runs again" not in after.text


def test_a_withdrawn_article_may_come_back_and_an_older_version_may_not() -> None:
    wire = Wire()
    wire.deliver(item(1))
    wire.deliver(item(3, "withheld"))
    wire.deliver(item(2))
    wire.deliver(item(4))
    assert [each.kind for each in wire.sent] == ["article", "withdrawn", "article"]
    assert wire.sent[-1].title == "Ferry 4"


def test_what_was_never_published_is_not_withdrawn() -> None:
    wire = Wire()
    wire.deliver(item(1, "canceled"))
    wire.deliver(replace(item(None, "canceled"), identity="urn:other"))
    assert wire.sent == []
    assert not wire.state.pending


def test_a_withdrawal_reaches_an_article_that_is_forgotten() -> None:
    wire = Wire()
    wire.deliver(item(1))
    wire.deliver(item(2))
    wire.forget()
    wire.deliver(item(3, "canceled"))
    assert (wire.sent[-1].kind, wire.sent[-1].revision) == ("withdrawn", 3)


def test_two_withdrawals_are_not_the_same_text() -> None:
    wire = Wire()
    for name in ("urn:a", "urn:b"):
        wire.deliver(replace(item(1), identity=name))
        wire.deliver(replace(item(2, "canceled"), identity=name))
    assert len({each.text for each in wire.sent if each.kind == "withdrawn"}) == 2


# --- embargoes ---


def test_an_embargoed_item_waits_and_is_published_when_the_embargo_ends() -> None:
    wire = Wire()
    wire.deliver(item(1, embargoed=NOW + HOUR))
    assert wire.sent == []
    assert [each.due_at for each in wire.state.pending] == [NOW + HOUR]
    wire.deliver(now=NOW + HOUR / 2)  # the feed shows it no longer
    assert wire.publish(NOW + HOUR) == ["new"]
    assert wire.sent[0].text == item(1).content
    assert not wire.state.pending


def test_a_round_that_asks_for_everything_leaves_an_embargo_alone() -> None:
    wire = Wire()
    wire.state, _ = known_entries.after_feed_read(wire.state, [item(1, embargoed=NOW + HOUR)], NOW, 100)
    [pending] = known_entries.due_pages(wire.state, None)
    assert wire._visit(pending.entry, NOW) == "embargoed"
    assert [each.due_at for each in wire.state.pending] == [NOW + HOUR]
    assert wire.state.pending[0].attempts == 0


@pytest.mark.parametrize(
    ("second", "sent"),
    [
        (item(2), ["Ferry 2"]),
        (item(2, embargoed=NOW - HOUR), ["Ferry 2"]),
        (item(2, embargoed=NOW + 2 * HOUR), []),
        (item(2, "canceled"), ["Article withdrawn by Fenwire"]),
    ],
)
def test_a_newer_version_changes_the_embargo(second: Entry, sent: list[str]) -> None:
    wire = Wire()
    wire.deliver(item(1, embargoed=NOW + HOUR))
    wire.deliver(second)
    assert [each.title for each in wire.sent] == sent


def test_an_embargo_on_a_new_version_leaves_the_one_before_until_it_ends() -> None:
    wire = Wire()
    wire.deliver(item(1))
    wire.deliver(item(2, embargoed=NOW + HOUR))
    wire.deliver(item(1))
    assert [each.title for each in wire.sent] == ["Ferry 1"]
    wire.publish(NOW + HOUR)
    assert [each.title for each in wire.sent] == ["Ferry 1", "Ferry 2"]


# --- room ---


def test_a_long_text_waits_whole_and_what_does_not_fit_waits_for_the_next_poll() -> None:
    long = "\n".join(f"Paragraph {number} of a long report about the ferry." for number in range(5_000))
    entries = [replace(item(1), identity=f"urn:{number}", content=f"{number}\n{long}") for number in range(12)]
    wire = Wire()
    wire.state, found = known_entries.after_feed_read(wire.state, entries, NOW, 100)  # 12 of 250,000 characters
    assert 0 < len(wire.state.pending) < 12
    assert found.left == 12 - len(wire.state.pending)
    assert sum(len(each.feed_entry) for each in wire.state.pending) <= waiting_entries.MOST_PENDING_BYTES
    wire.publish(NOW)
    while wire.deliver(*entries).left:
        pass
    assert {each.text for each in wire.sent} == {each.content for each in entries}
    assert not any(each.truncated for each in wire.sent)
    assert len(wire.sent) == 12


VERSIONS = st.lists(
    st.builds(
        item,
        st.integers(1, 6),
        st.sampled_from(["usable", "usable", "withheld", "canceled"]),
        st.sampled_from([None, None, NOW + HOUR]),
    ),
    max_size=8,
)


@given(VERSIONS)
def test_in_any_order_the_newest_version_stands_at_the_end(entries: list[Entry]) -> None:
    wire = Wire()
    for each in entries:
        wire.deliver(each)
    wire.publish(NOW + HOUR)
    assert [each.revision for each in wire.sent] == sorted({each.revision for each in wire.sent})
    usable = [each for each in wire.sent if each.kind == "article"]
    numbers = [int(each.title.removeprefix("Ferry ")) for each in usable]
    assert numbers == sorted(numbers)
    newest = max((each.delivery.version or 0 for each in entries if each.delivery), default=0)
    last = [each for each in entries if each.delivery and each.delivery.version == newest]
    if last and {each.delivery for each in last} == {Delivery(version=newest)}:
        assert wire.sent[-1].title == f"Ferry {newest}"
    if last and all(each.delivery and each.delivery.status != "usable" for each in last) and wire.sent:
        assert wire.sent[-1].kind == "withdrawn" or newest == 1
