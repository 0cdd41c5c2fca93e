"""Feed trial: a feed asked for once, politely; robots.txt and the host's pace are kept to.

In: an address. Out: where it is after redirects, and what it says; or why it is no feed.
"""

import asyncio
from collections.abc import Mapping

from ingest.feeds.entry import ParsedFeed
from pipeline import settings
from pipeline.failures import Poison, Unavailable


def fetch_feed(knobs: settings.Ingest, url: str, links: str | None = None) -> tuple[str, ParsedFeed]:
    """The feed at an address, and the address after redirects.

    `links`: of a page that lists links, its selector (`Feed.links`).

    Raises Unavailable when it can't be had, Poison when it is no feed.
    """
    from ingest.feeds.parse import parse_feed  # noqa: PLC0415 - only when asked
    from ingest.web.client import WebClient  # noqa: PLC0415
    from ingest.web.fetch import Fetched, FetchError, FetchResult  # noqa: PLC0415

    async def ask() -> FetchResult:
        async with WebClient(knobs) as web:
            return await web.get(url, knobs.max_feed_bytes)

    answer = asyncio.run(ask())
    if not isinstance(answer, Fetched):
        raise Unavailable(url, answer.detail if isinstance(answer, FetchError) else "it answers that nothing changed")
    if links is not None:
        return answer.url, _read_links(answer.body, answer.url, answer.headers, links)
    parsed = parse_feed(answer.body, answer.url, answer.headers, knobs.max_feed_bytes)
    if not parsed.kind:
        raise Poison("no_feed", f"{url} is no feed: `newsloom feeds discover {url}` looks for the feeds of its site")
    return answer.url, parsed


def _read_links(body: bytes, url: str, headers: Mapping[str, str], selector: str) -> ParsedFeed:
    """What a page that lists links says. Raises Poison when it lists none."""
    from ingest.hub_pages.hub_page import parse_hub_page  # noqa: PLC0415 - only when asked

    parsed = parse_hub_page(body, url, headers, selector)
    if not parsed.entries:
        raise Poison("no_links", f"{url}: {parsed.error}")
    return parsed
