"""The two that bench/poller compares, each the whole life of a child process: our poller, and a bare loop.

In: what to poll, and a pipe. Out: ours says when it is about to begin, begins when it is told so, and runs until
SIGTERM; its health page has the figures. The bare loop polls for as many seconds as it is told, keeping its connections
or not, and tells how many polls that were and what CPU they took.
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
from pipeline.service import running
from pipeline.settings import Settings


def ours(options: Settings, log: Path, profile: Path | None, told: Connection) -> None:
    """The poller as `newsloom ingest` runs it, its log in a file; `profile`: where cProfile puts what it saw."""
    with log.open("w") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    with running("ingest", options.service) as service:
        told.send(None)
        told.recv()
        if profile is None:
            poll.run(options, service)
        else:
            profiler = cProfile.Profile()
            profiler.runcall(poll.run, options, service)
            profiler.dump_stats(profile)


def bare(urls: list[str], options: Settings, told: Connection) -> None:
    """aiohttp with conditional requests, feedparser for what has changed; no politeness, no memory, no Kafka."""
    asyncio.run(_bare(urls, options.ingest.connections, told))


async def _bare(urls: list[str], concurrency: int, told: Connection) -> None:
    todo, etags = cycle(urls), dict.fromkeys(urls, '"0"')
    async with _session(concurrency, False) as keeps, _session(concurrency, True) as closes:
        while True:
            seconds, close = await asyncio.to_thread(told.recv)
            session = closes if close else keeps
            cpu, end = time.process_time(), time.monotonic() + seconds
            done = await asyncio.gather(*(_worker(session, todo, etags, end) for _ in range(concurrency)))
            told.send((sum(done), time.process_time() - cpu))


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
