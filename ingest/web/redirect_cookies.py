"""Redirect cookies: what the answers of one chain of redirects set, for the next requests of that chain alone.

Some sites redirect in a ring until they see the cookie that they set. A chain begins without cookies and takes none
with it, so that nobody is recognised from one page to the next.
"""

from collections.abc import Mapping

import aiohttp
from yarl import URL

MOST_CHARS = 8 * 1024  # of the Cookie header: servers refuse longer ones


class RedirectCookies:
    """The cookies of one chain. A cookie goes back to the host, path and scheme that it was set for (RFC 6265)."""

    def __init__(self) -> None:
        self._jar: aiohttp.CookieJar | None = None  # most chains set none

    def remember(self, answer: aiohttp.ClientResponse) -> None:
        """Takes up the cookies that an answer sets."""
        if answer.cookies:
            self._jar = self._jar or aiohttp.CookieJar(unsafe=True)  # also of hosts that are addresses
            self._jar.update_cookies(answer.cookies, answer.url)

    def headers(self, url: URL) -> Mapping[str, str]:
        """The Cookie header of a request; none where there are no cookies for it, or too many."""
        found = self._jar.filter_cookies(url).values() if self._jar else ()
        text = "; ".join(f"{each.key}={each.coded_value}" for each in found)
        return {"Cookie": text} if 0 < len(text) <= MOST_CHARS else {}
