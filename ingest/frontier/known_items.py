"""Which items of a feed are known byte for byte, so that the next poll need not parse them again.

In: what a feed showed. Out: the digests of items to leave out when it is read again, and the entries behind those that
were left out. In memory only, sixteen bytes for an item: without it a feed is read as a whole.
"""

from collections.abc import Iterable, Mapping

from ingest.feeds.entry import ParsedFeed
from ingest.frontier.known_entries import entry_key

DIGEST_BYTES = 8  # of an item's digest, and of a key's 16 hex digits


class KnownItems:
    """The items that each feed showed last, by the feed's URL: digest of the item's bytes -> key of its entry."""

    def __init__(self) -> None:
        self._packed: dict[str, bytes] = {}

    def known(self, url: str, keys: Iterable[str]) -> dict[bytes, str]:
        """Digest -> entry key of the items whose entries are among `keys`: dealt with, or waiting for their page."""
        packed, wanted = self._packed.get(url, b""), frozenset(keys)
        pairs = (packed[at : at + 2 * DIGEST_BYTES] for at in range(0, len(packed), 2 * DIGEST_BYTES))
        return {pair[:DIGEST_BYTES]: key for pair in pairs if (key := pair[DIGEST_BYTES:].hex()) in wanted}

    def note(self, url: str, parsed: ParsedFeed, known: Mapping[bytes, str]) -> None:
        """Remembers what the feed shows now: the items of `parsed`, and the `known` ones that it left out."""
        keys = {**known, **{entry.item_digest: entry_key(entry) for entry in parsed.entries if entry.item_digest}}
        pairs = (
            digest + bytes.fromhex(keys[digest]) for digest in dict.fromkeys(parsed.item_digests) if digest in keys
        )
        self._packed[url] = b"".join(pairs)

    def drop(self, urls: Iterable[str]) -> None:
        """Forgets feeds that are another poller's now."""
        for url in urls:
            self._packed.pop(url, None)


def unchanged_entries(parsed: ParsedFeed, known: Mapping[bytes, str]) -> frozenset[str]:
    """The keys of the entries behind the items that were left out."""
    read = {entry.item_digest for entry in parsed.entries}
    return frozenset(known[digest] for digest in parsed.item_digests if digest in known and digest not in read)


def is_ambiguous(parsed: ParsedFeed, known: Mapping[bytes, str]) -> bool:
    """Whether a new item goes by the name of one that was left out: then only the whole feed tells them apart."""
    left_out = unchanged_entries(parsed, known)
    return any(entry_key(entry) in left_out for entry in parsed.entries)
