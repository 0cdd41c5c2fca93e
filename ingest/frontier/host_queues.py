"""Per-host job queues: run so many polls and page visits of one host at a time; polls, then pages, then revisits.

In: jobs with the host that they ask. Out: a task for each, begun when the host has a free place: as many as it may have
connections, until what came of them is acknowledged. A slow or paused host fills its own places, and nobody else's.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

# a feed's URL and, for a page, the entry: "" is the feed's poll
Job = tuple[str, str]


@dataclass(slots=True)
class _Queue:
    """One host."""

    begun: int = 0
    polls: deque[Job] = field(default_factory=deque)
    pages: deque[Job] = field(default_factory=deque)
    revisits: deque[Job] = field(default_factory=deque)


class HostQueues:
    """The queues of all hosts. `places`: jobs of one host at a time; `begin` makes a job's task. One event loop."""

    def __init__(self, places: int, begin: Callable[[Job], asyncio.Task[None]]) -> None:
        self._places, self._begin = places, begin
        self._jobs: dict[Job, asyncio.Task[None] | None] = {}  # None: it waits
        self._queues: dict[str, _Queue] = {}

    def __contains__(self, job: object) -> bool:
        return job in self._jobs

    def __len__(self) -> int:
        return len(self._jobs)

    def start(self, job: Job, host: str, revisit: bool = False) -> None:
        """Begins the job, now or when it is its turn; does nothing when the job waits or runs already.

        `revisit`: its page was published already, and waits until no new one does.
        """
        if job in self._jobs:
            return
        self._jobs[job] = None
        queue = self._queues.setdefault(host, _Queue())
        (queue.revisits if revisit else queue.pages if job[1] else queue.polls).append(job)
        self._begin_next(host, queue)

    def end(self, job: Job) -> None:
        """The job is done, and may be started again, though its task has not returned yet."""
        self._jobs.pop(job, None)

    def give_up(self, urls: frozenset[str]) -> None:
        """Cancels what runs for these feeds and forgets what waits."""
        for job in [job for job in self._jobs if job[0] in urls]:
            task = self._jobs[job]
            if task is None:
                del self._jobs[job]
            else:
                task.cancel()

    async def cancel(self) -> None:
        """Cancels everything, and waits until it has ended."""
        tasks = [task for task in self._jobs.values() if task is not None]
        self._queues.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin_next(self, host: str, queue: _Queue) -> None:
        while queue.begun < self._places and (job := self._next(queue)) is not None:
            queue.begun += 1
            task = self._jobs[job] = self._begin(job)
            task.add_done_callback(lambda task, job=job: self._ended(host, job, task))  # type: ignore[misc]
        if not queue.begun and self._queues.get(host) is queue:
            del self._queues[host]

    def _next(self, queue: _Queue) -> Job | None:
        """The first that was not given up while it waited."""
        for waiting in (queue.polls, queue.pages, queue.revisits):
            while waiting:
                job = waiting.popleft()
                if job in self._jobs and self._jobs[job] is None:
                    return job
        return None

    def _ended(self, host: str, job: Job, task: asyncio.Task[None]) -> None:
        if self._jobs.get(job) is task:
            del self._jobs[job]
        queue = self._queues.get(host)
        if queue is not None:
            queue.begun -= 1
            self._begin_next(host, queue)
