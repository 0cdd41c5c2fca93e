"""Search link: the address of a search: all that it is made of stands in it. Pure.

In: what was typed, an order, where a page begins. Out: an address of this server, to be kept or sent to somebody.
"""

from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec

from index.searching.query import Order
from pipeline.failures import WrongSetting

PATH = "/"
ORDERS: tuple[Order, ...] = ("relevance", "newest")


class SearchLink(msgspec.Struct, frozen=True, kw_only=True):
    """A search: `seen` is when its first page was looked at, `after` where the page begins; "" for the first page."""

    typed: str = ""
    order: Order = "relevance"
    seen: datetime | None = None
    after: str = ""

    def url(self) -> str:
        """The address."""
        told = {
            "q": self.typed,
            "order": self.order if self.order != usual_order(self.typed) else "",
            "seen": write_time(self.seen) if self.seen else "",
            "after": self.after,
        }
        query = urlencode({name: value for name, value in told.items() if value})
        return f"{PATH}?{query}" if query else PATH

    def of(self, typed: str) -> "SearchLink":
        """The first page of another search."""
        return SearchLink(typed=typed, order=self.order)


def usual_order(typed: str) -> Order:
    """The order of a search that says none: without words there is nothing to be relevant to."""
    return "relevance" if typed.strip() else "newest"


def read_link(typed: str, order: str, seen: str, after: str) -> SearchLink:
    """The search of an address's values. Raises WrongSetting."""
    chosen = next((each for each in ORDERS if each == order), usual_order(typed))
    return SearchLink(typed=typed.strip(), order=chosen, seen=read_moment(seen) if seen else None, after=after)


def write_time(at: datetime) -> str:
    """A moment, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def read_moment(text: str) -> datetime:
    """The moment that `write_time` wrote. Raises WrongSetting."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise WrongSetting(f"{text[:40]!r} is no time: take the address as a page of results has it") from error
