"""The share of requests that revisits may take: few at a time, one of a host, and each host's far apart.

In: which revisit wants to begin, on which host, and which jobs there are. Out: whether it may. New pages have no such
budget: they go before (ingest/frontier/host_queues).
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.frontier.host_queues import Job

MOST_HOSTS = 10_000  # that are remembered; those whose rest is over are forgotten beyond


@dataclass(frozen=True, slots=True)
class RevisitLimits:
    """`at_a_time`: revisits of all hosts together; `rest`: between the beginnings of two on one host."""

    at_a_time: int
    rest: timedelta

    @classmethod
    def of_share(cls, share: float, connections: int, host_gap_seconds: float) -> "RevisitLimits":
        """The limits at which revisits take this share (above 0, to 1) of the connections and of a host's requests."""
        return cls(max(1, int(connections * share)), timedelta(seconds=host_gap_seconds / share))


class RevisitBudget:
    """What of it is used. One event loop."""

    def __init__(self, limits: RevisitLimits) -> None:
        self.limits = limits
        self._running: dict[Job, str] = {}
        self._rests_until: dict[str, datetime] = {}

    def take(self, job: Job, host: str, now: datetime, jobs: Container[Job]) -> bool:
        """Whether the revisit may begin; then it counts until it is no more in `jobs`, where it is put next."""
        self._running = {each: its_host for each, its_host in self._running.items() if each in jobs}
        busy = len(self._running) >= self.limits.at_a_time or host in self._running.values()
        if busy or now < self._rests_until.get(host, now):
            return False
        self._running[job] = host
        self._rests_until[host] = now + self.limits.rest
        if len(self._rests_until) > MOST_HOSTS:
            self._rests_until = {each: until for each, until in self._rests_until.items() if until > now}
        return True
