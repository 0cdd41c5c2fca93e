"""The whole bench on a handful of invented pages: that it runs through, and counts every article."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from newsloom.local_run.stage_order import STAGE_COMMANDS
from pipeline.settings import ROOT
from tests.bench.invented_corpus import write_corpus

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(1800)]
FEW = {
    "--warming": 4,
    "--pages": 12,
    "--turns": 1,
    "--idle": 2,
    "--steady": 1,
    "--steady-seconds": 4,
    "--languages": 3,
    "--bare": 4,
}
PARTS = {"page readers", "Kafka", "Elasticsearch", "run", "poller", *(STAGE_COMMANDS.keys() - {"ingest"})}


def test_every_article_is_read_and_paid_for(tmp_path: Path) -> None:
    corpus, figures = write_corpus(tmp_path / "corpus", pages=6, articles=40), tmp_path / "figures.json"
    asked = [str(each) for option in {**FEW, "--corpus": corpus, "--json": figures}.items() for each in option]
    told = subprocess.run(
        [sys.executable, "-m", "bench.whole", *asked],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    found = json.loads(figures.read_text())
    [turn], [bare] = found["turns"], found["bare"]
    assert turn["measured"]["cost"]["articles"] == 12
    assert set(turn["measured"]["cost"]["cpu"]) == PARTS
    assert all(turn["measured"]["peak"][part] > 1_000_000 for part in PARTS)
    assert set(turn["measured"]["batch_sizes"]) >= {"annotate", "stories", "index"}
    assert len(turn["latency"]["1: 1/s"]) == 4
    assert turn["languages"]["cost"]["articles"] == 3
    assert turn["languages"]["languages"] == 4  # with English
    assert bare["pages"] == 4
    assert all(seconds > 0 for seconds in bare["seconds"].values())
    assert "ms of CPU an article" in told.stdout
