"""The command as a person uses it: a whole run twice on the same data, and what the doctor finds."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from newsloom.demo.local_site import Site
from tests.newsloom.local_run.newspaper import PAGE, print_papers

pytestmark = pytest.mark.slow


def newsloom(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "newsloom", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=280, env={**os.environ, **environment}
    )


@pytest.mark.stack
@pytest.mark.timeout(600)
def test_a_second_run_on_the_same_data_publishes_nothing_again(tmp_path: Path) -> None:
    with Site() as site:
        feeds = print_papers(site, tmp_path / "feeds.toml")
        (tmp_path / "watches.toml").write_text('[[watches]]\nname = "merrow"\nquery = "bridge Merrow"\n')
        options = {
            "NEWSLOOM_INGEST__ALLOW_PRIVATE_ADDRESSES": "true",
            "NEWSLOOM_INGEST__HOST_GAP_SECONDS": "0",
            "NEWSLOOM_WATCHES__FILE": str(tmp_path / "watches.toml"),
        }
        command = ("run", "--once", "--json", "--data", str(tmp_path / "data"), "--feeds", str(feeds))
        first, second = newsloom(*command, **options), newsloom(*command, **options)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    one, two = json.loads(first.stdout), json.loads(second.stdout)
    assert (one["published"], one["searchable"], one["complete"]) == (3, 3, True)
    assert (two["published"], two["searchable"], two["complete"]) == (0, 3, True)
    told = json.loads((tmp_path / "data" / "watches" / "merrow.json").read_text())
    assert [item["title"] for item in told["items"]] == ["Merrow"]


def test_the_doctor_names_a_wrong_setting(tmp_path: Path) -> None:
    done = newsloom("doctor", "--data", str(tmp_path), NEWSLOOM_KAFKA__PARTITONS="3")
    assert done.returncode == 1
    assert "NEWSLOOM_KAFKA__PARTITONS names no setting; did you mean kafka.partitions?" in done.stdout


def test_the_doctor_names_a_taken_port_and_a_full_disk(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        wrong = {"NEWSLOOM_EMBEDDED__KAFKA_PORT": port, "NEWSLOOM_EMBEDDED__MIN_FREE_BYTES": str(10**18)}
        done = newsloom("doctor", "--data", str(tmp_path), **wrong)
    assert done.returncode == 1
    assert f"embedded.kafka_port = {port} is taken" in done.stdout
    assert "embedded.min_free_bytes asks for" in done.stdout
    assert "ingest.contact is empty" in done.stdout


def test_try_answers_each_line_and_goes_on_after_a_bad_one(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE.format("Aldis"))
    good = json.dumps({"file": str(page), "url": "https://aldis.example/bridge?utm_source=x"})
    entry = {"url": "https://aldis.example/feed/7", "title": "Ferry sinks", "published": "2024-11-05T10:00:00Z"}
    another = json.dumps({"file": str(page), "url": "https://aldis.example/bridge", "entry": entry})
    no_entry = json.dumps({"file": str(page), "entry": {"published": "yesterday"}})
    paged = tmp_path / "paged.html"
    paged.write_text(page.read_text().replace("</body>", "<a href='?page=2'>Next page</a></body>"))
    first = json.dumps({"file": str(paged), "url": "https://aldis.example/bridge"})
    lines = "\n".join([good, '{"file": "/no/such/file"}', "{broken", another, no_entry, first])
    command = [sys.executable, "-m", "newsloom", "try", "page", "--lines"]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False, timeout=120)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [("error" in answer) for answer in answers] == [False, True, True, False, True, False]
    assert answers[0]["belonging"] is None
    assert (answers[3]["refused"], answers[3]["belonging"] < 0.5) == ("other_page", True)
    assert {"redirected", "headline_other"} <= set(answers[3]["belonging_reasons"])
    assert answers[0]["title"] == "The bridge of Aldis"
    assert answers[0]["canonical_url"] == "https://aldis.example/bridge"
    assert "pillars would not carry" in answers[0]["text"]
    assert {"published_at", "authors", "language"} <= answers[0].keys()
    assert not answers[0]["truncated"]
    assert (answers[5]["truncated"], answers[5]["next_url"]) == (True, "https://aldis.example/bridge?page=2")
