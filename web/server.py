"""The path of a request: let in, found in the routes, asked and shown in a thread, rendered, answered.

In: HTTP requests. Out: pages. What can't be shown is told on a page, with what to do: never a traceback. The loop only
passes on: every page runs in a thread, and so does its rendering.
"""

import asyncio
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from multidict import MultiMapping

from index.searching import article_search
from pipeline import observability
from pipeline.failures import Failure, Unavailable, WrongSetting
from pipeline.service import Service
from pipeline.settings import Settings
from web.frame import Answer, Asked, History, NoSuchPage, Operations, Page, Sent, SentOn, Shown, Site, Streamed
from web.guard import content_policy, host_names
from web.guard.gate import make_gate
from web.guard.sessions import COOKIE, LASTS_SECONDS, Sessions
from web.pages import problem_page
from web.rendering import Renderer, StaticFile, read_static_files
from web.routes import NAVIGATION, OPEN_PATHS, PAGES, PROGRAM_PATHS

THREADS = 8  # pages that are shown at the same time; others wait
MOST_FORM_BYTES = 4 << 20  # a list of feeds is the longest
CHECK_SECONDS = 0.5
GRACE_SECONDS = 10.0  # for what is being answered when the service is to stop
PROBE_SECONDS = 10.0  # between two looks at whether Elasticsearch is there

PAGE_NAME = web.RequestKey("page", str)

_log = observability.get_logger("web")


def run(
    options: Settings, service: Service, history: History | None = None, operations: Operations | None = None
) -> None:
    """Serves the pages until the service is to stop. Raises WrongSetting."""
    check_access(options)
    make = partial(make_application, options, history=history, operations=operations)
    asyncio.run(_serve(options, service, make))


def check_access(options: Settings) -> None:
    """Raises WrongSetting where somebody from elsewhere could read without a password."""
    if not host_names.is_loopback(options.web.host) and not options.web.password:
        raise WrongSetting(
            f"web.host = {options.web.host!r} can be reached from other machines: set a password as "
            "NEWSLOOM_WEB__PASSWORD, or web.host to 127.0.0.1"
        )


async def _serve(options: Settings, service: Service, make: Callable[[ThreadPoolExecutor], web.Application]) -> None:
    with ThreadPoolExecutor(THREADS, thread_name_prefix="page") as threads:
        runner = web.AppRunner(make(threads), access_log=None, shutdown_timeout=GRACE_SECONDS)
        await runner.setup()
        try:
            await _listen(runner, options)
            await _watch(options, service, threads)
        finally:
            await runner.cleanup()


async def _listen(runner: web.AppRunner, options: Settings) -> None:
    try:
        await web.TCPSite(runner, options.web.host, options.web.port).start()
    except OSError as error:
        where = f"{options.web.host}:{options.web.port}"
        raise WrongSetting(f"web.port: {where} can't be opened ({error.strerror}); 0 picks a free one") from error
    _log.info("listening", addresses=[f"http://{host}:{port}" for host, port, *_ in runner.addresses])


async def _watch(options: Settings, service: Service, threads: ThreadPoolExecutor) -> None:
    """Says that we are alive, and whether Elasticsearch is, until the service is to stop."""
    loop, looked_at, problem = asyncio.get_running_loop(), -PROBE_SECONDS, ""
    while not service.stop.is_set():
        if time.monotonic() - looked_at >= PROBE_SECONDS:
            looked_at, problem = time.monotonic(), await loop.run_in_executor(threads, _problem, options)
        service.heartbeat(problem)
        await asyncio.sleep(CHECK_SECONDS)


def _problem(options: Settings) -> str:
    try:
        article_search.count(options.elasticsearch)
    except Failure as failure:
        return str(failure)
    return ""


def make_application(
    options: Settings,
    threads: ThreadPoolExecutor,
    history: History | None = None,
    operations: Operations | None = None,
) -> web.Application:
    """The application: all routes behind the guard. Raises WrongSetting."""
    patient = msgspec.structs.replace(options.elasticsearch, timeout_seconds=options.web.timeout_seconds)
    sessions = Sessions(options.web.password) if options.web.password else None
    site = Site(
        msgspec.structs.replace(options, elasticsearch=patient), options.display.zone(), sessions, history, operations
    )
    static = read_static_files()
    desk = _Desk(site, Renderer(site.zone, NAVIGATION, static, locked=sessions is not None), threads)
    names = frozenset(options.web.host_names.lower().split())
    guard: list[Middleware] = [_measure, desk.tell_problems, make_gate(sessions, names, OPEN_PATHS, PROGRAM_PATHS)]
    application = web.Application(middlewares=guard, client_max_size=MOST_FORM_BYTES)
    for page in PAGES:
        application.router.add_route(page.method, page.path, partial(desk.answer, page), name=None)
    application.router.add_get("/static/{name}", partial(_send_static, static))
    application.on_response_prepare.append(_add_headers)
    return application


# --- the guard ---


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in content_policy.HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def _measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Counts and logs each answer by its page; what was searched for is nobody's business."""
    began, status = time.monotonic(), 500
    try:
        response = await handler(request)
        status = response.status
        return response
    except web.HTTPException as error:
        status = error.status
        raise
    finally:
        seconds, page = time.monotonic() - began, str(request.get(PAGE_NAME, "none"))
        observability.PAGES_SHOWN.labels(page, str(status)).inc()
        observability.PAGE_SECONDS.labels(page).observe(seconds)
        _log.info("answered", page=page, status=status, seconds=round(seconds, 4))


# --- the answer ---


class _Desk:
    """Asks pages in threads, and makes responses of their answers."""

    def __init__(self, site: Site, renderer: Renderer, threads: ThreadPoolExecutor) -> None:
        self._site, self._renderer, self._threads = site, renderer, threads

    async def answer(self, page: Page, request: web.Request) -> web.StreamResponse:
        """The answer of a page."""
        request[PAGE_NAME] = page.name
        asked = await _asked(request)
        answer = await self._in_thread(partial(page.show, asked, self._site), request.path_qs)
        return await self._stream(answer, request) if isinstance(answer, Streamed) else answer

    @property
    def tell_problems(self) -> Middleware:
        """A middleware that tells on a page what went wrong."""

        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                return await handler(request)
            except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
                problem = problem_page.nothing_here()
            except (NoSuchPage, WrongSetting, Unavailable) as failure:
                problem = problem_page.of_failure(failure)
            except (web.HTTPException, asyncio.CancelledError):
                raise
            except Exception:
                _log.exception("bug", page=str(request.get(PAGE_NAME, "none")))
                problem = problem_page.of_bug()
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, partial(self._rendered, problem, request.path_qs)
            )

        return middleware

    async def _in_thread(self, show: Callable[[], Answer], path: str) -> web.Response | Streamed:
        work = partial(self._respond, show, path)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def _stream(self, answer: Streamed, request: web.Request) -> web.StreamResponse:
        """Sends chunk after chunk; each is made in a thread when the one before is gone. One that fails breaks off the
        connection, so that nobody takes a part for the whole."""
        response = web.StreamResponse(headers={**answer.headers, "Content-Type": answer.content_type})
        loop, chunks = asyncio.get_running_loop(), iter(answer.chunks)
        await response.prepare(request)
        try:
            while (chunk := await loop.run_in_executor(self._threads, next, chunks, None)) is not None:
                await response.write(chunk)
            await response.write_eof()
        except ConnectionError:
            pass  # whoever asked has gone
        except Exception:
            _log.exception("broken_off", page=str(request[PAGE_NAME]))
            if request.transport is not None:
                request.transport.abort()
        finally:
            if isinstance(chunks, Generator):
                await loop.run_in_executor(self._threads, chunks.close)
        return response

    def _respond(self, show: Callable[[], Answer], path: str) -> web.Response | Streamed:
        answer = show()
        if isinstance(answer, Streamed):
            return _begun(answer)
        if isinstance(answer, SentOn):
            return _sent_on(answer)
        if isinstance(answer, Sent):
            return web.Response(
                body=answer.body, status=answer.status, headers={**answer.headers, "Content-Type": answer.content_type}
            )
        return self._rendered(answer, path)

    def _rendered(self, shown: Shown, path: str) -> web.Response:
        html = self._renderer.render(shown, path)
        return web.Response(text=html, status=shown.status, content_type="text/html", headers=shown.headers)


def _begun(answer: Streamed) -> Streamed:
    """The answer with its first chunk made: what fails by then can still be told."""
    chunks = iter(answer.chunks)
    first = next(chunks, b"")
    return replace(answer, chunks=_after(first, chunks))


def _after(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from chunks


def _sent_on(answer: SentOn) -> web.Response:
    response = web.Response(status=303, headers={"Location": answer.to})
    if answer.session:
        response.set_cookie(COOKIE, answer.session, max_age=int(LASTS_SECONDS), httponly=True, samesite="Strict")
    elif answer.session is not None:
        response.del_cookie(COOKIE)
    return response


async def _asked(request: web.Request) -> Asked:
    return Asked(
        path=request.path_qs,
        named=dict(request.match_info),
        query=_values(request.query),
        now=datetime.now(UTC),
        form=_values(await request.post()) if request.method == "POST" else {},
        client=request.remote or "",
        session=request.cookies.get(COOKIE, ""),
        headers=request.headers,
        origin=str(request.url.origin()),
    )


def _values(fields: MultiMapping[Any]) -> dict[str, Sequence[str]]:
    """The texts by name; a file that was sent is its content."""
    return {name: [_text(value) for value in fields.getall(name)] for name in fields}


def _text(value: Any) -> str:
    return value.file.read().decode(errors="replace") if isinstance(value, web.FileField) else str(value)


async def _send_static(static: Mapping[str, StaticFile], request: web.Request) -> web.StreamResponse:
    request[PAGE_NAME] = "static"
    found = static.get(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return web.Response(body=found.body, content_type=found.content_type, charset="utf-8", headers=headers)
