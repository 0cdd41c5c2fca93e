"""Per-host rate limit: computes when the next request to a host may start. Pure.

In: when requests started, how long they took, and which pauses the host asked for (429, 503, Retry-After). Out: the
earliest time of the next start. All times are seconds of a monotonic clock. docs/decisions/0010 explains the numbers.
"""

from dataclasses import dataclass

# weight of the newest latency in the moving average (the number of rss-fetcher and story-indexer)
NEWEST_LATENCY_WEIGHT = 0.25
# a gap of one latency keeps, on average, at most one request of ours in flight (Little's law)
LATENCY_FACTOR = 1.0
MOST_LATENCY_GAP_SECONDS = 30.0
# after 429 and 503 without Retry-After: the first pause, doubled each time up to a day (StormCrawler #1984)
FIRST_PAUSE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 86400.0
# without a new pause for so long, the next one starts at FIRST_PAUSE_SECONDS again
PAUSE_FORGOTTEN_AFTER_SECONDS = 1800.0
BUSY_STATUSES = frozenset({429, 503})


@dataclass(slots=True)
class HostRate:
    """The rate limit of one host: all fields are seconds, except `pauses`, the number of pauses in a row.

    `crawl_delay` is from robots.txt, `latency` is a moving average, `next_start` and `paused_until` are times.
    """

    crawl_delay: float = 0.0
    latency: float = 0.0
    next_start: float = 0.0
    paused_until: float = 0.0
    pauses: int = 0

    def gap_seconds(self, operator_gap_seconds: float) -> float:
        """Seconds between two starts; at least `operator_gap_seconds`, which the settings ask for."""
        return max(operator_gap_seconds, self.crawl_delay, min(self.latency * LATENCY_FACTOR, MOST_LATENCY_GAP_SECONDS))

    def earliest_start(self) -> float:
        """The time when the next request may start."""
        return max(self.next_start, self.paused_until)

    def record_start(self, now: float, operator_gap_seconds: float) -> None:
        """Notes that a request starts at `now`."""
        self.next_start = now + self.gap_seconds(operator_gap_seconds)

    def record_latency(self, took_seconds: float) -> None:
        """Notes how long a request took, whether it succeeded or not."""
        if self.latency:
            took_seconds = (1 - NEWEST_LATENCY_WEIGHT) * self.latency + NEWEST_LATENCY_WEIGHT * took_seconds
        self.latency = took_seconds

    def record_pause(self, now: float, retry_after_seconds: float | None) -> None:
        """Notes a 429 or 503 with the seconds of its Retry-After header; None: it had none.

        Each pause without the header is twice as long as the one before. Further such responses during a pause, to
        requests that were already under way, do not count as another pause.
        """
        if now > self.paused_until + PAUSE_FORGOTTEN_AFTER_SECONDS:
            self.pauses = 0
        if now >= self.paused_until:
            self.pauses += 1
        doubled = 2.0 ** min(self.pauses - 1, 30)
        # a host that asks for almost no time again and again gets a minimum that doubles, too
        seconds = FIRST_PAUSE_SECONDS * doubled if retry_after_seconds is None else max(retry_after_seconds, doubled)
        self.paused_until = max(self.paused_until, now + min(seconds, LONGEST_PAUSE_SECONDS))

    def is_forgettable(self, now: float) -> bool:
        """Whether the state no longer matters, so that it can be dropped."""
        quiet = self.pauses == 0 or now > self.paused_until + PAUSE_FORGOTTEN_AFTER_SECONDS
        return quiet and self.earliest_start() <= now
