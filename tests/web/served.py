"""The page, served in a thread of the test, and clients that ask it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec
from lxml import html

from embedded import ports
from pipeline.service import Service
from pipeline.settings import Settings
from web import server
from web.frame import History, Operations

SECONDS = 20.0


@contextmanager
def served(
    options: Settings, history: History | None = None, operations: Operations | None = None, **web: Any
) -> Iterator[str]:
    """The address of the page with these settings; `web` are those of its own section that differ."""
    [port] = ports.choose_ports({"the page": 0})
    own = msgspec.structs.replace(options.web, **{"port": port, **web})
    service = Service("web")
    serving = threading.Thread(
        target=server.run, args=(msgspec.structs.replace(options, web=own), service, history, operations)
    )
    serving.start()
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=8), trust_env=False) as client:
            client.get(f"http://127.0.0.1:{port}/login", timeout=SECONDS)
        yield f"http://127.0.0.1:{port}"
    finally:
        service.stop.set()
        serving.join()


@contextmanager
def browsing(url: str, **named: Any) -> Iterator[httpx.Client]:
    """A client as a browser is one, but that it follows no redirect."""
    headers = {"Accept": "text/html", **named.pop("headers", {})}
    with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=SECONDS, **named) as client:
        yield client


def read(answer: httpx.Response) -> html.HtmlElement:
    """The page as a tree."""
    return html.document_fromstring(answer.content, parser=html.HTMLParser(encoding="utf-8"))


def text_of(answer: httpx.Response) -> str:
    """What a person reads on the page, with single spaces."""
    return " ".join(read(answer).text_content().split())
