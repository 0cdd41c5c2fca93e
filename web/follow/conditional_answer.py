"""Conditional answer: what somebody has already is not sent again (RFC 9110, section 13). Pure.

In: a body and when it last changed, the headers of the request. Out: the body, or 304 without it. The tag decides where
both are given; it is a hash of the body.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from web.frame import Sent


def answer(headers: Mapping[str, str], body: bytes, content_type: str, modified: datetime | None) -> Sent:
    """The answer to a request with these headers. `modified`: when the content last changed, None for unknown."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    told = {"ETag": tag, "Cache-Control": "no-cache"}
    if modified is not None:
        told["Last-Modified"] = format_datetime(modified.astimezone(UTC).replace(microsecond=0), usegmt=True)
    if _has(headers, tag, modified):
        return Sent(b"", content_type, 304, told)
    return Sent(body, content_type, 200, told)


def _has(headers: Mapping[str, str], tag: str, modified: datetime | None) -> bool:
    known = headers.get("If-None-Match")
    if known is not None:
        return known.strip() == "*" or tag in {each.strip().removeprefix("W/") for each in known.split(",")}
    since = _time(headers.get("If-Modified-Since", ""))
    return since is not None and modified is not None and modified.replace(microsecond=0) <= since


def _time(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
