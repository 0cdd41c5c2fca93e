"""Webhook: tells a program of hits with one POST of JSON, signed as https://www.standardwebhooks.com says.

In: a URL, hits, a secret. Out: nothing; Poison `refused_webhook` for an answer that will not change (a 3xx or 4xx but
408, 425 and 429), Unavailable for everything else that is no 2xx. Headers:

    webhook-id          the same for the same hits, also when they are sent again: a receiver can know a repetition
    webhook-timestamp   seconds since 1970
    webhook-signature   "v1," and the base64 of the HMAC-SHA256 of "id.timestamp.body"; only where there is a secret

The body is {"watch": name, "hits": [...]}, with the fields of WatchHit that tell of the article.
"""

import base64
import hashlib
import hmac
import http.client
import string
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from pipeline.failures import Poison, Unavailable
from pipeline.watch_messages import WatchHit
from watches.outputs.time_limit import time_limit

SECRET_PREFIX = "whsec_"  # noqa: S105 - of a secret that is written in base64, as the specification does
NOT_TOLD = frozenset({"schema", "outputs"})  # fields of a hit that are ours
PASSING = frozenset({408, 425, 429})  # client errors that may go away
MOST_OF_ANSWER = 2_000  # bytes that are read, for the reason of a refusal
MOST_TOLD = 200  # characters of it


def build_body(watch: str, hits: Sequence[WatchHit]) -> bytes:
    """The JSON that is sent."""
    return msgspec.json.encode({"watch": watch, "hits": [as_told(hit) for hit in hits]})


def as_told(hit: WatchHit) -> dict[str, Any]:
    """A hit as programs are told of it."""
    return {name: value for name, value in msgspec.to_builtins(hit).items() if name not in NOT_TOLD}


def call_id(ids: Iterable[str]) -> str:
    """The id of a call that tells of things with these ids: the same when they are told again."""
    return hashlib.sha256(" ".join(ids).encode()).hexdigest()[:32]


def build_headers(id_: str, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """The headers that go with a call. Raises Poison for a secret that is no base64 behind its "whsec_"."""
    at = str(int(now.timestamp()))
    headers = {
        "content-type": "application/json",
        "user-agent": "newsloom",
        "webhook-id": id_,
        "webhook-timestamp": at,
    }
    return {**headers, "webhook-signature": sign(secret, id_, at, body)} if secret else headers


def sign(secret: str, id_: str, timestamp: str, body: bytes) -> str:
    """The signature of a call. Raises Poison `wrong_secret`."""
    try:
        coded = secret.startswith(SECRET_PREFIX)
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True) if coded else secret.encode()
    except ValueError as error:
        raise Poison("wrong_secret", "watches.webhook_secret has no base64 behind its whsec_") from error
    signed = hmac.new(key, f"{id_}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def call(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> None:
    """POSTs to a webhook; redirects are not followed. Takes about `seconds` at most. Raises Poison, Unavailable."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    try:
        with time_limit(seconds, lambda: connection.sock):
            connection.request("POST", _target(parts.path, parts.query), body, dict(headers))
            answer = connection.getresponse()
            _judge(answer.status, answer.read(MOST_OF_ANSWER))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unavailable("webhook", f"{type(error).__name__}: {error}"[:MOST_TOLD]) from error
    finally:
        connection.close()


def _target(path: str, query: str) -> str:
    """What is asked for: path and query, as a URL writes them; what is not ASCII is encoded."""
    return quote((path or "/") + (f"?{query}" if query else ""), safe=string.punctuation)


def _judge(status: int, said: bytes) -> None:
    if 200 <= status < 300:
        return
    detail = f"status {status}: {said.decode(errors='replace')[:MOST_TOLD]}"
    if 300 <= status < 500 and status not in PASSING:
        raise Poison("refused_webhook", detail)
    raise Unavailable("webhook", detail)
