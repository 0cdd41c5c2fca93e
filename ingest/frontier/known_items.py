"""Which entry each item of a feed became, by the item's bytes: what need not be read again at the next poll.

In: what a feed showed. Out: the marks to leave out when it is read again, and the entries behind those that were left
out. Kept in memory only, sixteen bytes for an item: without it a feed is read as a whole.
"""

from collections.abc import Iterable, Mapping

from ingest.feeds.entry import ParsedFeed
from ingest.frontier.known_entries import entry_key

MARK = 8  # bytes of a mark, and of a key's 16 hex digits


class KnownItems:
    """The items that each feed showed last, by the feed's URL."""

    def __init__(self) -> None:
        self._packed: dict[str, bytes] = {}

    def known(self, url: str, keys: Iterable[str]) -> dict[bytes, str]:
        """Mark -> entry, of the items whose entries are among `keys`: dealt with, or waiting for their page."""
        packed, wanted = self._packed.get(url, b""), frozenset(keys)
        pairs = (packed[at : at + 2 * MARK] for at in range(0, len(packed), 2 * MARK))
        return {pair[:MARK]: key for pair in pairs if (key := pair[MARK:].hex()) in wanted}

    def note(self, url: str, parsed: ParsedFeed, known: Mapping[bytes, str]) -> None:
        """What the feed shows now: `parsed`, which left out what is `known`."""
        keys = {**known, **{entry.item_digest: entry_key(entry) for entry in parsed.entries if entry.item_digest}}
        pairs = (mark + bytes.fromhex(keys[mark]) for mark in dict.fromkeys(parsed.item_digests) if mark in keys)
        self._packed[url] = b"".join(pairs)

    def drop(self, urls: Iterable[str]) -> None:
        """Feeds that are another poller's now."""
        for url in urls:
            self._packed.pop(url, None)


def unchanged(parsed: ParsedFeed, known: Mapping[bytes, str]) -> frozenset[str]:
    """The entries behind the items that were left out."""
    read = {entry.item_digest for entry in parsed.entries}
    return frozenset(known[mark] for mark in parsed.item_digests if mark in known and mark not in read)


def is_ambiguous(parsed: ParsedFeed, known: Mapping[bytes, str]) -> bool:
    """Whether a new item goes by the name of one that was left out: then only the whole feed tells them apart."""
    left_out = unchanged(parsed, known)
    return any(entry_key(entry) in left_out for entry in parsed.entries)
