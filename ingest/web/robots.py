"""May we, says robots.txt (RFC 9309): a URL -> a Decision. The only file that knows protego.

In: URLs, and a way to ask for a robots.txt that keeps to the host's turn. Out: decisions, the sitemaps that a
robots.txt names, and what it says against automated use. Rules are kept for a day; askers at the same time share one
request. The failure modes are argued in docs/decisions/0010.
"""

import asyncio
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from protego import Protego
from yarl import URL

from ingest.web.fetch import Answer, Fetched, FetchError, NotModified
from ingest.web.opt_out import robots_signals

TOKEN = "Newsloom"  # noqa: S105 - our name in robots.txt (RFC 9309, 2.2.1)
# what must be read at least of a robots.txt (RFC 9309, 2.5), and what we read at most
MOST_BYTES = 500 * 1024
MOST_REDIRECTS = 5  # RFC 9309, 2.3.1.2
RULES_SECONDS = 24 * 3600.0  # RFC 9309, 2.4: no longer
ERROR_SECONDS = 600.0  # of an answer such as 503
SILENCE_SECONDS = 60.0  # of none: enough for a burst to share it
# compressed texts of 30,000 hosts; parsed rules take some 25 times their text
KEPT_BYTES = 32 * 1024 * 1024
PARSED_CHARS = 1_500_000
LONG_TEXT = 32 * 1024  # takes more than some milliseconds to parse
MOST_VERDICTS = 256
LONG_URL = 500
MOST_SITEMAPS = 100
# the host itself can't be had: the request would end as this one did
NO_ANSWER = frozenset({"dns", "connect", "tls", "timeout", "paused"})

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a URL may be asked; by which robots.txt, and the status that it was answered with.

    `delay`: its Crawl-delay in seconds. `error`: why there is no robots.txt to decide by, so nothing may be asked.
    """

    allowed: bool
    rule_url: str = ""
    status: int | None = None
    delay: float = 0.0
    error: FetchError | None = None


@dataclass(slots=True)
class _Rules:
    """What is kept of one robots.txt. `text` is compressed, and empty where everything is allowed."""

    until: float
    status: int | None = None
    text: bytes = b""
    delay: float = 0.0
    signals: tuple[str, ...] = ()
    error: FetchError | None = None
    verdicts: dict[str, Decision] = field(default_factory=dict)  # by URL: feeds are asked again and again


class Shelf(Generic[K, V]):
    """A mapping that forgets what was not used for the longest time when all together is too heavy."""

    def __init__(self, most: int) -> None:
        self._most, self._weight = most, 0
        self._items: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """What lies there, or None."""
        found = self._items.get(key)
        if found is None:
            return None
        self._items.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V, weight: int) -> None:
        """Puts it there, in place of what lay there."""
        _, before = self._items.pop(key, (None, 0))
        self._items[key] = (value, weight)
        self._weight += weight - before
        while self._weight > self._most and len(self._items) > 1:
            self._weight -= self._items.popitem(last=False)[1][1]


class Robots:
    """The robots.txt of all hosts. `ask` gets one, with its redirects, at most MOST_BYTES of it. One event loop."""

    def __init__(self, ask: Callable[[str], Awaitable[Answer]], clock: Callable[[], float], most_delay: float) -> None:
        self._ask, self._clock, self._most_delay = ask, clock, most_delay
        self._rules: Shelf[str, _Rules] = Shelf(KEPT_BYTES)
        self._parsed: Shelf[bytes, Protego] = Shelf(PARSED_CHARS)
        self._asking: dict[str, asyncio.Task[_Rules]] = {}

    async def decision(self, url: str) -> Decision:
        """Whether we may ask for `url`; asks for its robots.txt where it is not known."""
        origin = _origin(url)
        rules = self._rules.get(origin)
        if rules is None or rules.until <= self._clock():
            rules = await self._shared(origin)
        if (known := rules.verdicts.get(url)) is not None:
            return known
        allowed = rules.error is None and (not rules.text or (await self._parser(rules)).can_fetch(url, TOKEN))
        made = Decision(allowed, _address(origin), rules.status, rules.delay, rules.error)
        if len(url) < LONG_URL:
            if len(rules.verdicts) >= MOST_VERDICTS:
                rules.verdicts.clear()
            rules.verdicts[url] = made
        return made

    def signals(self, url: str) -> tuple[str, ...]:
        """What the robots.txt of `url`, where we know it, says against automated use."""
        rules = self._rules.get(_origin(url))
        return rules.signals if rules else ()

    async def sitemaps(self, url: str) -> list[str]:
        """The sitemaps that the robots.txt of `url` names."""
        await self.decision(url)
        rules = self._rules.get(_origin(url))
        return list((await self._parser(rules)).sitemaps)[:MOST_SITEMAPS] if rules and rules.text else []

    async def close(self) -> None:
        """Gives up what is being asked for."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _shared(self, origin: str) -> _Rules:
        """One request for all who ask now; it goes on when the first of them is cancelled."""
        task = self._asking.get(origin)
        if task is None:
            task = self._asking[origin] = asyncio.create_task(self._renewed(origin))
            task.add_done_callback(lambda _: self._asking.pop(origin, None))
        return await asyncio.shield(task)

    async def _renewed(self, origin: str) -> _Rules:
        answer = await self._ask(_address(origin))
        rules = await self._read(answer)
        before = self._rules.get(origin)
        if rules.error is not None and before is not None and before.error is None:
            before.until = rules.until  # RFC 9309, 2.4: rules that were read hold while there are no newer ones
            return before
        self._keep(origin, rules)
        if isinstance(answer, Fetched) and answer.hops and answer.url == _address(_origin(answer.url)):
            self._keep(_origin(answer.url), rules)  # http to https, example.org to www.example.org
        return rules

    def _keep(self, origin: str, rules: _Rules) -> None:
        self._rules.put(origin, rules, 1000 + len(rules.text))

    async def _read(self, answer: Answer) -> _Rules:
        now = self._clock()
        if isinstance(answer, NotModified):
            answer = FetchError("http", "304 without a condition", 304)
        if isinstance(answer, FetchError):
            return _without(answer, now)
        text = answer.body.decode("utf-8-sig", errors="replace")
        rules = _Rules(now + RULES_SECONDS, answer.status, zlib.compress(text.encode()))
        parser = await self._parser(rules)
        rules.delay = min(parser.crawl_delay(TOKEN) or 0.0, self._most_delay)
        rules.signals = robots_signals(text, lambda agent: not parser.can_fetch("/", agent))
        return rules

    async def _parser(self, rules: _Rules) -> Protego:
        parser = self._parsed.get(rules.text)
        if parser is None:
            text = zlib.decompress(rules.text).decode()
            parser = await asyncio.to_thread(Protego.parse, text) if len(text) > LONG_TEXT else Protego.parse(text)
            self._parsed.put(rules.text, parser, len(text) + 1000)
        return parser


def _without(error: FetchError, now: float) -> _Rules:
    """What holds when there is no robots.txt, or none that can be read now."""
    absent = error.status is not None and 300 <= error.status < 500 and error.status != 429
    if absent or error.kind in ("redirect", "refused", "robots"):
        return _Rules(now + RULES_SECONDS, error.status)
    detail = f"robots.txt: {error.detail}"
    if error.kind in NO_ANSWER:
        seconds = 0.0 if error.kind == "paused" else SILENCE_SECONDS
        return _Rules(now + seconds, error=FetchError(error.kind, detail, retry_after=error.retry_after))
    later = FetchError("robots", detail, error.status, f"{ERROR_SECONDS:.0f}")
    return _Rules(now + ERROR_SECONDS, error.status, error=later)


def _origin(url: str) -> str:
    """Scheme, host and port: what a robots.txt is for."""
    parts = URL(url)  # parsed a moment ago: the library keeps it
    return f"{parts.scheme}://{parts.host_port_subcomponent}"


def _address(origin: str) -> str:
    return f"{origin}/robots.txt"
