"""What the pages of one feed have in common: Habits + a page's text -> Habits. Pure.

Lines that return on many pages of a site are navigation, newsletter calls, credits and copyright lines, whatever a page
says they are: they are learnt here and taken out of what comes after. And how pages usually are - how long, how often
without a text, how much of them returns - so that a publisher's new layout is noticed the same day.

Bounded: a few hundred lines for each feed, by their hashes, which lie in the feed's state (docs/decisions/0014).
"""

import re
from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from math import log, sqrt
from struct import Struct

from msgspec.structs import replace

from pipeline.feed_state import Habits

LINE = Struct("<8sH")  # a line's hash, on how many pages it stood
MOST_LINES = 256
LINES_OF_A_PAGE = 60  # from both ends: what returns stands there
LONGEST_LINE = 400  # characters; a longer one is a paragraph of somebody's own
FEWEST_PAGES = 3  # on which a line must have stood, and ...
RETURNING_SHARE = 0.3  # ... on this share of the last pages
WINDOW = 64  # pages after which all counts are halved
NOT_LETTERS = re.compile(r"[\W\d_]+")

SLOW, FAST = 0.02, 0.2  # weights of a new page in the usual and in the recent mean: about 50 and 5 pages
USUAL_PAGES = 30  # before these nothing is usual
FEWEST_SPREAD = 0.3  # of ln(characters): a site whose articles are all alike is not surprised by a longer one
SURPRISE = 3.0  # standard deviations of the mean length
SHARE_JUMP = 0.4  # of pages without text, or of the share that returns


def returning(habits: Habits) -> frozenset[bytes]:
    """The hashes of the lines that are known to return."""
    pages = min(habits.pages, WINDOW)
    least = max(FEWEST_PAGES, RETURNING_SHARE * pages)
    return frozenset(hashed for hashed, count in LINE.iter_unpack(habits.lines) if count >= least)


def without(text: str, known: frozenset[bytes]) -> str:
    """The text without lines that are known to return. One that would be nothing without them stays as it is."""
    lines = [line for line in text.split("\n") if not known or hashed(line) not in known]
    return "\n".join(lines) if any(line.strip() for line in lines) else text


def hashed(line: str) -> bytes:
    """Of a line's letters: what differs in digits, case and punctuation only is the same line."""
    return blake2b(NOT_LETTERS.sub(" ", line.casefold()).encode(errors="surrogatepass"), digest_size=8).digest()


def after_page(habits: Habits, text: str, cleaned: str) -> Habits:
    """After a page that had `text`, of which `cleaned` is left without the lines that return."""
    counts = dict(LINE.iter_unpack(habits.lines))
    if habits.pages and habits.pages % WINDOW == 0:
        counts = {line: count // 2 for line, count in counts.items() if count > 1}
    for line in dict.fromkeys(_countable(text)):
        counts[line] = min(counts.get(line, 0) + 1, 0xFFFF)
    kept = sorted(counts.items(), key=lambda item: -item[1])[:MOST_LINES]
    gone = 1 - len(cleaned) / len(text) if text else 0.0
    habits = replace(habits, pages=habits.pages + 1, lines=b"".join(LINE.pack(*each) for each in kept))
    return _averaged(habits, log(1 + len(cleaned)), 0.0, gone)


def after_empty(habits: Habits) -> Habits:
    """After a page in which no text could be found."""
    return _averaged(replace(habits, pages=habits.pages + 1), None, 1.0, None)


def _countable(text: str) -> Iterator[bytes]:
    lines = [line for line in text.split("\n") if line.strip() and len(line) <= LONGEST_LINE]
    half = LINES_OF_A_PAGE // 2
    return map(hashed, lines if len(lines) <= LINES_OF_A_PAGE else lines[:half] + lines[-half:])


def _averaged(habits: Habits, length: float | None, empty: float, gone: float | None) -> Habits:
    first = habits.pages == 1
    length = (habits.recent_length or habits.length) if length is None else length
    gone = habits.recent_gone if gone is None else gone
    apart = length - habits.length
    return replace(
        habits,
        length=length if first or not habits.length else habits.length + SLOW * apart,
        spread=0.0 if first else (1 - SLOW) * (habits.spread + SLOW * apart * apart),
        empty=_mean(habits.empty, empty, SLOW),
        gone=_mean(habits.gone, gone, SLOW),
        recent_length=length if first else _mean(habits.recent_length, length, FAST),
        recent_empty=_mean(habits.recent_empty, empty, FAST),
        recent_gone=_mean(habits.recent_gone, gone, FAST),
    )


def _mean(before: float, new: float, weight: float) -> float:
    return before + weight * (new - before)


def drift(habits: Habits) -> str:
    """What has changed about the feed's pages, in words; "" when they are as they usually are."""
    if habits.pages < USUAL_PAGES:
        return ""
    if habits.recent_empty - habits.empty > SHARE_JUMP:
        return f"{habits.recent_empty:.0%} of the last pages have no text, {habits.empty:.0%} before"
    if habits.recent_gone - habits.gone > SHARE_JUMP:
        return f"{habits.recent_gone:.0%} of the last pages returns on others, {habits.gone:.0%} before"
    usual = max(sqrt(habits.spread), FEWEST_SPREAD) * sqrt(FAST / (2 - FAST))  # of a mean of so many pages
    if abs(habits.recent_length - habits.length) > SURPRISE * usual:
        longer = "longer" if habits.recent_length > habits.length else "shorter"
        return f"the texts of the last pages are much {longer} than before"
    return ""


def watched(before: Habits, after: Habits, now: datetime) -> tuple[Habits, str]:
    """The habits with the time since which they drift, and what is to be said now: a drift is said once."""
    found = drift(after)
    if not found:
        return replace(after, drifting_since=None), ""
    since = before.drifting_since
    return replace(after, drifting_since=since or now), "" if since else found
