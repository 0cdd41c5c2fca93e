"""The most that a single field may hold which strangers fill: titles, names, addresses. Pure.

In: what a parser of a feed or a page read. Out: the same, cut and marked with "…" where it was longer; an address that
is too long can't be cut, and is none. The sizes are far above what newspapers write, and below what Elasticsearch
refuses (a term of 32,766 bytes) or what would fill a message.
"""

from collections.abc import Iterable

# of the address as it is sent, in ASCII. Sitemaps allow 2,048 (sitemaps.org). Not more than the LONGEST_WORD of
# ingest/feeds/content_type: an address that was cut there must not be taken for one
MOST_ADDRESS = 4_000
MOST_IDENTITY = 2_000
MOST_TITLE = 1_000
MOST_SUMMARY = 20_000
MOST_DELIVERED_TEXT = 300_000  # of an agency's item, which waits in its feed's state: a message on Kafka
MOST_NAME = 200  # of a person, a section, a site, a tag
MOST_NAMES = 50  # of one kind
MOST_ERROR = 1_000
CUT = "…"


def cut_text(text: str, most: int) -> str:
    """The text, cut to `most` characters; what was cut ends with "…"."""
    return text if len(text) <= most else text[: most - len(CUT)].rstrip() + CUT


def cut_names(names: Iterable[str]) -> tuple[str, ...]:
    """The first MOST_NAMES names, each cut to MOST_NAME characters."""
    found = tuple(names)
    if len(found) <= MOST_NAMES and all(len(name) <= MOST_NAME for name in found):
        return found
    return tuple(dict.fromkeys(cut_text(name, MOST_NAME) for name in found[:MOST_NAMES]))


def is_short_address(url: str) -> bool:
    """Whether an address has at most MOST_ADDRESS characters when what is not ASCII in it is percent-encoded."""
    if url.isascii():
        return len(url) <= MOST_ADDRESS
    encoded = url.encode(errors="replace")
    return len(encoded) + 2 * sum(byte > 0x7F for byte in encoded) <= MOST_ADDRESS
