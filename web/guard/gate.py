"""The gate: every request passes it. Only under our own names, forms only from our own pages, and with a session where
a password is set.

In: a request. Out: what the handler behind it answers, or a refusal.
"""

import time
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from web.guard import host_names
from web.guard.sessions import COOKIE, Sessions

STATIC = "/static/"


def make_gate(sessions: Sessions | None, names: frozenset[str], open_paths: frozenset[str]) -> Middleware:
    """The gate as a middleware of aiohttp. `names`: of this server; `open_paths`: what needs no session."""

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
        if changes or not request.headers.get("Accept", "").startswith("text/html"):
            return _refused(401, "The password is asked for at /login.")
        raise web.HTTPSeeOther(f"/login?next={quote(request.path_qs)}")

    return gate


def _refused(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=f"{text}\n")
