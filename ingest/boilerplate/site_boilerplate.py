"""Site boilerplate: learns which lines recur on the pages of a feed, and removes them from later pages. Pure.

In: the PageStatistics of a feed and the text of a page. Out: the text without recurring lines, and the PageStatistics
after that page (with the means that layout_drift watches).

Lines that recur on many pages of a site are navigation, newsletter calls, credits or copyright lines, even where they
look like article text on a single page. Bounded: a few hundred lines for each feed, kept as hashes in the feed's state
(docs/decisions/0014).
"""

import re
from collections.abc import Iterator
from hashlib import blake2b
from math import log
from struct import Struct

from msgspec.structs import replace

from ingest.boilerplate.layout_drift import update_means
from pipeline.feed_state import PageStatistics

LINE_COUNT = Struct("<8sH")  # a line's hash, and on how many pages it stood
MOST_LINES = 256
LINES_OF_A_PAGE = 60  # half of them from the beginning, half from the end: recurring lines stand there
LONGEST_LINE = 400  # characters; a longer one is a paragraph of one article
FEWEST_PAGES = 3  # a recurring line has stood on so many pages, and ...
RECURRING_SHARE = 0.3  # ... on this share of the last WINDOW pages
WINDOW = 64  # pages after which all counts are halved, so that old lines are forgotten
NOT_LETTERS = re.compile(r"[\W\d_]+")


def find_recurring_lines(statistics: PageStatistics) -> frozenset[bytes]:
    """The hashes of the lines that recur on the pages of a feed."""
    pages = min(statistics.pages, WINDOW)
    least = max(FEWEST_PAGES, RECURRING_SHARE * pages)
    return frozenset(line for line, count in LINE_COUNT.iter_unpack(statistics.lines) if count >= least)


def remove_lines(text: str, recurring: frozenset[bytes]) -> str:
    """The text without the lines with these hashes; a text that has no other lines is returned unchanged."""
    lines = [line for line in text.split("\n") if not recurring or hash_line(line) not in recurring]
    return "\n".join(lines) if any(line.strip() for line in lines) else text


def hash_line(line: str) -> bytes:
    """8 bytes; the same for lines that differ only in digits, case and punctuation."""
    return blake2b(NOT_LETTERS.sub(" ", line.casefold()).encode(errors="surrogatepass"), digest_size=8).digest()


def update_after_page(statistics: PageStatistics, text: str, cleaned: str) -> PageStatistics:
    """The statistics after one more page with this text; `cleaned` is the text without recurring lines."""
    counts = dict(LINE_COUNT.iter_unpack(statistics.lines))
    if statistics.pages and statistics.pages % WINDOW == 0:
        counts = {line: count // 2 for line, count in counts.items() if count > 1}
    for line in dict.fromkeys(_hash_page_lines(text)):
        counts[line] = min(counts.get(line, 0) + 1, 0xFFFF)
    most = sorted(counts.items(), key=lambda item: -item[1])[:MOST_LINES]
    removed = 1 - len(cleaned) / len(text) if text else 0.0
    packed = b"".join(LINE_COUNT.pack(*each) for each in most)
    statistics = replace(statistics, pages=statistics.pages + 1, lines=packed)
    return update_means(statistics, log(1 + len(cleaned)), 0.0, removed)


def _hash_page_lines(text: str) -> Iterator[bytes]:
    """The hashes of the lines that are counted: those of both ends of a page, without long ones."""
    lines = [line for line in text.split("\n") if line.strip() and len(line) <= LONGEST_LINE]
    half = LINES_OF_A_PAGE // 2
    return map(hash_line, lines if len(lines) <= LINES_OF_A_PAGE else lines[:half] + lines[-half:])
