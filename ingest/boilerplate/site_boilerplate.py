"""What the pages of one feed have in common: PageStatistics + a page's text -> PageStatistics. Pure.

Lines that return on many pages of a site are navigation, newsletter calls, credits and copyright lines, whatever a page
says they are: they are learnt here and taken out of what comes after. And how pages usually are - how long, how often
without a text, how much of them returns - so that a publisher's new layout is noticed the same day.

Bounded: a few hundred lines for each feed, by their hashes, which lie in the feed's state (docs/decisions/0014).
"""

import re
from collections.abc import Iterator
from hashlib import blake2b
from math import log
from struct import Struct

from msgspec.structs import replace

from ingest.boilerplate.layout_drift import averaged
from pipeline.feed_state import PageStatistics

LINE = Struct("<8sH")  # a line's hash, on how many pages it stood
MOST_LINES = 256
LINES_OF_A_PAGE = 60  # from both ends: what returns stands there
LONGEST_LINE = 400  # characters; a longer one is a paragraph of somebody's own
FEWEST_PAGES = 3  # on which a line must have stood, and ...
RETURNING_SHARE = 0.3  # ... on this share of the last pages
WINDOW = 64  # pages after which all counts are halved
NOT_LETTERS = re.compile(r"[\W\d_]+")


def returning(statistics: PageStatistics) -> frozenset[bytes]:
    """The hashes of the lines that are known to return."""
    pages = min(statistics.pages, WINDOW)
    least = max(FEWEST_PAGES, RETURNING_SHARE * pages)
    return frozenset(hashed for hashed, count in LINE.iter_unpack(statistics.lines) if count >= least)


def without(text: str, known: frozenset[bytes]) -> str:
    """The text without lines that are known to return. One that would be nothing without them stays as it is."""
    lines = [line for line in text.split("\n") if not known or hashed(line) not in known]
    return "\n".join(lines) if any(line.strip() for line in lines) else text


def hashed(line: str) -> bytes:
    """Of a line's letters: what differs in digits, case and punctuation only is the same line."""
    return blake2b(NOT_LETTERS.sub(" ", line.casefold()).encode(errors="surrogatepass"), digest_size=8).digest()


def after_page(statistics: PageStatistics, text: str, cleaned: str) -> PageStatistics:
    """After a page that had `text`, of which `cleaned` is left without the lines that return."""
    counts = dict(LINE.iter_unpack(statistics.lines))
    if statistics.pages and statistics.pages % WINDOW == 0:
        counts = {line: count // 2 for line, count in counts.items() if count > 1}
    for line in dict.fromkeys(_countable(text)):
        counts[line] = min(counts.get(line, 0) + 1, 0xFFFF)
    kept = sorted(counts.items(), key=lambda item: -item[1])[:MOST_LINES]
    gone = 1 - len(cleaned) / len(text) if text else 0.0
    statistics = replace(statistics, pages=statistics.pages + 1, lines=b"".join(LINE.pack(*each) for each in kept))
    return averaged(statistics, log(1 + len(cleaned)), 0.0, gone)


def _countable(text: str) -> Iterator[bytes]:
    lines = [line for line in text.split("\n") if line.strip() and len(line) <= LONGEST_LINE]
    half = LINES_OF_A_PAGE // 2
    return map(hashed, lines if len(lines) <= LINES_OF_A_PAGE else lines[:half] + lines[-half:])
