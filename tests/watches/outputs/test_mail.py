"""Mails: what they say, and which answers of a mail server are final."""

import email
import email.policy

import msgspec
import pytest

from pipeline import settings
from pipeline.failures import Poison, Unavailable
from pipeline.settings import Settings
from tests.watches.receivers import Receiver, mail_receiver
from tests.watches.samples import NOON, hit
from watches.outputs import mail

HITS = (hit("a", title="Hafen\r\nBcc: all@example.org – „endlich“", changed=("title",)), hit("b"))


def to(received: Receiver, options: Settings) -> settings.Watches:
    """The settings for a mail server without TLS."""
    return msgspec.structs.replace(
        options.watches, smtp_host="127.0.0.1", smtp_port=received.port, smtp_security="none", timeout_seconds=5.0
    )


LETTER = mail.build_mail("news@paper.example", ["desk@example.org", "night@example.org"], "harbour", HITS, NOON)


def test_a_mail_tells_its_hits(offline_options: Settings) -> None:
    with mail_receiver() as received:
        mail.send(LETTER, to(received, offline_options))
    [raw] = received.bodies
    told = email.message_from_bytes(raw, policy=email.policy.default)
    assert told["to"] == "desk@example.org, night@example.org"
    assert told["from"] == "news@paper.example"
    assert told["bcc"] is None
    assert told["subject"].startswith("[harbour] Hafen")
    assert told["subject"].endswith("„endlich“ and 1 more")
    body = told.get_content()
    assert "https://paper.example/a\n" in body.replace("\r\n", "\n")
    assert "The Paper (paper.example), 2026-09-01 00:00 UTC, changed: title" in body


@pytest.mark.parametrize(
    ("answer", "failure"), [(b"554 never", Poison), (b"452 full", Unavailable), (b"421 closing", Unavailable)]
)
def test_an_answer_says_whether_it_is_final(offline_options: Settings, answer: bytes, failure: type[Exception]) -> None:
    with mail_receiver() as received:
        received.mail_status = answer
        with pytest.raises(failure, match=answer.split()[1].decode()):
            mail.send(LETTER, to(received, offline_options))


def test_nobody_there_and_no_server_named_are_tried_again(offline_options: Settings, free_port: int) -> None:
    with pytest.raises(Unavailable, match="smtp_host is empty"):
        mail.send(LETTER, offline_options.watches)
    with pytest.raises(Unavailable, match="ConnectionRefusedError"):
        mail.send(LETTER, to(Receiver(port=free_port), offline_options))


def test_a_server_without_tls_gets_no_mail_where_tls_is_wanted(offline_options: Settings) -> None:
    with mail_receiver() as received:
        wanted = msgspec.structs.replace(to(received, offline_options), smtp_security="starttls")
        with pytest.raises(Unavailable):
            mail.send(LETTER, wanted)
    assert received.bodies == []
