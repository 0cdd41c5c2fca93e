"""The gate: every request passes it. Only under our own names, forms only from our own pages, and with a session where
a password is set.

In: a request. Out: what the handler behind it answers, or a refusal. Programs (readers of feeds, clients of the API)
have no session: for what they may read they give the password with each request, by Basic authentication (RFC 7617).
"""

import base64
import binascii
import time
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from web.guard import host_names
from web.guard.sessions import COOKIE, Sessions, TooManyTries

STATIC = "/static/"


def make_gate(
    sessions: Sessions | None, names: frozenset[str], open_paths: frozenset[str], program_paths: tuple[str, ...] = ()
) -> Middleware:
    """The gate as a middleware of aiohttp. `names`: of this server; `open_paths`: what needs no session;
    `program_paths`: beginnings of those that programs may read with the password alone."""

    @web.middleware
    async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not host_names.is_ours(request.headers.get("Host", ""), names):
            return _refused(421, "This server has another name: the setting web.host_names says to which it answers.")
        changes = request.method not in ("GET", "HEAD", "OPTIONS")
        if changes and host_names.comes_from_elsewhere(request.headers):
            return _refused(403, "Another site sent this form: nothing was done.")
        is_open = request.path in open_paths or request.path.startswith(STATIC)
        if sessions is None or is_open or sessions.knows(request.cookies.get(COOKIE, ""), time.monotonic()):
            return await handler(request)
        if not changes and request.path.startswith(program_paths):
            return await _ask_program(request, sessions) or await handler(request)
        if changes or not request.headers.get("Accept", "").startswith("text/html"):
            return _refused(401, "The password is asked for at /login.")
        raise web.HTTPSeeOther(f"/login?next={quote(request.path_qs)}")

    return gate


async def _ask_program(request: web.Request, sessions: Sessions) -> web.Response | None:
    """None for a program that gives the password; else why it is refused."""
    password = read_password(request.headers.get("Authorization", ""))
    try:
        if password is not None and sessions.accepts(password, request.remote or "", time.monotonic()):
            return None
    except TooManyTries as error:
        response = _refused(429, "The password was tried too often.")
        response.headers["Retry-After"] = str(round(error.seconds))
        return response
    response = _refused(401, "Give the password by Basic authentication, with any name, or at /login.")
    response.headers["WWW-Authenticate"] = 'Basic realm="Newsloom", charset="UTF-8"'
    return response


def read_password(header: str) -> str | None:
    """The password in a header of Basic authentication; None for none. Pure."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        _, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return password if colon else None


def _refused(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=f"{text}\n")
