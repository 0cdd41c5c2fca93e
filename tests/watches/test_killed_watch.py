"""`newsloom watch` as a process that is killed again and again while articles come: no hit is lost."""

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from time import monotonic

import msgspec
import pytest

from index import mapping
from pipeline.settings import Settings
from tests.conftest import environment_of
from tests.index.samples import enriched
from tests.watches.on_servers import SECONDS, add, enrich, hits, index, told
from tests.watches.receivers import Receiver, webhook_receiver
from tests.watches.samples import watch

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(400)]

ROUNDS, OF_A_ROUND = 5, 12


def started(options: Settings, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as file:
        command = [sys.executable, "-m", "newsloom", "watch"]
        return subprocess.Popen(command, env=environment_of(options), stdout=file, stderr=file)


def wait_for(process: "subprocess.Popen[bytes]", received: Receiver, count: int) -> None:
    deadline = monotonic() + SECONDS
    while len(told(received)) < count:
        assert process.poll() is None, "it ended by itself"
        assert monotonic() < deadline, f"{len(told(received))} of {count} were told"


def test_a_watch_that_is_killed_again_and_again_loses_no_hit(options: Settings, tmp_path: Path) -> None:
    mapping.install(options.elasticsearch)
    quick = msgspec.structs.replace(options.watches, file=str(tmp_path / "none.toml"), interval_seconds=0.1)
    few = msgspec.structs.replace(options, watches=msgspec.structs.replace(quick, articles_at_a_time=5))
    chance = random.Random(27)
    names = [f"article-{number}" for number in range(ROUNDS * OF_A_ROUND)]
    with webhook_receiver() as received:
        add(few, watch("harbour", "harbour", webhook=received.url))
        for number in range(ROUNDS):
            enrich(few, *map(enriched, names[number * OF_A_ROUND : (number + 1) * OF_A_ROUND]))
            index(few)
            process = started(few, tmp_path / "watch.log")
            # somewhere within this round; after the last one all must have come
            wait = chance.randint(1, OF_A_ROUND) if number < ROUNDS - 1 else OF_A_ROUND
            wait_for(process, received, number * OF_A_ROUND + wait)
            process.kill()
            process.wait()
        assert told(received).keys() == set(names)
    assert Counter(each.article for each in hits(few)) == dict.fromkeys(names, 1)
