"""Calls of webhooks: what is sent, how it is signed, which answers are final."""

import base64
import hashlib
import hmac
import time

import msgspec
import pytest

from pipeline.failures import Poison, Unavailable
from tests.watches.receivers import drip, webhook_receiver
from tests.watches.samples import NOON, hit
from watches.outputs import webhook

HITS = (hit("a", title="Hafen – „endlich“"), hit("b"))
BODY = webhook.build_body("harbour", HITS)

ID = webhook.call_id(hit.id for hit in HITS)


def test_a_call_has_hits_and_a_signature() -> None:
    with webhook_receiver() as received:
        webhook.call(
            received.url,
            BODY,
            webhook.build_headers(ID, BODY, "a secret", NOON),
            5.0,
        )
    [body], [headers] = received.bodies, received.headers
    told = msgspec.json.decode(body)
    assert (told["watch"], [each["article"] for each in told["hits"]]) == ("harbour", ["a", "b"])
    assert told["hits"][0]["title"] == "Hafen – „endlich“"
    assert not {"schema", "outputs"} & told["hits"][0].keys()
    assert received.paths == ["/hits?of=us"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(b"a secret", signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"


def test_a_secret_may_be_written_in_base64() -> None:
    coded = webhook.SECRET_PREFIX + base64.b64encode(b"a secret").decode()
    assert webhook.sign(coded, "id", "1", b"{}") == webhook.sign("a secret", "id", "1", b"{}")
    with pytest.raises(Poison, match="wrong_secret"):
        webhook.sign(f"{webhook.SECRET_PREFIX}?", "id", "1", b"{}")


def test_without_a_secret_nothing_is_signed_and_a_repetition_is_known_by_its_id() -> None:
    first, second = (webhook.build_headers(ID, BODY, "", NOON) for _ in range(2))
    assert "webhook-signature" not in first
    assert first["webhook-id"] == second["webhook-id"] == ID != webhook.call_id([HITS[0].id])


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 422])
def test_what_will_not_change_is_refused_for_good_and_no_redirect_is_followed(status: int) -> None:
    with webhook_receiver() as received:
        received.status = status
        with pytest.raises(Poison, match=f"refused_webhook: status {status}: said"):
            webhook.call(received.url, BODY, {}, 5.0)
    assert len(received.bodies) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_change_is_tried_again(status: int) -> None:
    with webhook_receiver() as received:
        received.status = status
        with pytest.raises(Unavailable, match=f"status {status}"):
            webhook.call(received.url, BODY, {}, 5.0)


def test_nobody_there_is_tried_again(free_port: int) -> None:
    with pytest.raises(Unavailable, match="ConnectionRefusedError"):
        webhook.call(f"http://127.0.0.1:{free_port}/", BODY, {}, 5.0)


def test_an_answer_that_never_ends_is_cut_off() -> None:
    began = time.monotonic()
    with drip(0.05) as port, pytest.raises(Unavailable, match="no whole answer"):
        webhook.call(f"http://127.0.0.1:{port}/", BODY, {}, 0.3)
    assert time.monotonic() - began < 5
