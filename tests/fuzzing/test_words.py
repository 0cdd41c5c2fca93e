"""Addresses, headers, dates, robots.txt, settings: any text gives a value or the failure that the docstring names."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest import markup, urls
from ingest.dates.read_time import read_time
from ingest.dates.time_reading import DateHints
from ingest.feeds.feed_list import read_feeds
from ingest.web import response_headers
from ingest.web.address_guard import AddressGuard, is_public_address
from ingest.web.fetch import Fetched
from ingest.web.opt_out import page_opt_outs
from ingest.web.robots import RobotsCache
from pipeline.failures import WrongSetting
from pipeline.settings import DEFAULT_FILE, load
from tests.fuzzing.mutations import WORDS, mutated

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FEW = settings(max_examples=100, suppress_health_check=list(HealthCheck))
WORD = st.sampled_from([each.decode(errors="surrogateescape") for each in WORDS]) | st.text(max_size=12)
PARTS = ["https://", "http://", "//", "a.example", "/", "?", "#!", "%2F", "@", ":", "..", "[", "]"]
ADDRESS = st.lists(st.sampled_from(PARTS) | WORD, max_size=8).map("".join)
HEADER_PARTS = ["1", ".", ",", "max-age=", "Mon, 23 Nov 2026 12:00:00 GMT"]
KNOBS = ["KAFKA__PARTITIONS", "INGEST__ROBOTS", "INGEST__HOST_GAP_SECONDS", "KAFKA", "X__Y", "KIBANA__URL"]
ROBOTS = [b"User-agent: *\nDisallow: /private\nCrawl-delay: 2\n\nUser-agent: Newsloom\nAllow: /$\nSitemap: /s.xml\n"]
FEED_LIST = [b'[[feeds]]\nurl = "https://a.example/rss"\nname = "A"\ngroup = "x"\nlanguage = "en"\n' * 2]


@FEW
@given(ADDRESS, ADDRESS)
def test_addresses(text: str, other: str) -> None:
    canonical = urls.canonical_url(text)
    assert canonical is None or urls.canonical_url(canonical) == canonical
    if canonical is not None:
        assert canonical.isascii()
        assert len(urls.article_id(canonical)) == 32
    for ask in (urls.host_of, urls.source_of, urls.is_home_page, urls.is_section_page, urls.is_shortener):
        ask(text)
    urls.same_site(text, other)
    assert markup.absolute_url(text, other).startswith(("http://", "https://", "")) is True
    AddressGuard(is_public_address, frozenset({80, 443})).check_url(text)


@FEW
@given(st.lists(WORD | st.sampled_from(HEADER_PARTS), max_size=6).map("".join))
def test_headers_and_dates(text: str) -> None:
    response_headers.parse_retry_after(text, NOW)
    response_headers.freshness_seconds({"cache-control": text, "expires": text, "date": text}, NOW)
    page_opt_outs({"x-robots-tag": text, "content-usage": text, "tdm-reservation": text}, {"robots": text}, ())
    for hints in (DateHints(), DateHints(language="fr", country="CA", order="dmy")):
        found = read_time(text, hints)
        assert found.time is None or found.time.tzinfo is UTC
        assert found.time is not None or found.reason


@settings(FEW, max_examples=60)
@given(mutated(ROBOTS))
def test_robots(body: bytes) -> None:
    async def fetch(url: str) -> Fetched:
        return Fetched(url=url, status=200, headers={}, body=body, hops=())

    async def ask() -> None:
        cache = RobotsCache(fetch, lambda: 0.0, 30.0)
        decision = await cache.decide("https://a.example/private/a?b=c")
        assert 0 <= decision.crawl_delay <= 30
        assert len(await cache.sitemaps("https://a.example/")) <= 100
        cache.opt_outs("https://a.example/")

    asyncio.run(ask())


@settings(FEW, max_examples=60)
@given(mutated([DEFAULT_FILE.read_bytes()]), mutated(FEED_LIST), mutated([b"NEWSLOOM_KAFKA__PASSWORD=x\n# y\n"]))
def test_files_of_the_operator(knobs: bytes, feeds: bytes, secrets: bytes) -> None:
    with TemporaryDirectory() as folder:
        for name, body, read in (
            ("settings.toml", knobs, lambda path: load({"NEWSLOOM_SETTINGS": str(path)})),
            ("feeds.toml", feeds, read_feeds),
            ("secrets", secrets, lambda path: load({"NEWSLOOM_SECRETS_FILE": str(path)})),
        ):
            path = Path(folder) / name
            path.write_bytes(body)
            path.chmod(0o600)
            try:
                read(path)
            except WrongSetting as error:
                assert len(str(error)) < 5_000


@FEW
@example({"INGEST__ROBOTS": "x" * 6_000})  # found: a message that repeats all of a wrong value
@given(st.dictionaries(st.sampled_from(KNOBS), WORD, max_size=3))
def test_the_environment(variables: dict[str, str]) -> None:
    try:
        load({f"NEWSLOOM_{name}": value for name, value in variables.items()})
    except WrongSetting as error:
        assert len(str(error)) < 5_000
