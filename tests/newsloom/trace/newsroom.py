"""A newspaper whose articles are lost at different places: polled for real, with stages in which some of them die."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from index import mapping, write
from index.searching import article_search
from index.writing.document_kinds import KINDS
from ingest.urls import article_id
from newsloom.demo.local_site import Behaviour, Resource, Site
from pipeline.failures import Poison
from pipeline.kafka import consumer_lag
from pipeline.kafka.publisher import OutgoingMessage
from pipeline.kafka.stage import Result, Stage, StageOutput
from pipeline.kafka.worker import Worker
from pipeline.messages import ANNOTATED, ARTICLES, DEAD, ENRICHED, FEEDS, Annotated, Article, Enriched
from pipeline.service import Service
from pipeline.settings import Settings
from tests.ingest.local_newspaper import Paper, Story, once, until, with_feeds

STORIES = (
    Story("harbour"),
    Story("copy"),
    Story("go"),  # leads to moved.html
    Story("elsewhere"),  # leads to the front page
    Story("forbidden"),  # by robots.txt
    Story("lost", summary=""),  # 404, and its feed has no text
    Story("later", summary=""),  # 503
    Story("dies-in-annotate"),
    Story("dies-in-stories"),
    Story("dies-in-index"),
)

BEHAVIOURS = {
    "go": Behaviour(302, headers={"Location": "/moved.html"}),
    "elsewhere": Behaviour(302, headers={"Location": "/"}),
    "lost": Behaviour(404),
    "later": Behaviour(503),
}


@contextmanager
def newsroom(options: Settings, folder: Path) -> Iterator[Paper]:
    """Everything that was shown is polled and handled; then one more article is published that no stage has handled."""
    mapping.install(options.elasticsearch)
    with Site() as site:
        paper = Paper(site, {"/rss.xml": list(STORIES)})
        paper.show()
        site.resources["/robots.txt"] = Resource(b"User-agent: *\nDisallow: /forbidden", "text/plain")
        site.resources["/moved.html"] = site.resources["/go.html"]
        site.resources["/"] = Resource(b"<html><title>Paper</title><body><a href='/a.html'>A</a></body></html>")
        for slug, behaviour in BEHAVIOURS.items():
            site.behaviours[f"/{slug}.html?utm_source=/rss.xml"] = behaviour
        ready = with_feeds(options, folder, paper.urls())
        once(ready)
        run_stages(options)
        paper.feeds["/rss.xml"].append(Story("lagging"))
        paper.show()
        once(ready)
        article_search.refresh(options.elasticsearch)
        yield paper


def run_stages(options: Settings) -> None:
    """The stages, until they have handled all that is there."""
    for stage in (_annotate(), _stories(), _index(options)):
        _run(options, stage)
    for kind in KINDS:
        if kind.topic in (FEEDS, DEAD):
            _run(options, write.stage(options.elasticsearch, kind=kind))


def _run(options: Settings, stage: Stage[Any]) -> None:
    service = Service(stage.name)
    thread = threading.Thread(target=Worker(stage, options, service).run)
    thread.start()
    try:
        until(lambda: not consumer_lag.lag(options.kafka, [(stage.name, stage.source)])[stage.name])
    finally:
        service.stop.set()
        thread.join(30)


def _unless_it_dies(stage: str, handle: Callable[[Any], Result]) -> Callable[[Sequence[Any]], Sequence[Result]]:
    def each(batch: Sequence[Any]) -> Sequence[Result]:
        died = Poison("not_to_be_borne", f"{stage} can't bear it")
        return [died if f"dies-in-{stage}" in article.url else handle(article) for article in batch]

    return each


def _annotate() -> Stage[Any]:
    def handle(article: Article) -> Result:
        made = Annotated(
            **msgspec.structs.asdict(article), annotator=1, language="en", language_confidence=1.0,
            language_source="text", content_hash="00",
        )  # fmt: skip
        return StageOutput(publish=(OutgoingMessage(ANNOTATED, made),))

    return Stage("annotate", ARTICLES, Article, _unless_it_dies("annotate", handle))


def _stories() -> Stage[Any]:
    def handle(article: Annotated) -> Result:
        original = article_id(article.url.replace("copy", "harbour"))
        copy: dict[str, Any] = {
            "duplicate_of": original,
            "duplicate_kind": "near",
            "resemblance": 0.9,
            "containment": 0.95,
        }
        made = Enriched(
            **msgspec.structs.asdict(article), enricher=1, story="5" * 32, **(copy if "copy" in article.url else {})
        )
        return StageOutput(publish=(OutgoingMessage(ENRICHED, made),))

    return Stage("stories", ANNOTATED, Annotated, _unless_it_dies("stories", handle))


def _index(options: Settings) -> Stage[Any]:
    real = write.stage(options.elasticsearch)

    def handle(article: Enriched) -> Result:
        [result] = real.handle([article])
        return result

    return Stage("index", ENRICHED, Enriched, _unless_it_dies("index", handle), real.assigned)
