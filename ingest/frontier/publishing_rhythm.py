"""The publishing rhythm of a feed: how many new entries usually come between two times. Pure.

In: the spans between good polls, and how many new entries each brought. Out: a PublishingRhythm, and what it expects.
The expected rate is a product: the mean of the hour of the day times that of the weekday, both in UTC, by the mean of
all. What was never observed is expected to bring nothing, so that it accuses nobody. Dispersion says how much the
counts scatter around what was expected, beyond those of a Poisson process, for which it is 0. The longest gaps are kept
by the hour of the day at which they lasted: six hours mean nothing at dawn, much at noon (docs/decisions/0029).
"""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from pipeline.feed_state import PublishingRhythm

HOUR = timedelta(hours=1)
HOUR_SECONDS = 3600.0
# Half-lives, in days on which it was observed: of the rates and the dispersion, so that a change of season is followed
# within weeks; and of the longest gaps, which are rare. Chosen with bench/silence.
HALF_LIFE_DAYS = 21.0
GAP_HALF_LIFE_DAYS = 112.0
# entries expected in a block of time, whose count is held against it: about what is missing when a silence is told.
# Smaller blocks show how batches and busy hours scatter, which says little about a gap that is longer than these.
BLOCK_ENTRIES = 20.0
# dispersion of a feed of which nothing is known, and how many blocks it weighs
PRIOR_DISPERSION, PRIOR_BLOCKS = 0.3, 2.0
LEAST_DISPERSION = 0.02

# half-precision floats: sums that change by whole hours and fade by whole days lose nothing that matters
_TABLE = struct.Struct("<24e24e7e7e")
_MOST = 60_000.0  # that such a float holds
_NOTHING = (0.0,) * 62
_GAPS = struct.Struct("<24e")  # hours
THURSDAY = 3  # the weekday on which 1970 began


def _unpack(week: bytes) -> tuple[float, ...]:
    """The table; where there is none yet, or one of another form, one of a feed that was never observed."""
    return _TABLE.unpack(week) if len(week) == _TABLE.size else _NOTHING


def expected_entries(rhythm: PublishingRhythm, since: datetime, until: datetime) -> float:
    """How many new entries usually come between two times; 0.0 while nothing is known."""
    table = _unpack(rhythm.week)
    entries, hours = sum(table[:24]), sum(table[24:48])
    if not entries or not hours:
        return 0.0
    mean = entries / hours
    return sum(_rate(table, mean, start) * share for start, share in _hours_between(since, until))


def _rate(table: tuple[float, ...], mean: float, at: datetime) -> float:
    """Entries an hour; less than one hour of observation counts as one."""
    hour, day = at.hour, at.weekday()
    return table[hour] / max(1.0, table[24 + hour]) * table[48 + day] / max(1.0, table[55 + day]) / mean


def _hours_between(since: datetime, until: datetime) -> Iterator[tuple[datetime, float]]:
    """The hours (UTC) that a span touches, each by its beginning, and the share of it that is in the span."""
    at, until = since.astimezone(UTC), until.astimezone(UTC)
    while at < until:
        start = at.replace(minute=0, second=0, microsecond=0)
        end = min(until, start + HOUR)
        yield start, (end - at).total_seconds() / HOUR_SECONDS
        at = end


def observe_span(
    rhythm: PublishingRhythm, since: datetime, until: datetime, expected: float, new: int
) -> PublishingRhythm:
    """The rhythm after a span that was observed: it brought `new` entries, which count as spread evenly over it.

    `expected`: how many the rhythm expected in it.
    """
    rhythm = _count_block(rhythm, expected, new)
    pieces = list(_hours_between(since, until))
    whole = sum(share for _, share in pieces)
    for start, share in pieces:
        hour = int(start.timestamp() // HOUR_SECONDS)
        if hour != rhythm.hour:
            rhythm = _begin_hour(_close_hour(rhythm), hour)
        rhythm = replace(
            rhythm,
            hour_observed=rhythm.hour_observed + share,
            hour_entries=rhythm.hour_entries + new * share / whole,
        )
    return rhythm


def _close_hour(rhythm: PublishingRhythm) -> PublishingRhythm:
    """The rhythm with what the hour that is over has shown."""
    table = list(_unpack(rhythm.week))
    hour, day = rhythm.hour % 24, (rhythm.hour // 24 + THURSDAY) % 7
    for place, more in (
        (hour, rhythm.hour_entries),
        (24 + hour, rhythm.hour_observed),
        (48 + day, rhythm.hour_entries),
        (55 + day, rhythm.hour_observed),
    ):
        table[place] = min(_MOST, table[place] + more)
    return replace(rhythm, week=_TABLE.pack(*table))


def _begin_hour(rhythm: PublishingRhythm, hour: int) -> PublishingRhythm:
    """The rhythm at the beginning of an hour; with each day that begins, what is known fades."""
    begun = replace(rhythm, hour=hour, hour_observed=0.0, hour_entries=0.0)
    return begun if hour // 24 == rhythm.hour // 24 else _fade(begun)


def _fade(rhythm: PublishingRhythm) -> PublishingRhythm:
    """The rhythm after one more day on which it was observed."""
    fade, gap_fade = 0.5 ** (1 / HALF_LIFE_DAYS), 0.5 ** (1 / GAP_HALF_LIFE_DAYS)
    return replace(
        rhythm,
        week=_TABLE.pack(*[each * fade for each in _unpack(rhythm.week)]),
        excess=rhythm.excess * fade,
        squares=rhythm.squares * fade,
        longest_gap=rhythm.longest_gap * gap_fade,
        gaps=_GAPS.pack(*[each * gap_fade for each in _gaps_by_hour(rhythm)]),
        most_missing=rhythm.most_missing * gap_fade,
    )


def _count_block(rhythm: PublishingRhythm, expected: float, new: int) -> PublishingRhythm:
    """The rhythm after a span: blocks of BLOCK_ENTRIES expected entries show how much the counts scatter."""
    expected, seen = rhythm.block_expected + expected, rhythm.block_seen + new
    if expected < BLOCK_ENTRIES:
        return replace(rhythm, block_expected=expected, block_seen=seen if expected else 0.0)
    excess = rhythm.excess + (seen - expected) ** 2 - expected
    return replace(rhythm, block_expected=0.0, block_seen=0.0, excess=excess, squares=rhythm.squares + expected**2)


def dispersion(rhythm: PublishingRhythm) -> float:
    """By how much counts scatter: their variance is mean + dispersion * mean squared (a negative binomial).

    Of it, one by the number of entries that the mean was learnt from says how unsure that mean is: of a feed of which
    few entries were seen, nothing can be said with certainty.
    """
    prior = PRIOR_BLOCKS * BLOCK_ENTRIES**2
    learnt = (rhythm.excess + PRIOR_DISPERSION * prior) / (rhythm.squares + prior)
    return max(LEAST_DISPERSION, learnt) + 1 / max(1e-9, learnt_entries(rhythm))


def learnt_entries(rhythm: PublishingRhythm) -> float:
    """How many entries the rhythm was learnt from; the old ones have faded."""
    return sum(_unpack(rhythm.week)[:24])


def _gaps_by_hour(rhythm: PublishingRhythm) -> tuple[float, ...]:
    """Hours, for each hour of the day; the longest gap of all in a state of an earlier form, which has no others."""
    known = len(rhythm.gaps) == _GAPS.size
    return _GAPS.unpack(rhythm.gaps) if known else (min(_MOST, rhythm.longest_gap / HOUR_SECONDS),) * 24


def longest_gap_at(rhythm: PublishingRhythm, at: datetime) -> float:
    """The longest gap known that had lasted so long at this hour of the day or at one beside it, in seconds."""
    gaps, hour = _gaps_by_hour(rhythm), at.astimezone(UTC).hour
    return max(gaps[(hour + beside) % 24] for beside in (-1, 0, 1)) * HOUR_SECONDS


def learn_gap(rhythm: PublishingRhythm, now: datetime, growth: float, least: float) -> PublishingRhythm:
    """The rhythm with the gap that ends `now`, whose observed length is its `quiet`: what it was at each hour it met.

    What is known becomes at most `growth` times as long, where `least` seconds count as known of all. Of a gap of days
    the last time that it met an hour is what counts.
    """
    gaps, least_hours = list(_gaps_by_hour(rhythm)), least / HOUR_SECONDS
    began = now - timedelta(seconds=rhythm.quiet)
    for start, _ in _hours_between(max(began, now - 24 * HOUR), now):
        lasted, known = (min(now, start + HOUR) - began) / HOUR, gaps[start.hour]
        gaps[start.hour] = max(known, min(_MOST, lasted, growth * max(known, least_hours)))
    longest = max(rhythm.longest_gap, min(rhythm.quiet, growth * max(rhythm.longest_gap, least)))
    return replace(rhythm, longest_gap=longest, gaps=_GAPS.pack(*gaps))
