"""`newsloom demo`: a small newspaper world on this machine, through the whole pipeline, without a network.

Serves the invented articles of config/demo on local sites, polls them, lets one outlet correct an article and another
reprint an agency's report, polls again, and then searches: all twelve are found, the copy is known as a copy, the three
reports are one story.
"""

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from index.searching import article_search, story_search
from newsloom.commands.run import tell
from newsloom.demo.local_site import Resource, Site
from newsloom.demo.newspaper import Newspaper
from newsloom.local_run.local_pipeline import pipeline, say
from newsloom.local_run.single_round import finish
from pipeline.failures import Failure
from pipeline.settings import ROOT, Settings

FOLDER = ROOT / "config" / "demo"


class DemoFailed(Failure):
    """The pipeline did not do what the demo shows."""


@click.command()
@click.option(
    "--data", type=click.Path(path_type=Path), help="Keep everything here; else it is thrown away at the end."
)
def demo(data: Path | None) -> None:
    """Twelve invented articles through the whole pipeline, on this machine alone."""
    # the demo's sites are on this machine, and nobody minds how fast they are read
    os.environ |= {"NEWSLOOM_INGEST__ALLOW_PRIVATE_ADDRESSES": "true", "NEWSLOOM_INGEST__HOST_GAP_SECONDS": "0"}
    with ExitStack() as exits:
        folder = data or Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="newsloom-demo-")))
        folder.mkdir(parents=True, exist_ok=True)
        newspaper, sites = exits.enter_context(serving(datetime.now(UTC)))
        feeds = feed_list(folder / "demo-feeds.toml", newspaper, sites)
        say(f"{len(newspaper.articles)} articles of {len(sites)} outlets are served on this machine")
        round_of(folder, feeds)
        for outlet, site in sites.items():
            put(site, newspaper, outlet, corrected=datetime.now(UTC))
        say("one outlet has corrected an article, another reprints an agency's report; the feeds are polled again")
        with pipeline(folder, feeds, once=True, say=say) as running:
            tell(finish(running.options, running.stages, threading.Event(), say), as_json=False)
            rows = [found_row(running.options, article) for article in newspaper.articles]
            told = story_search.resolve_merged(
                running.options.elasticsearch, [found.story for _, found in rows if found]
            )
            show(rows, told)
            check(rows, newspaper, told)


def round_of(folder: Path, feeds: Path) -> None:
    """One round over the feeds: servers and stages are started and stopped, as `newsloom run --once` does."""
    with pipeline(folder, feeds, once=True, say=say) as running:
        tell(finish(running.options, running.stages, threading.Event(), say), as_json=False)


@contextmanager
def serving(start: datetime) -> Iterator[tuple[Newspaper, dict[str, Site]]]:
    """The outlets on local sites, each on its own address as each has its own host on the web."""
    with ExitStack() as exits:
        outlets = Newspaper(FOLDER, {}, start).outlets
        sites = {
            outlet: exits.enter_context(Site(host=f"127.0.0.{number}"))
            for number, outlet in enumerate(outlets, start=2)
        }
        newspaper = Newspaper(FOLDER, {outlet: site.url for outlet, site in sites.items()}, start)
        for outlet, site in sites.items():
            put(site, newspaper, outlet, corrected=None)
        yield newspaper, sites


def put(site: Site, newspaper: Newspaper, outlet: str, corrected: datetime | None) -> None:
    """Lets an outlet's site serve its feed and pages; what did not change keeps its validators."""
    for path, (body, kind) in newspaper.files(outlet, corrected).items():
        known = site.resources.get(path)
        if known is None or known.body != body:
            site.resources[path] = Resource(body, kind)


def feed_list(path: Path, newspaper: Newspaper, sites: dict[str, Site]) -> Path:
    """A feed list of the outlets, written to `path`."""
    entries = [
        f'[[feeds]]\nurl = "{site.url}/feed.xml"\nname = "{newspaper.outlets[outlet]["name"]}"\nlanguage = "en"\n'
        for outlet, site in sites.items()
    ]
    path.write_text("\n".join(entries), encoding="utf-8")
    return path


Row = tuple[dict[str, object], article_search.ArticleSummary | None]


def found_row(options: Settings, article: dict[str, object]) -> Row:
    """An article of the demo, and what a search for its phrase finds of it."""
    correction = article.get("correction")
    phrase = correction["phrase"] if isinstance(correction, dict) else article["phrase"]
    found = article_search.search(options.elasticsearch, f'"{phrase}"')
    shown = [each for hit in found.hits for each in (hit.article, *hit.copies)]
    return article, next((each for each in shown if each.url.endswith(str(article["slug"]))), None)


def show(rows: list[Row], told: Mapping[str, str]) -> None:
    """A table: what was found, whose copy it is, in which story."""
    table = Table("article", "source", "copy of", "story", title="What a search for a phrase of each article finds")
    slugs = {found.id: str(article["slug"]) for article, found in rows if found}
    for article, found in rows:
        if found is None:
            table.add_row(str(article["title"]), "NOT FOUND", "", "")
        else:
            original = slugs.get(found.duplicate_of or "", "")
            table.add_row(found.title, found.source_name, original, told[found.story][:8])
    Console().print(table)


def check(rows: list[Row], newspaper: Newspaper, told: Mapping[str, str]) -> None:
    """Whether everything is as it should be; `told` is what each story has become.

    Raises DemoFailed, which names what is not.
    """
    found = {str(article["slug"]): shown for article, shown in rows if shown}
    wrong = [f"{article['slug']} was not found" for article, shown in rows if shown is None]
    for article in newspaper.articles:
        shown, slug = found.get(article["slug"]), article["slug"]
        original = found.get(article.get("copy_of", ""))
        if shown and shown.duplicate_of != (original.id if original else None):
            wrong.append(f"{slug} is marked as a copy of {shown.duplicate_of}")
        if shown and "correction" in article and shown.title != article["correction"]["title"]:
            wrong.append(f"{slug} was not corrected")
    wrong += _wrong_stories(newspaper, {slug: told[shown.story] for slug, shown in found.items()})
    if wrong:
        raise DemoFailed("; ".join(wrong))
    click.echo(f"All {len(rows)} articles were found; the copy, the story and the correction were recognised.")


def _wrong_stories(newspaper: Newspaper, story_of: Mapping[str, str]) -> list[str]:
    """Articles that share a story should share it in the index, and others should not."""
    expected: dict[str, set[str]] = {}
    actual: dict[str, set[str]] = {}
    for article in newspaper.articles:
        slug = article["slug"]
        expected.setdefault(article.get("story") or article.get("copy_of") or slug, set()).add(slug)
        if slug in story_of:
            actual.setdefault(story_of[slug], set()).add(slug)
    return [f"a story of {', '.join(sorted(slugs))}" for slugs in actual.values() if slugs not in expected.values()]
