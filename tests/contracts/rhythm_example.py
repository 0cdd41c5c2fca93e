"""A publishing rhythm with every field, for the golden file of feed states (test_messages)."""

from datetime import UTC, datetime

from pipeline.feed_state import PublishingRhythm

RHYTHM = PublishingRhythm(
    week=bytes(range(124)),
    hour=498_679,
    hour_observed=0.5,
    hour_entries=2.0,
    block_expected=4.5,
    block_seen=6.0,
    excess=40.0,
    squares=400.0,
    longest_gap=21_600.0,
    most_missing=12.5,
    quiet=5_400.0,
    missing=3.25,
    heard_at=datetime(2026, 11, 23, 6, 30, tzinfo=UTC),
    gaps=bytes(range(48)),
)
