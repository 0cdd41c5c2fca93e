"""`newsloom alerts` and `newsloom freshness` as an operator uses them."""

import json
import os
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
from pipeline.messages import ALERTS
from pipeline.settings import Settings
from tests.alerts.samples import alert
from tests.conftest import environment_of
from tests.index.samples import enriched
from tests.newsloom.commands.test_index import said
from tests.watches.on_servers import publish
from tests.watches.receivers import Receiver, webhook_receiver


@pytest.fixture
def received() -> Iterator[Receiver]:
    with webhook_receiver() as receiver:
        yield receiver


def asked(options: Settings, *arguments: str, **more: str) -> Result:
    """What a command prints, and how it ends."""
    return CliRunner().invoke(newsloom, arguments, env={**environment_of(options), **more})


@pytest.mark.stack
def test_what_is_open_is_shown_and_what_has_ended_is_not(options: Settings) -> None:
    nothing = asked(options, "alerts")
    assert (nothing.exit_code, nothing.output) == (0, "nothing is wrong by 10 rules\n")
    assert "no rule stands in" in asked(options, "alerts", NEWSLOOM_ALERTS__FILE=os.devnull).output
    ended = alert("post", ended_at=datetime.now(UTC))
    told = alert("herald", told_begin=("mail desk@paper.example",))
    publish(options, *(OutgoingMessage(ALERTS, each) for each in (alert("ledger"), ended, told)))
    shown = asked(options, "alerts")
    assert shown.exit_code == 1
    assert "ledger is silent\n  silence, since" in shown.output
    assert "nobody to tell" in shown.output
    assert "herald is silent" in shown.output
    assert "post" not in shown.output
    assert shown.output.endswith("2 alerts are open\n")
    assert [each["subject"] for each in json.loads(asked(options, "alerts", "--json").output)] == ["herald", "ledger"]


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
    assert "0 articles fetched in the last 24 h" in said(options, "freshness")
    now = datetime.now(UTC)
    slow = enriched("slow", source="slow.example", fetched_at=now, found_at=now - timedelta(hours=3))
    quick = enriched("quick", fetched_at=now, found_at=now)
    write.stage(options.elasticsearch).handle([slow, quick])
    article_search.refresh(options.elasticsearch)
    shown = said(options, "freshness", "--sources", "1")
    assert "2 articles fetched in the last 24 h: 50.0% met the target\n" in shown
    assert "the target: 95% within 60 s of their discovery\n" in shown
    assert "slow.example" in shown
    assert "paper.example" not in shown
    assert "1 more sources: --sources" in shown
    assert json.loads(said(options, "freshness", "--json"))["by_source"]["paper.example"]["share"] == 1.0
