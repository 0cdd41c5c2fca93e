"""robots.txt (RFC 9309): decides whether our crawler may request a URL, and caches the rules of all hosts.

In: URLs, and a function that fetches a robots.txt politely. Out: a RobotsDecision, the sitemaps that a robots.txt
names, and its opt-out signals (ingest/web/opt_out). Rules are cached for a day; concurrent callers share one request.
What holds when a robots.txt is missing or can't be fetched is explained in docs/decisions/0010. Only this file imports
protego.
"""

import asyncio
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from protego import Protego
from yarl import URL

from ingest.web.fetch import Fetched, FetchError, FetchResult, NotModified
from ingest.web.opt_out import robots_opt_outs
from ingest.web.robots_groups import agent, decode_robots, rewrite_groups

PRODUCT_TOKEN = "Newsloom"  # noqa: S105 - our name in robots.txt (RFC 9309, 2.2.1)
OUR_AGENT = agent(PRODUCT_TOKEN)
# RFC 9309, 2.5, demands that at least so much of a robots.txt is read; we read no more
MOST_BYTES = 500 * 1024
MOST_REDIRECTS = 5  # RFC 9309, 2.3.1.2
RULES_TTL_SECONDS = 24 * 3600.0  # how long rules are cached: the most that RFC 9309, 2.4, allows
UNREADABLE_TTL_SECONDS = 600.0  # how long a response such as 503 is cached
UNREACHABLE_TTL_SECONDS = 60.0  # how long a failure to connect is cached: enough for a burst to share it
# compressed texts of 30,000 hosts; parsed rules take some 25 times their text
MOST_CACHED_BYTES = 32 * 1024 * 1024
MOST_PARSED_CHARS = 1_500_000
PARSE_IN_THREAD_CHARS = 32 * 1024  # takes more than some milliseconds to parse
MOST_CACHED_DECISIONS = 256
MOST_CACHED_URL_CHARS = 500
MOST_SITEMAPS = 100
# errors of the host itself: the request for the page would fail in the same way
UNREACHABLE_KINDS = frozenset({"dns", "connect", "tls", "timeout", "paused"})

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class RobotsDecision:
    """Whether a URL may be requested, by which robots.txt (`rule_url`), and the HTTP status of that robots.txt.

    `crawl_delay` is in seconds. `error`: why the robots.txt can't be read, in which case nothing may be requested.
    """

    allowed: bool
    rule_url: str = ""
    status: int | None = None
    crawl_delay: float = 0.0
    error: FetchError | None = None


@dataclass(slots=True)
class _Rules:
    """The cached robots.txt of one origin. `text` is zlib-compressed, and empty where everything is allowed."""

    valid_until: float
    status: int | None = None
    text: bytes = b""
    crawl_delay: float = 0.0
    opt_outs: tuple[str, ...] = ()
    error: FetchError | None = None
    decisions: dict[str, RobotsDecision] = field(default_factory=dict)  # by URL: feeds are requested again and again


class WeightedLruCache(Generic[K, V]):
    """A cache that drops the least recently used items while the sum of weights is above `max_weight`."""

    def __init__(self, max_weight: int) -> None:
        self._max_weight, self._weight = max_weight, 0
        self._items: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The cached value, or None."""
        found = self._items.get(key)
        if found is None:
            return None
        self._items.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V, weight: int) -> None:
        """Caches a value, replacing one under the same key. The newest item stays even if it is too heavy alone."""
        _, old_weight = self._items.pop(key, (None, 0))
        self._items[key] = (value, weight)
        self._weight += weight - old_weight
        while self._weight > self._max_weight and len(self._items) > 1:
            self._weight -= self._items.popitem(last=False)[1][1]


class RobotsCache:
    """The robots.txt rules of all hosts, for one event loop.

    `fetch` gets a robots.txt by its URL, with redirects, at most MOST_BYTES of it. `max_crawl_delay` in seconds.
    """

    def __init__(
        self, fetch: Callable[[str], Awaitable[FetchResult]], clock: Callable[[], float], max_crawl_delay: float
    ) -> None:
        self._fetch, self._clock, self._max_crawl_delay = fetch, clock, max_crawl_delay
        self._rules: WeightedLruCache[str, _Rules] = WeightedLruCache(MOST_CACHED_BYTES)
        self._parsed: WeightedLruCache[bytes, Protego] = WeightedLruCache(MOST_PARSED_CHARS)
        self._fetching: dict[str, asyncio.Task[_Rules]] = {}

    async def decide(self, url: str) -> RobotsDecision:
        """Whether `url` may be requested; fetches its robots.txt unless it is cached."""
        origin = _origin(url)
        rules = self._rules.get(origin)
        if rules is None or rules.valid_until <= self._clock():
            rules = await self._fetch_once(origin)
        if (decision := rules.decisions.get(url)) is not None:
            return decision
        allowed = rules.error is None and (not rules.text or (await self._parser(rules)).can_fetch(url, OUR_AGENT))
        decision = RobotsDecision(allowed, _robots_url(origin), rules.status, rules.crawl_delay, rules.error)
        if len(url) < MOST_CACHED_URL_CHARS:
            if len(rules.decisions) >= MOST_CACHED_DECISIONS:
                rules.decisions.clear()
            rules.decisions[url] = decision
        return decision

    def opt_outs(self, url: str) -> tuple[str, ...]:
        """The opt-out signals in the robots.txt of `url`; none unless it is cached."""
        rules = self._rules.get(_origin(url))
        return rules.opt_outs if rules else ()

    async def sitemaps(self, url: str) -> list[str]:
        """URLs of the sitemaps in the robots.txt of `url`, at most MOST_SITEMAPS; fetches it unless it is cached."""
        await self.decide(url)
        rules = self._rules.get(_origin(url))
        return list((await self._parser(rules)).sitemaps)[:MOST_SITEMAPS] if rules and rules.text else []

    async def close(self) -> None:
        """Cancels the requests that are under way."""
        tasks = list(self._fetching.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetch_once(self, origin: str) -> _Rules:
        """Shares one request among concurrent callers; it goes on even if the first of them is cancelled."""
        task = self._fetching.get(origin)
        if task is None:
            task = self._fetching[origin] = asyncio.create_task(self._fetch_rules(origin))
            task.add_done_callback(lambda _: self._fetching.pop(origin, None))
        return await asyncio.shield(task)

    async def _fetch_rules(self, origin: str) -> _Rules:
        answer = await self._fetch(_robots_url(origin))
        rules = await self._to_rules(answer)
        cached = self._rules.get(origin)
        if rules.error is not None and cached is not None and cached.error is None:
            # RFC 9309, 2.4: the old rules hold while newer ones can't be read
            cached.valid_until = rules.valid_until
            return cached
        self._store(origin, rules)
        if isinstance(answer, Fetched) and answer.hops and answer.url == _robots_url(_origin(answer.url)):
            self._store(_origin(answer.url), rules)  # http to https, example.org to www.example.org
        return rules

    def _store(self, origin: str, rules: _Rules) -> None:
        self._rules.put(origin, rules, 1000 + len(rules.text))

    async def _to_rules(self, answer: FetchResult) -> _Rules:
        now = self._clock()
        if isinstance(answer, NotModified):
            answer = FetchError("http", "304 without a condition", 304)
        if isinstance(answer, FetchError):
            return _rules_after_error(answer, now)
        text = decode_robots(answer.body)
        rules = _Rules(now + RULES_TTL_SECONDS, answer.status, zlib.compress(rewrite_groups(text).encode()))
        parser = await self._parser(rules)
        rules.crawl_delay = min(parser.crawl_delay(OUR_AGENT) or 0.0, self._max_crawl_delay)
        rules.opt_outs = robots_opt_outs(text, lambda name: not parser.can_fetch("/", agent(name)))
        return rules

    async def _parser(self, rules: _Rules) -> Protego:
        parser = self._parsed.get(rules.text)
        if parser is None:
            text = zlib.decompress(rules.text).decode()
            parser = (
                await asyncio.to_thread(Protego.parse, text)
                if len(text) > PARSE_IN_THREAD_CHARS
                else Protego.parse(text)
            )
            self._parsed.put(rules.text, parser, len(text) + 1000)
        return parser


def _rules_after_error(error: FetchError, now: float) -> _Rules:
    """The rules that hold when the robots.txt is missing (all is allowed) or can't be read now (nothing is)."""
    absent = error.status is not None and 300 <= error.status < 500 and error.status != 429
    if absent or error.kind in ("redirect", "refused", "robots"):
        return _Rules(now + RULES_TTL_SECONDS, error.status)
    detail = f"robots.txt: {error.detail}"
    if error.kind in UNREACHABLE_KINDS:
        seconds = 0.0 if error.kind == "paused" else UNREACHABLE_TTL_SECONDS
        return _Rules(now + seconds, error=FetchError(error.kind, detail, retry_after=error.retry_after))
    later = FetchError("robots", detail, error.status, f"{UNREADABLE_TTL_SECONDS:.0f}")
    return _Rules(now + UNREADABLE_TTL_SECONDS, error.status, error=later)


def _origin(url: str) -> str:
    """Scheme, host and port of a URL: the scope of a robots.txt."""
    parts = URL(url)  # cheap: yarl caches the URLs that were parsed last
    return f"{parts.scheme}://{parts.host_port_subcomponent}"


def _robots_url(origin: str) -> str:
    return f"{origin}/robots.txt"
