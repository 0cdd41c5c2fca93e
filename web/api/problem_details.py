"""Problem details: what the API says instead of an answer (RFC 9457). Pure.

In: a failure. Out: application/problem+json, whose `detail` names what is wrong and what may be given instead.
"""

from collections.abc import Callable
from functools import wraps

import msgspec

from pipeline.failures import Failure, Unavailable
from web.frame import Answer, Asked, NoSuchPage, Page, Sent, Site

CONTENT_TYPE = "application/problem+json"
TITLES = {400: "Not understood", 404: "Not found", 503: "Not available"}
AGAIN_SECONDS = 10


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is wrong. `parameters` names those of the request that are."""

    title: str
    status: int
    detail: str
    parameters: tuple[str, ...] = ()


class WrongParameter(Failure):
    """A parameter that can't be used; the message says why, and what it may be."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name


def api_page(name: str, path: str, answer: Callable[[Asked, Site], msgspec.Struct]) -> Page:
    """The page of an answer in JSON; failures become problem details."""

    @wraps(answer)
    def show(asked: Asked, site: Site) -> Answer:
        try:
            return send(answer(asked, site))
        except Failure as failure:
            return send_problem(failure)

    return Page(name, path, show)


def send(value: object) -> Sent:
    """The value as JSON."""
    return Sent(msgspec.json.encode(value), "application/json")


def send_problem(failure: Failure) -> Sent:
    """The failure as problem details: 503 what is away, 404 what is not there, 400 what was asked wrongly."""
    status = 503 if isinstance(failure, Unavailable) else 404 if isinstance(failure, NoSuchPage) else 400
    named = (failure.name,) if isinstance(failure, WrongParameter) else ()
    problem = Problem(title=TITLES[status], status=status, detail=str(failure), parameters=named)
    headers = {"Retry-After": str(AGAIN_SECONDS)} if status == 503 else {}
    return Sent(msgspec.json.encode(problem), CONTENT_TYPE, status, headers)
