"""The first minute: while there is no article yet, the page says what is happening, by number, and looks again."""

from collections.abc import Callable

import msgspec

from index.searching import feed_search
from pipeline.failures import Failure
from pipeline.kafka import consumer_lag
from pipeline.messages import ANNOTATED, ARTICLES, ENRICHED
from web.frame import Answer, Asked, Shown, Site

AGAIN_SECONDS = 3
SAID = {
    "articles": "Articles read",
    "annotated": "Names and languages found",
    "enriched": "Copies and stories found",
}


class StepView(msgspec.Struct, frozen=True):
    """A step on an article's way: what it is, and how far it is; `done`: something has come out of it."""

    name: str
    text: str
    done: bool


class FirstMinuteView(msgspec.Struct, frozen=True):
    """The steps, in their order."""

    steps: tuple[StepView, ...]


def show(asked: Asked, site: Site) -> Answer:  # noqa: ARG001 - as all pages
    """The page."""
    feeds = feed_search.poll_progress(site.options.elasticsearch)
    return Shown("first_minute.html", "The first minute", build_view(feeds, count_topics(site)), 200, AGAIN_SECONDS)


def count_topics(site: Site) -> dict[str, int] | str:
    """The messages on the topics of articles; why they can't be counted, where Kafka is away."""
    kafka = site.options.kafka
    if not kafka.bootstrap_servers:
        return "no address of Kafka is set (kafka.bootstrap_servers)"
    topics = {"articles": ARTICLES, "annotated": ANNOTATED, "enriched": ENRICHED}
    return _or_problem(lambda: {name: consumer_lag.count_messages(kafka, topic) for name, topic in topics.items()})


def _or_problem(ask: Callable[[], dict[str, int]]) -> dict[str, int] | str:
    try:
        return ask()
    except Failure as failure:
        return str(failure)


def build_view(feeds: feed_search.PollProgress, topics: dict[str, int] | str) -> FirstMinuteView:
    """The steps by number. Pure."""
    failing = f", {feeds.failing:,} of them failing" if feeds.failing else ""
    listed = f"{feeds.polled:,} of {feeds.active:,} polled{failing}" if feeds.active else "the list is being read"
    is_there = not isinstance(topics, str)
    counts = topics if isinstance(topics, dict) else {}
    steps = (
        StepView("Elasticsearch", "answers", True),
        StepView("Kafka", "answers" if is_there else str(topics), is_there),
        StepView("Feeds", listed, feeds.polled > 0),
        *(StepView(SAID[name], f"{number:,}", number > 0) for name, number in counts.items()),
        StepView("Articles to be searched", "0: the first ones come within seconds", False),
    )
    return FirstMinuteView(steps)
