"""Faults of the web: sites that are away, slow, busy or break off; far too large pages and feeds; odd dates."""

import threading
from collections.abc import Mapping
from functools import partial

from tests.soak.faults.schedule import PlannedFault
from tests.soak.loopback_web import Mood
from tests.soak.newspapers import Publication, Served, page_body, title_of
from tests.soak.verdict import Fate
from tests.soak.world import Injection, World, chance_of

SLOW_SECONDS = 4.0
HUGE = 50_000
NOW = "Mon, 30 Nov 2026 10:00:00 GMT"
YEARS = ("Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT")


def _site(world: World, fault: PlannedFault) -> str:
    """A newspaper's site."""
    return chance_of(fault).choice(world.web.sites[:-1])


def _away(world: World, fault: PlannedFault, stop: threading.Event) -> None:
    site = _site(world, fault)
    world.web.go_away(site)
    stop.wait(fault.seconds)
    world.web.come_back(site)


def _mood(mood: Mood, world: World, fault: PlannedFault, stop: threading.Event) -> None:
    site = _site(world, fault)
    world.web.moods[site] = mood
    stop.wait(fault.seconds)
    world.web.moods.pop(site)


def _busy(world: World, fault: PlannedFault, stop: threading.Event) -> None:
    """It asks to be left alone until the fault is over."""
    _mood(Mood(status=503, headers=f"Retry-After: {fault.seconds:.0f}\r\n"), world, fault, stop)


def _strange_page(more: str, fate: Fate, world: World, fault: PlannedFault, _stop: threading.Event) -> None:
    """An article whose page has this behind its text."""
    made = _publish(world, fault, fate)
    page = page_body(made, more).encode()
    world.papers.pages[world.papers.sites[-1], made.path] = Served("text/html; charset=utf-8", page)


def _publish(world: World, fault: PlannedFault, fate: Fate, date: str = NOW, name: str = "strange") -> Publication:
    made = world.papers.publish_strange(f"{name}{fault.number}", date)
    world.expect(made.marker, fate, fault.kind.name)
    return made


def _huge_feed(world: World, fault: PlannedFault, stop: threading.Event) -> None:
    """Fifty thousand entries, all about one article."""
    made = _publish(world, fault, "found")
    item = f"<item><title>{title_of(made)}</title><link>{made.url}</link><guid>{{}}</guid></item>"
    items = "".join(item.format(number) for number in range(HUGE))
    feed = f"<rss version='2.0'><channel><title>Huge</title><link>/</link>{items}</channel></rss>".encode()
    place = (world.papers.sites[-1], "/feed1.xml")
    world.papers.pages[place] = Served("application/rss+xml", feed)
    stop.wait(fault.seconds)
    world.papers.pages.pop(place)


def _odd_dates(world: World, fault: PlannedFault, _stop: threading.Event) -> None:
    for number, date in enumerate(YEARS):
        _publish(world, fault, "found", date, f"date{number}n")


PARAGRAPHS = "<p>The lamp of the harbour was lit again, and the council said that it would stay so.</p>" * 58_000
LINKS = "".join(f"<a href='/news/{number}'>Report {number}</a> " for number in range(100_000))

INJECTIONS: Mapping[str, Injection] = {
    "site away": _away,
    "site slow": partial(_mood, Mood(delay=SLOW_SECONDS)),
    "site busy: 503 with Retry-After": _busy,
    "site resets connections": partial(_mood, Mood(broken="reset")),
    "site sends half of its answers": partial(_mood, Mood(broken="half")),
    "page of 5 MB of text": partial(_strange_page, PARAGRAPHS, "either"),
    "page of one word of 2 MB": partial(_strange_page, f"<p>{'a' * 2_000_000}</p>", "either"),
    "page of 100,000 links": partial(_strange_page, LINKS, "either"),
    "feed of 50,000 entries": _huge_feed,
    "dates in the years 1 and 9999": _odd_dates,
}
