"""One source falls silent, one changes its layout, one has a gap, one shuts us out: each is told by its name.

Through the real poller, Kafka, Elasticsearch and the alerts. What takes weeks, a source's rhythm and what its pages are
usually like, is learnt by the same functions from invented polls, and put into the states that the poller goes on with.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import msgspec
import pytest
from msgspec.structs import replace

from alerts.alerting import AlertService
from index import mapping
from index.searching import article_search
from index.writing.document_kinds import KINDS
from newsloom.demo.local_site import Behaviour, Site
from pipeline.feed_state import PageStatistics
from pipeline.kafka.publisher import OutgoingMessage
from pipeline.messages import FEEDS, FeedState
from pipeline.settings import Settings
from tests.ingest.frontier.test_feed_silence import FRESH, follow, nothing, polled
from tests.ingest.local_newspaper import Paper, Story, once, states, with_feeds
from tests.watches.on_servers import index, publish
from tests.watches.receivers import Receiver, webhook_receiver
from watches.looking import present

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

SECONDS = 120
HALF_AN_HOUR, QUARTER = timedelta(minutes=30), timedelta(minutes=15)
NAMES = ("silent", "changed", "gappy", "shut", "fine", "quiet")
RULES = "".join(
    f'[[alerts]]\nkind = "{kind}"\nhold_minutes = 0\n' for kind in ("silence", "drift", "gap", "failing", "overdue")
)
[FEED_DOCUMENTS] = [kind for kind in KINDS if kind.topic is FEEDS]


@pytest.fixture
def received() -> Iterator[Receiver]:
    with webhook_receiver() as receiver:
        yield receiver


def stories(name: str, numbers: range, page: bytes | None = None) -> list[Story]:
    return [Story(f"{name}{number}", page=page) for number in numbers]


def agency(at: datetime) -> int:
    """About 70 a day, by day and by night: whatever the clock says, its silence is noticed after the same time."""
    return (3, 0, 2, 1)[(at.hour * 2 + at.minute // 30 + at.day) % 4]


def about_to_be_silent(now: datetime) -> FeedState:
    """An agency that has brought nothing for as long as must be, but for one more poll.

    Its last one was three hours ago: when exactly it is noticed depends on the hour, and this looks back from any.
    """
    for quarters in range(14, 96):
        end = now - quarters * QUARTER
        state = follow(FRESH, agency, end - timedelta(days=42), 42)
        state = follow(state, nothing, end, (quarters - 12) * QUARTER / timedelta(days=1))
        if state.silent_since is None and polled(state, 0, now).silent_since is not None:
            return state
    raise AssertionError("it is never silent")


def weeks_later(state: FeedState, now: datetime) -> FeedState:
    """A feed's state with what has been learnt of it in the meantime; half an hour after its last good poll."""
    polled_at = now - HALF_AN_HOUR
    state = replace(state, last_success_at=polled_at, last_poll_at=polled_at, next_poll_at=now)
    if state.name == "silent":
        learnt = about_to_be_silent(now)
        return replace(state, rhythm=learnt.rhythm, last_success_at=learnt.last_success_at)
    if state.name == "fine":
        learnt = follow(FRESH, agency, polled_at - timedelta(days=42), 42)
        return replace(state, rhythm=learnt.rhythm)
    if state.name == "changed":
        usual = PageStatistics(pages=80, length=7.0, spread=0.1, recent_length=7.0)
        return replace(state, page_statistics=usual)
    if state.name == "shut":
        return replace(state, last_success_at=now - timedelta(hours=7))
    return state


def named(options: Settings, site: Site) -> Settings:
    """The settings with a list in which each feed has its name."""
    file = Path(options.ingest.feeds)
    tables = (f'[[feeds]]\nurl = "{site.url}/{name}.xml"\nname = "{name}"\n' for name in NAMES)
    file.write_text("".join(tables))
    return options


def told(received: Receiver) -> dict[str, str]:
    """What began, by the name of the source."""
    bodies = [msgspec.json.decode(body) for body in received.bodies]
    return {each["text"].split()[0].rstrip(":"): each["rule"] for body in bodies for each in body["began"]}


def test_each_source_is_told_by_name_and_no_healthy_one(options: Settings, tmp_path: Path, received: Receiver) -> None:
    mapping.install(options.elasticsearch)
    (tmp_path / "alerts.toml").write_text(f'webhook = "{received.url}"\n{RULES}')
    alerts = replace(options.alerts, file=str(tmp_path / "alerts.toml"), interval_seconds=0.1, gather_seconds=0.0)
    with Site() as site:
        paper = Paper(site, {f"/{name}.xml": stories(name, range(5)) for name in NAMES})
        paper.show()
        options = with_feeds(options, tmp_path, [], allow_private_addresses=True, robots=False, host_gap_seconds=0.0)
        options = named(replace(options, alerts=alerts), site)
        once(options)
        now = datetime.now(UTC)
        changed = [OutgoingMessage(FEEDS, weeks_later(state, now)) for state in states(options).values()]
        publish(options, *changed)
        paper.feeds["/changed.xml"] = stories("changed", range(10), page=b"<html><body><p>Menu</p></body></html>")
        paper.feeds["/gappy.xml"] = stories("gappy", range(50, 55))
        paper.feeds["/fine.xml"] = stories("fine", range(1, 6))
        paper.show()
        site.behaviours["/shut.xml"] = Behaviour(403)
        once(options)
    index(options, FEED_DOCUMENTS)
    article_search.refresh(options.elasticsearch)
    with AlertService(options) as service:
        deadline = monotonic() + SECONDS
        while len(told(received)) < 4:
            assert monotonic() < deadline, f"only {told(received)} are told"
            service.step(present())
        for _ in range(3):
            service.step(present())
    assert told(received) == {"silent": "silence", "changed": "drift", "gappy": "gap", "shut": "failing"}
