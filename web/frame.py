"""Frame of every page: what it is asked, what it may answer, what it has to ask with.

A page is a path and a function from what was asked to an answer. The function may take its time: it runs in a thread.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from pipeline.alert_message import Alert
from pipeline.failures import Failure
from pipeline.settings import Settings
from web.guard.form_tokens import FormTokens
from web.guard.sessions import Sessions
from web.open_views import OpenViews


class NoSuchPage(Failure):
    """There is nothing at this address; the message says what was looked for, and what helps."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a page sees it.

    `named`: what the braces of its path stand for. `query` and `form`: every value by name, in their order.
    """

    path: str  # with its query
    named: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    now: datetime
    form: Mapping[str, Sequence[str]] = field(default_factory=dict)
    client: str = ""  # its address
    session: str = ""  # the token of its cookie
    headers: Mapping[str, str] = field(default_factory=dict)  # names do not mind their case
    origin: str = ""  # of this server, as it was called: http://localhost:8000

    def word(self, name: str) -> str:
        """The first value of this name in the query; "" for none."""
        return next(iter(self.query.get(name, ())), "")

    def field(self, name: str) -> str:
        """The first value of this name in the form; "" for none."""
        return next(iter(self.form.get(name, ())), "")


@dataclass(frozen=True, slots=True)
class Shown:
    """A page to be rendered: its template, what that shows, its title.

    `refresh`: after how many seconds the page's script asks again; 0 never.
    """

    template: str
    title: str
    view: Any
    status: int = 200
    refresh: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """Bytes that are sent as they are: JSON, a feed."""

    body: bytes
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Streamed:
    """Bytes that are sent as they are made: a list of any length. Failures before the first are told on a page."""

    chunks: Iterable[bytes]
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SentOn:
    """Another address of this server, to go to instead. `session`: a token to remember, "" to forget it."""

    to: str
    session: str | None = None


Answer = Shown | Sent | Streamed | SentOn


class History(Protocol):
    """What only the topics know of an article: `newsloom web` brings it, for its commands have it too."""

    def way(self, id_: str) -> Any:
        """The way of an article, as `newsloom trace` tells it."""

    def revisions(self, id_: str, first_seen_at: datetime) -> Sequence[Any]:
        """The revisions of an article, as `newsloom article --revisions` tells them."""


class Operations(Protocol):
    """What only commands know of the running pipeline: `newsloom web` brings it."""

    def feed_list(self) -> Path:
        """The feed list, of the run or of the settings."""

    def status(self) -> Any:
        """How every stage is doing, as `newsloom status` tells it. Asks all processes: takes seconds at most."""

    def open_alerts(self) -> Sequence[Alert]:
        """What is wrong now, as `newsloom alerts` tells it. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class Site:
    """What every page may ask: the settings, the zone of times, sessions (None: no password), an article's
    history, the views that searches look through."""

    options: Settings
    zone: ZoneInfo
    sessions: Sessions | None = None
    history: History | None = None
    operations: Operations | None = None
    forms: FormTokens = field(default_factory=FormTokens)
    views: OpenViews = field(default_factory=OpenViews)


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its name (for metrics), its path as aiohttp writes one, and what shows it."""

    name: str
    path: str
    show: Callable[[Asked, Site], Answer]
    method: str = "GET"
