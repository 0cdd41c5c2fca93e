"""How fast one host may be asked: what it answered, and when -> when the next request may start. Pure.

Times are seconds of a clock that only grows. The numbers are argued in docs/decisions/0010.
"""

from dataclasses import dataclass

# weight of the newest answer in the mean latency (rss-fetcher's and story-indexer's number)
NEWEST = 0.25
# a gap of one latency keeps, on average, at most one request of ours in flight (Little's law)
LATENCY_FACTOR = 1.0
LATENCY_GAP_MOST = 30.0
# after 429 and 503 without Retry-After: the first pause, doubled each time up to a day (StormCrawler #1984)
FIRST_PAUSE = 60.0
DAY = 86400.0
# so long after a pause it is forgiven
FORGIVEN_AFTER = 1800.0
BUSY = frozenset({429, 503})


@dataclass(slots=True)
class Pace:
    """One host. `crawl_delay` is what its robots.txt asks for, in seconds."""

    crawl_delay: float = 0.0
    latency: float = 0.0
    next_start: float = 0.0
    paused_until: float = 0.0
    pauses: int = 0

    def gap(self, least: float) -> float:
        """Seconds between two starts; `least` is the operator's."""
        return max(least, self.crawl_delay, min(self.latency * LATENCY_FACTOR, LATENCY_GAP_MOST))

    def opens(self) -> float:
        """When the next request may start."""
        return max(self.next_start, self.paused_until)

    def started(self, now: float, least: float) -> None:
        """A request starts."""
        self.next_start = now + self.gap(least)

    def answered(self, took: float) -> None:
        """A request that took so many seconds is over, however it ended."""
        self.latency = (1 - NEWEST) * self.latency + NEWEST * took if self.latency else took

    def asked_for_a_pause(self, now: float, wanted: float | None) -> None:
        """429 or 503 came; `wanted`: the seconds of its Retry-After. Answers to requests from before count once."""
        if now > self.paused_until + FORGIVEN_AFTER:
            self.pauses = 0
        if now >= self.paused_until:
            self.pauses += 1
        doubled = 2.0 ** min(self.pauses - 1, 30)
        # a header that asks for next to nothing again and again is believed less each time
        seconds = FIRST_PAUSE * doubled if wanted is None else max(wanted, doubled)
        self.paused_until = max(self.paused_until, now + min(seconds, DAY))

    def idle(self, now: float) -> bool:
        """Whether nothing is known of the host that still matters."""
        quiet = self.pauses == 0 or now > self.paused_until + FORGIVEN_AFTER
        return quiet and self.opens() <= now
