"""`newsloom alerts` and `newsloom freshness` as an operator uses them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from index import mapping, write
from index.searching import article_search
from newsloom.__main__ import newsloom
from pipeline.failures import Poison, WrongSetting
from pipeline.kafka.publisher import OutgoingMessage
from pipeline.messages import ALERTS, WATCH_PROGRESS, WATCHES
from pipeline.settings import Settings
from pipeline.watch_messages import WatchProgress
from tests.alerts.samples import alert
from tests.conftest import environment_of
from tests.index.samples import enriched
from tests.watches.on_servers import publish
from tests.watches.receivers import Receiver, webhook_receiver
from tests.watches.samples import watch
from watches.last_look import PIPELINE, NobodyLooks


@pytest.fixture
def received() -> Iterator[Receiver]:
    with webhook_receiver() as receiver:
        yield receiver


def asked(options: Settings, *arguments: str, **more: str) -> Result:
    """What a command prints, and how it ends."""
    return CliRunner().invoke(newsloom, arguments, env={**environment_of(options), **more})


@pytest.mark.stack
def test_what_is_open_is_shown_and_what_has_ended_is_not(options: Settings) -> None:
    ended = alert("post", ended_at=datetime.now(UTC))
    told = alert("herald", told_begin=("mail desk@paper.example",))
    publish(options, *(OutgoingMessage(ALERTS, each) for each in (alert("ledger"), ended, told)))
    shown = asked(options, "alerts")
    assert shown.exit_code == 1
    assert "ledger is silent\n  silence, since" in shown.output
    assert "nobody to tell" in shown.output
    assert "herald is silent" in shown.output
    assert "post" not in shown.output
    assert "2 alerts are open\n" in shown.output
    assert "nobody has looked yet: start `newsloom watch`" in shown.stderr
    assert [each["subject"] for each in json.loads(asked(options, "alerts", "--json").stdout)] == ["herald", "ledger"]


@pytest.mark.stack
def test_that_nothing_is_wrong_is_only_said_where_somebody_looks(options: Settings) -> None:
    unlooked = asked(options, "alerts")
    assert isinstance(unlooked.exception, NobodyLooks)
    assert "nobody has looked yet: start `newsloom watch`" in str(unlooked.exception)
    assert asked(options, "alerts", "--json").stdout == "[]\n"
    looked(options, unjudged=("freshness",))
    nothing = asked(options, "alerts")
    assert nothing.exit_code == 0
    assert re.fullmatch(
        r"nothing is wrong by 9 rules; the last look was \d+ s ago; by freshness there was nothing to judge\n",
        nothing.output,
    )
    looked(options, unknown=("disk", "gap"))
    assert "nobody knows how it is by disk, gap: a server did not answer" in str(asked(options, "alerts").exception)
    unruled = asked(options, "alerts", NEWSLOOM_ALERTS__FILE=os.devnull)
    assert f"nothing is looked at: no rule stands in {os.devnull}" in str(unruled.exception)


@pytest.mark.stack
@pytest.mark.slow
def test_the_exit_status_says_that_nobody_looks(options: Settings) -> None:
    publish(options, OutgoingMessage(WATCHES, watch("harbour", "harbour")))
    for command, words in {
        "alerts": "newsloom: nobody has looked yet: start `newsloom watch`",
        "status": "alerts: nobody has looked yet: start `newsloom watch`",
        "watch follow --once": "nobody has looked yet: start `newsloom watch`",
        "freshness": "no article says when it was found",
    }.items():
        arguments = [sys.executable, "-m", "newsloom", *command.split()]
        done = subprocess.run(
            arguments, env={**environment_of(options), "COLUMNS": "200"}, capture_output=True, text=True, check=False
        )
        assert (done.returncode, words in done.stdout + done.stderr) == (4, True), (command, done.stdout, done.stderr)


def looked(options: Settings, unknown: tuple[str, ...] = (), unjudged: tuple[str, ...] = ()) -> None:
    """Notes a look at the pipeline."""
    noted = WatchProgress(name=PIPELINE, offsets={}, unknown=unknown, unjudged=unjudged)
    publish(options, OutgoingMessage(WATCH_PROGRESS, noted))


@pytest.mark.stack
def test_a_wrong_file_hides_no_alert(options: Settings, tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    publish(options, OutgoingMessage(ALERTS, alert("ledger")))
    path.write_text("[[alerts")
    shown = asked(options, "alerts", NEWSLOOM_ALERTS__FILE=str(path))
    assert "ledger is silent" in shown.output
    assert "1 alert is open" in shown.output
    assert isinstance(shown.exception, WrongSetting)


def test_the_rules_and_whom_they_tell_are_listed(offline_options: Settings) -> None:
    shown = asked(offline_options, "alerts", "rules")
    assert shown.exit_code == 0
    assert "lag-age" in shown.output
    assert "nobody" in shown.output


def test_everybody_is_told_that_it_is_a_test(offline_options: Settings, tmp_path: Path, received: Receiver) -> None:
    path = tmp_path / "alerts.toml"
    path.write_text(f'webhook = "{received.url}"\n[[alerts]]\nkind = "gap"\n')
    shown = asked(offline_options, "alerts", "test", NEWSLOOM_ALERTS__FILE=str(path))
    assert (shown.exit_code, shown.output) == (0, f"webhook {received.url}: told\n")
    assert b"this is a test" in received.bodies[0]
    received.status = 404
    refused = asked(offline_options, "alerts", "test", NEWSLOOM_ALERTS__FILE=str(path))
    assert isinstance(refused.exception, Poison)
    path.write_text('[[alerts]]\nkind = "gap"\n')
    nobody = asked(offline_options, "alerts", "test", NEWSLOOM_ALERTS__FILE=str(path))
    assert "names no webhook and no mail address" in str(nobody.exception)


@pytest.mark.stack
def test_freshness_says_who_is_slow(options: Settings) -> None:
    mapping.install(options.elasticsearch)
    nothing = asked(options, "freshness")
    assert (nothing.exit_code, "0 articles fetched in the last 24 h" in nothing.output) == (4, True)
    now = datetime.now(UTC)
    slow = enriched("slow", source="slow.example", fetched_at=now, found_at=now - timedelta(hours=3))
    quick = enriched("quick", fetched_at=now, found_at=now)
    write.stage(options.elasticsearch).handle([slow, quick])
    article_search.refresh(options.elasticsearch)
    told = asked(options, "freshness", "--sources", "1")
    assert told.exit_code == 1
    shown = told.output
    assert "2 articles fetched in the last 24 h: 50.0% met the target\n" in shown
    assert "the target: 95% within 60 s of their discovery\n" in shown
    assert "slow.example" in shown
    assert "paper.example" not in shown
    assert "1 more sources: --sources" in shown
    assert json.loads(asked(options, "freshness", "--json").output)["by_source"]["paper.example"]["share"] == 1.0
