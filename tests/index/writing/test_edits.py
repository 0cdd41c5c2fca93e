"""What a document has of the changes that were made in its article: each once, whatever is written again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from index.writing.edits import MOST_EDITS, Edit, Wording, edits_after

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
BRIDGE = Wording(revision=1, title="A bridge for Velm", text="It would cost eleven million. Work begins in May.")
WORDS = st.lists(st.sampled_from(["bridge", "cost", "eleven", "twelve", "million", "May", "June"]), max_size=12).map(
    " ".join
)


def source_of(wording: Wording) -> dict[str, Any]:
    """The wording as Elasticsearch keeps it."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(wording))
    return found


def test_the_words_that_went_and_came_are_kept_with_their_number() -> None:
    now = Wording(revision=2, title=BRIDGE.title, text="It would cost twelve million and more. Work begins in May.")
    [edit] = edits_after(source_of(BRIDGE), now, NOON, ("text",))
    assert edit == Edit(
        revision=2,
        at=NOON,
        parts=("text",),
        removed=("eleven million.",),
        added=("twelve million and more.",),
        words_removed=2,
        words_added=4,
    )


def test_a_title_and_scripts_without_spaces() -> None:
    before = Wording(revision=1, title="Old", text="新大桥开通")
    [edit] = edits_after(source_of(before), Wording(revision=2, title="New", text="新小桥今开通"), NOON, ())
    assert (edit.parts, edit.removed, edit.added) == (("title", "text"), ("Old", "大"), ("New", "小", "今"))
    whole = Wording(revision=3, title="New", text="海港重新开放")
    assert "海港重" in edits_after(source_of(before), whole, NOON, ())[0].added[1]


def test_where_the_earlier_wording_is_gone_only_that_it_changed_is_known() -> None:
    now = Wording(revision=2, title="A", text="B")
    assert edits_after(None, now, NOON, ("text", "date")) == (Edit(revision=2, at=NOON, parts=("text",)),)
    assert edits_after(None, now, NOON, ("date",)) == ()
    assert edits_after(None, BRIDGE, NOON, ("text",)) == ()


def test_a_date_alone_is_no_edit_and_hides_none() -> None:
    known = (Edit(revision=2, at=NOON, parts=("title",)),)
    before = msgspec.structs.replace(BRIDGE, revision=2, edits=known)
    assert edits_after(source_of(before), msgspec.structs.replace(BRIDGE, revision=3), NOON, ("date",)) == known


@given(texts=st.lists(WORDS, min_size=1, max_size=15), again=st.integers(1, 3))
def test_every_revision_that_changed_words_is_one_edit_however_often_it_is_written(
    texts: list[str], again: int
) -> None:
    document: Wording | None = None
    for number, text in enumerate(texts, 1):
        for _ in range(again):  # a crash, a replay, a better enricher
            now = Wording(revision=number, title="T", text=text)
            edits = edits_after(source_of(document) if document else None, now, NOON + timedelta(number), ())
            document = msgspec.structs.replace(now, edits=edits)
    assert document is not None
    expected = [n for n in range(2, len(texts) + 1) if texts[n - 1] != texts[n - 2]]
    assert [each.revision for each in document.edits] == expected[-MOST_EDITS:]
    assert all((each.words_removed or 0) + (each.words_added or 0) > 0 for each in document.edits)
