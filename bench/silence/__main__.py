"""How soon an outage is told, and how often wrongly: `python -m bench.silence [--feeds N] [--seed N] [--ours]`.

Prints for feeds of 200, 20, 2 and 0.3 articles a day, by rule: the hours from the last article to the telling of an
outage (median, and what 95 of 100 do not exceed), how many outages were not told within 60 days, and false alarms a
month of one feed. A simulation (bench/silence/invented_feeds): the corpus has no feed's times over weeks. Feeds are
watched for half a year after twelve weeks of learning; holidays, and the week in which a small newsroom closes, are
times in which a rule may accuse it wrongly. Other settings come from the environment, as everywhere. It takes ten
minutes, and one with --ours. The last line says what the rhythm costs: the bytes of a feed's state as it is kept in
memory and on the topic, and the processor time of a poll.
"""

import argparse
import os
import random
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta

from msgspec.structs import replace

from bench.silence.invented_feeds import found_newsroom, publish
from bench.silence.other_rules import RULES
from bench.silence.simulated_polls import (
    OURS,
    PLAN,
    START,
    Findings,
    Judges,
    Publications,
    learn,
    next_poll,
    poll,
    watch,
)
from ingest.frontier import feed_silence
from ingest.frontier.feed_silence import SilenceRules
from ingest.frontier.feed_states import pack_state
from pipeline import settings
from pipeline.feed_state import PublishingRhythm
from pipeline.messages import FeedState, encode

RATES = (200.0, 20.0, 2.0, 0.3)
LEARN_DAYS, WATCH_DAYS = 84, 182
OUTAGES = 10  # of each feed
MONTH_DAYS = 30
TIMED_POLLS = 10_000


def simulate(daily: float, feeds: int, seed: int, judges: Judges) -> Findings:
    """What the rules tell of so many feeds of a rate."""
    findings = Findings()
    for number in range(feeds):
        chance = random.Random(f"{seed} {daily} {number}")
        days = LEARN_DAYS + WATCH_DAYS
        feed = Publications(publish(found_newsroom(daily, chance), START, days, chance))
        fresh = FeedState(url="https://a.example/rss", host="a.example", name="A")
        state = poll(fresh, 0, START, judges.settings)
        state = learn(state, feed, START + timedelta(days=LEARN_DAYS), judges.settings)
        outages = sorted(START + timedelta(days=chance.uniform(LEARN_DAYS, days - 7)) for _ in range(OUTAGES))
        watch(state, feed, outages, START + timedelta(days=days), judges, findings)
    return findings


def lines(daily: float, findings: Findings) -> list[str]:
    """A line of figures for each rule that looked."""
    return [
        f"{daily:g} a day",
        *(f"  {rule:<14}{_figures(rule, findings)}" for rule in (OURS, *RULES) if rule in findings.hours),
    ]


def _figures(rule: str, findings: Findings) -> str:
    hours = findings.hours.get(rule, [])
    told = sorted(each for each in hours if each is not None)
    alarms = findings.false_alarms.get(rule, 0) * MONTH_DAYS / findings.days
    median, late = (f"{_quantile(told, share):.0f} h" if told else "never" for share in (0.5, 0.95))
    return f"median {median}, 95 % {late}; not told {len(hours) - len(told)} of {len(hours)}; {alarms:.2f} a month"


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def rules_of_settings(environment: Mapping[str, str]) -> SilenceRules:
    """Our rule, as the settings have it."""
    ingest = settings.load(environment).ingest
    return SilenceRules(ingest.silence_certainty, ingest.silence_gap_factor, ingest.silence_least_hours * 3600)


def cost() -> str:
    """What the rhythm of a feed costs, in words."""
    judges = Judges(rules_of_settings({}), {})
    feed = Publications(publish(found_newsroom(20.0, random.Random(1)), START, LEARN_DAYS, random.Random(1)))
    fresh = FeedState(url="https://a.example/rss", host="a.example", name="A")
    state = learn(poll(fresh, 0, START, judges.settings), feed, START + timedelta(days=LEARN_DAYS), judges.settings)
    without = replace(state, rhythm=PublishingRhythm(), day_expected=0.0, day_seen=0.0)
    packed, sent = (len(form(state)) - len(form(without)) for form in (pack_state, encode))
    now, began = next_poll(state), time.process_time()
    for _ in range(TIMED_POLLS):
        feed_silence.after_good_poll(state, 1, now, PLAN.most, judges.settings)
    seconds = (time.process_time() - began) / TIMED_POLLS
    return f"a rhythm takes {packed} bytes in memory, {sent} on the topic, and {seconds * 1e6:.0f} us of a poll"


def main() -> None:
    """Prints the figures of each rate."""
    parser = argparse.ArgumentParser(description="How soon silence is told, and how often wrongly.")
    parser.add_argument("--feeds", type=int, default=20, help="of each rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ours", action="store_true", help="leave the other rules out, which take most of the time")
    arguments = parser.parse_args()
    judges = Judges(rules_of_settings(os.environ), {} if arguments.ours else RULES)
    print(
        f"simulated: {arguments.feeds} feeds of each rate, {WATCH_DAYS} days, {OUTAGES} outages each; {judges.settings}"
    )
    for daily in RATES:
        print("\n".join(lines(daily, simulate(daily, arguments.feeds, arguments.seed, judges))), flush=True)
    print(cost())


if __name__ == "__main__":
    main()
