"""`newsloom demo`: a few invented newspapers on this machine go through the whole pipeline, without the network.

Serves the articles of config/demo on local sites, polls them, lets one outlet correct an article and another reprint an
agency's report, polls again, and then checks by searching: all twelve are found, the copy is recognised as a copy, the
three reports are one story.
"""

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from index.searching import article_search, story_search
from newsloom import terminal
from newsloom.commands.run import print_summary
from newsloom.demo.local_site import Resource, Site
from newsloom.demo.newspaper import Newspaper
from newsloom.local_run.local_pipeline import report_progress, running_pipeline
from newsloom.local_run.single_round import wait_for_round
from pipeline.failures import Failure
from pipeline.settings import ROOT, Settings

DEMO_FOLDER = ROOT / "config" / "demo"


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
        newspaper, sites = exits.enter_context(serve_outlets(datetime.now(UTC)))
        feeds = write_feed_list(folder / "demo-feeds.toml", newspaper, sites)
        report_progress(f"{len(newspaper.articles)} articles of {len(sites)} outlets are served on this machine")
        run_round(folder, feeds)
        for outlet, site in sites.items():
            serve_edition(site, newspaper, outlet, corrected=datetime.now(UTC))
        report_progress(
            "one outlet has corrected an article, another reprints an agency's report; the feeds are polled again"
        )
        with running_pipeline(folder, feeds, once=True, report_progress=report_progress) as running:
            print_summary(wait_for_round(running, threading.Event(), report_progress), as_json=False)
            rows = [search_for_article(running.options, article) for article in newspaper.articles]
            current_stories = story_search.resolve_merged(
                running.options.elasticsearch, [found.story for _, found in rows if found]
            )
            print_results(rows, current_stories)
            check_results(rows, newspaper, current_stories)


def run_round(folder: Path, feeds: Path) -> None:
    """Runs one round over the feeds: starts servers and stages and stops them, as `newsloom run --once` does."""
    with running_pipeline(folder, feeds, once=True, report_progress=report_progress) as running:
        print_summary(wait_for_round(running, threading.Event(), report_progress), as_json=False)


@contextmanager
def serve_outlets(start: datetime) -> Iterator[tuple[Newspaper, dict[str, Site]]]:
    """Serves the outlets on local sites, each on its own address as each has its own host on the web."""
    with ExitStack() as exits:
        outlets = Newspaper(DEMO_FOLDER, {}, start).outlets
        sites = {
            outlet: exits.enter_context(Site(host=f"127.0.0.{number}"))
            for number, outlet in enumerate(outlets, start=2)
        }
        newspaper = Newspaper(DEMO_FOLDER, {outlet: site.url for outlet, site in sites.items()}, start)
        for outlet, site in sites.items():
            serve_edition(site, newspaper, outlet, corrected=None)
        yield newspaper, sites


def serve_edition(site: Site, newspaper: Newspaper, outlet: str, corrected: datetime | None) -> None:
    """Puts an outlet's feed and pages on its site; a resource that did not change keeps its validators."""
    for path, (body, kind) in newspaper.files(outlet, corrected).items():
        present = site.resources.get(path)
        if present is None or present.body != body:
            site.resources[path] = Resource(body, kind)


def write_feed_list(path: Path, newspaper: Newspaper, sites: dict[str, Site]) -> Path:
    """Writes a feed list of the outlets to `path`, and returns that path."""
    entries = [
        f'[[feeds]]\nurl = "{site.url}/feed.xml"\nname = "{newspaper.outlets[outlet]["name"]}"\nlanguage = "en"\n'
        for outlet, site in sites.items()
    ]
    path.write_text("\n".join(entries), encoding="utf-8")
    return path


Row = tuple[dict[str, object], article_search.ArticleSummary | None]


def search_for_article(options: Settings, article: dict[str, object]) -> Row:
    """An article of the demo with what a search for its phrase finds of it; None when it is not found."""
    correction = article.get("correction")
    phrase = correction["phrase"] if isinstance(correction, dict) else article["phrase"]
    found = article_search.search(options.elasticsearch, f'"{phrase}"')
    shown = [each for hit in found.hits for each in (hit.article, *hit.copies)]
    return article, next((each for each in shown if each.url.endswith(str(article["slug"]))), None)


def print_results(rows: list[Row], current_stories: Mapping[str, str]) -> None:
    """Prints a table: what was found, whose copy it is, in which story (`current_stories`: after merges)."""
    shown = []
    slugs = {found.id: str(article["slug"]) for article, found in rows if found}
    for article, found in rows:
        if found is None:
            shown.append((str(article["title"]), "NOT FOUND", "", ""))
        else:
            original = slugs.get(found.duplicate_of or "", "")
            shown.append((found.title, found.source_name, original, current_stories[found.story][:8]))
    title = "What a search for a phrase of each article finds"
    terminal.Screen().draw(terminal.table(["article", "source", "copy of", "story"], shown, title))


def check_results(rows: list[Row], newspaper: Newspaper, current_stories: Mapping[str, str]) -> None:
    """Checks that every article, copy, story and correction was recognised; `current_stories` by id before merges.

    Raises DemoFailed, which names what was not.
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
    wrong += _wrong_stories(newspaper, {slug: current_stories[shown.story] for slug, shown in found.items()})
    if wrong:
        raise DemoFailed("; ".join(wrong))
    terminal.say(f"All {len(rows)} articles were found; the copy, the story and the correction were recognised.")


def _wrong_stories(newspaper: Newspaper, story_of: Mapping[str, str]) -> list[str]:
    """The stories in the index whose articles are not exactly those of one story in the data file."""
    expected: dict[str, set[str]] = {}
    actual: dict[str, set[str]] = {}
    for article in newspaper.articles:
        slug = article["slug"]
        expected.setdefault(article.get("story") or article.get("copy_of") or slug, set()).add(slug)
        if slug in story_of:
            actual.setdefault(story_of[slug], set()).add(slug)
    return [f"a story of {', '.join(sorted(slugs))}" for slugs in actual.values() if slugs not in expected.values()]
