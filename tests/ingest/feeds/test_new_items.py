"""Removal of known items: the remaining entries are those of the whole feed, or nothing is removed."""

from datetime import UTC
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ingest.feeds.new_items import item_digest, remove_known_items
from ingest.feeds.parse import Entry, ParsedFeed, parse_feed

URL = "https://news.example/rss"
PLAIN = "<item><title>{0}</title><link>https://news.example/{0}</link></item>"
WITH_DATA = "<item ><title><![CDATA[{0} <b>]]></title><link>https://news.example/{0}</link><!-- x --></item\n>"


def rss(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>News</title>{''.join(items)}</channel></rss>".encode()


@pytest.mark.slow
@given(st.lists(st.tuples(st.sampled_from([PLAIN, WITH_DATA]), st.integers(0, 50)), max_size=12), st.data())
def test_new_entries_and_known_items_together_are_the_whole_feed(
    made: list[tuple[str, int]], data: st.DataObject
) -> None:
    items = [form.format(number) for form, number in made]
    known = {item_digest(item.encode()) for item in items if data.draw(st.booleans())}
    whole, part = parse_feed(rss(*items), URL, {}), parse_feed(rss(*items), URL, {}, known_digests=known)
    assert part.item_digests == whole.item_digests == tuple(item_digest(item.encode()) for item in items)
    assert part.entries == tuple(entry for entry in whole.entries if entry.item_digest not in known) or _repeats(whole)
    assert (part.title, part.kind, part.error) == (whole.title, whole.kind, whole.error)


def _repeats(whole: ParsedFeed) -> bool:
    """An item that stands there in two forms: which of them is read depends on what is known."""
    return len(whole.entries) < len(whole.item_digests)


@pytest.mark.parametrize(
    "items",
    [
        "<item><title><![CDATA[</item><item>]]></title></item>",
        "<item><title>a <item>b</item></title></item>",
        "<!-- <item><title>a</title></item> --><item/>",
        "<item><title>open",
        "<item><title>a</title></item><![CDATA[<item>]]>",
        "<item><title>a</title><!-- </item>",
        "",
    ],
)
def test_items_in_cdata_comments_or_other_items_are_not_split(items: str) -> None:
    assert remove_known_items(rss(items), ()) is None


def test_a_document_with_a_document_type_is_not_split() -> None:
    assert remove_known_items(b"<!DOCTYPE rss [<!ENTITY a '<item>'>]>" + rss(PLAIN.format(1)), ()) is None


def test_an_entry_keeps_its_json_names() -> None:
    """States on Kafka hold entries that wait for their page: the JSON names of their fields must not change."""
    entry = Entry(identity="1", address_only=True, item_digest=b"\1")
    assert msgspec.json.encode(entry) == b'{"identity":"1","listed":true,"mark":"AQ=="}'


@pytest.mark.slow
def test_every_feed_of_the_corpus_gives_the_same_new_entry_without_its_known_items(corpus: Path) -> None:
    counted = 0
    for path in sorted(corpus.glob("feeds/*/*")):
        whole = parse_feed(path.read_bytes(), URL, {}) if path.name != "expected.jsonl" else ParsedFeed()
        if len(whole.item_digests) < 2:
            continue
        counted += 1
        newest = whole.item_digests[0]
        part = parse_feed(path.read_bytes(), URL, {}, known_digests=frozenset(whole.item_digests[1:]))
        wanted = [plain(entry) for entry in whole.entries if entry.item_digest == newest]
        everything = [plain(entry) for entry in whole.entries]  # where less than all would be read otherwise
        assert [plain(entry) for entry in part.entries] in (wanted, everything), path.name
        assert part.polling_hints == whole.polling_hints, path.name
    assert counted > 15


def plain(entry: Entry) -> Entry:
    """The entry without its digest, and without the time that is left out where all entries have the same."""
    return replace(entry, updated=None, item_digest=b"")


@pytest.mark.slow
def test_every_feed_of_the_corpus_is_read(corpus: Path) -> None:
    files = [file for file in sorted(corpus.glob("feeds/*/*")) if file.name != "expected.jsonl"]
    assert len(files) > 1400
    found = [parse_feed(file.read_bytes(), URL, {}) for file in files]
    # read on 2026-11-30: a floor, so that a change that loses entries is seen
    assert sum(len(each.entries) for each in found) >= 1250
    assert sum(each.error is None for each in found) >= 1320
    assert not [each.error for each in found if each.error and each.error.startswith("unexpected shape")]
    times = [entry.published for each in found for entry in each.entries if entry.published]
    assert all(time.tzinfo is UTC for time in times)
