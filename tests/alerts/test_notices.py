"""Notices reach a webhook and a mailbox, in words that name what is wrong."""

import email
from email import policy

import msgspec
import pytest

from alerts import notices
from alerts.alert_state import Notice
from pipeline.failures import Poison, Unavailable
from pipeline.settings import Settings
from tests.alerts.samples import NOON, alert, minutes
from tests.watches.receivers import mail_receiver, webhook_receiver

ENDED = alert("c", ended_at=NOON + minutes(9))


def test_a_webhook_is_told_of_everything_with_a_signature(offline_options: Settings) -> None:
    options = msgspec.structs.replace(offline_options.watches, webhook_secret="a secret", timeout_seconds=5.0)  # noqa: S106
    with webhook_receiver() as received:
        notices.tell(Notice(f"webhook {received.url}", (alert("a"), alert("b")), (ENDED,)), options, NOON)
    [body], [headers] = received.bodies, received.headers
    told = msgspec.json.decode(body)
    assert [each["subject"] for each in told["began"]] == ["a", "b"]
    assert told["ended"] == [
        {
            "rule": "silence",
            "subject": "c",
            "text": "c is silent",
            "began_at": "2026-11-23T12:00:00Z",
            "ended_at": "2026-11-23T12:09:00Z",
        }
    ]
    assert headers["webhook-signature"].startswith("v1,")


def test_a_mail_names_each_and_counts_what_is_too_many(offline_options: Settings) -> None:
    many = tuple(alert(f"paper {n}") for n in range(23))
    with mail_receiver() as received:
        options = msgspec.structs.replace(
            offline_options.watches,
            smtp_host="127.0.0.1",
            smtp_port=received.port,
            smtp_security="none",
            mail_from="news@paper.example",
            timeout_seconds=5.0,
        )
        notices.tell(Notice("mail desk@paper.example", many, (ENDED,)), options, NOON)
    letter = email.message_from_bytes(received.bodies[0], policy=policy.default)
    assert letter["Subject"] == "[newsloom alert] paper 0 is silent and 23 more"
    assert letter["To"] == "desk@paper.example"
    text = str(letter.get_content())
    assert "Began: silence (23)" in text
    assert "paper 19 is silent" in text
    assert "paper 20 is silent" not in text
    assert "and 3 more" in text
    assert "Ended: silence (1)" in text


def test_a_hostile_name_steers_neither_mail_nor_terminal() -> None:
    notice = Notice("mail x", (alert("a\r\nBcc: x@y.example\x1b[2J"),), ())
    assert "\n" not in notices.subject_of(notice)
    assert "\x1b" not in notices.build_text(notice)


def test_a_repetition_is_known_by_its_id() -> None:
    first = Notice("mail x", (alert("a"),), ())
    assert notices.notice_id(first) == notices.notice_id(first)
    assert notices.notice_id(first) != notices.notice_id(Notice("mail x", (alert("b"),), ()))
    assert notices.notice_id(first) != notices.notice_id(Notice("mail x", (), (alert("a"),)))


@pytest.mark.parametrize(("status", "failure"), [(410, Poison), (503, Unavailable)])
def test_a_refusal_is_told_apart_from_a_failure(
    offline_options: Settings, status: int, failure: type[Exception]
) -> None:
    with webhook_receiver() as received:
        received.status = status
        with pytest.raises(failure):
            notices.tell(Notice(f"webhook {received.url}", (alert("a"),), ()), offline_options.watches, NOON)
