"""The two programs that bench/poller compares, each in a child process: our poller, and a bare loop of aiohttp.

In: what to poll, and a pipe. Out: the poller sends when it is about to begin, begins at the answer, and runs until
SIGTERM; its health page has the figures. The bare loop receives a number of seconds, and whether to close its
connections; it polls for so long, and sends the number of polls and the CPU seconds they took.
"""

import asyncio
import cProfile
import os
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
import feedparser

from ingest import poll
from pipeline.service import running_service
from pipeline.settings import Settings


def run_poller(options: Settings, log: Path, profile: Path | None, pipe: Connection) -> None:
    """Runs the poller as `newsloom ingest` does, its log in a file; `profile`: the file for cProfile's result."""
    with log.open("w") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    with running_service("ingest", options.service) as service:
        pipe.send(None)
        pipe.recv()
        if profile is None:
            poll.run(options, service)
        else:
            profiler = cProfile.Profile()
            profiler.runcall(poll.run, options, service)
            profiler.dump_stats(profile)


def run_bare_loop(urls: list[str], options: Settings, pipe: Connection) -> None:
    """Polls with aiohttp and conditional requests, feedparser for what has changed; no politeness, known entries,
    Kafka."""
    asyncio.run(_poll_for_ever(urls, options.ingest.connections, pipe))


async def _poll_for_ever(urls: list[str], concurrency: int, pipe: Connection) -> None:
    todo, etags = cycle(urls), dict.fromkeys(urls, '"0"')
    async with _session(concurrency, False) as keeps, _session(concurrency, True) as closes:
        while True:
            seconds, close = await asyncio.to_thread(pipe.recv)
            session = closes if close else keeps
            cpu, end = time.process_time(), time.monotonic() + seconds
            done = await asyncio.gather(*(_worker(session, todo, etags, end) for _ in range(concurrency)))
            pipe.send((sum(done), time.process_time() - cpu))


def _session(concurrency: int, close: bool) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=concurrency, force_close=close))


async def _worker(session: aiohttp.ClientSession, todo: Iterator[str], etags: dict[str, str], end: float) -> int:
    done = 0
    while time.monotonic() < end:
        url = next(todo)
        async with session.get(url, headers={"If-None-Match": etags[url]}) as response:
            body = await response.read()
            etags[url] = response.headers["etag"]
            if response.status == 200:
                feedparser.parse(body)
        done += 1
    return done
