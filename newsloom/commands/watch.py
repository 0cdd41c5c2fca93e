"""`newsloom watch`: saved searches for every new article; runs their service, adds, lists and tries them."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path

import click
import msgspec

from newsloom import terminal
from newsloom.commands.services import run_stages_together
from newsloom.local_run import run_addresses
from newsloom.named_values import COUNTRY_OPTION, LANGUAGE_OPTION
from newsloom.times import show_time
from pipeline import settings
from pipeline.kafka import broker
from pipeline.kafka.consumer_lag import TopicFollower
from pipeline.messages import WATCH_HITS
from pipeline.watch_messages import Watch, WatchHit
from watches.last_look import ARTICLES, late_words, read_last_looks

FOLLOW_SECONDS = 1.0


@click.group(invoke_without_command=True)
@click.pass_context
def watch(context: click.Context) -> None:
    """Hold every new article against the watches, the pipeline against the rules of alerts, and tell of both; or one of
    the commands below."""
    if context.invoked_subcommand is None:
        from alerts import alerting  # noqa: PLC0415 - elasticsearch takes half a second to import
        from watches import watch as path  # noqa: PLC0415

        options = settings.load(os.environ)
        tasks = (partial(path.run, options), partial(alerting.run, options))
        run_stages_together("watch", (), tasks, options)


@watch.command()
@click.argument("name")
@click.argument("query", nargs=-1)
@click.option("--source", help="Only of this source (a host name without www).")
@LANGUAGE_OPTION
@COUNTRY_OPTION
@click.option("--entity", help="Only articles that name this person, organisation or place.")
@click.option("--revisions", is_flag=True, help="Tell again of an article whose title or text has changed.")
@click.option("--webhook", default="", help="Address that is called with each hit.")
@click.option("--mail", multiple=True, help="Address that hits are mailed to; may be given several times.")
@run_addresses.DATA_OPTION
def add(name: str, query: tuple[str, ...], data: Path, **chosen: object) -> None:
    """Watch for articles from now on: words, "exact phrases", -without, one | other, as in `newsloom search`."""
    from newsloom.commands.articles.search import read_filter_words  # noqa: PLC0415 - elasticsearch takes half a second
    from watches import watch_changes, watch_list  # noqa: PLC0415

    options = run_addresses.settings_for_run(data)
    made = watch_list.watch_of_search(name, read_filter_words(" ".join(query), options), datetime.now(UTC))
    given = {option: value for option, value in chosen.items() if value}
    watch_changes.add_watch(options, msgspec.structs.replace(made, **given))
    terminal.say(f"{name} is watched for from now on")


@watch.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list, for programs.")
@run_addresses.DATA_OPTION
def list_watches(as_json: bool, data: Path) -> None:
    """List what is watched for."""
    from watches import watch_list  # noqa: PLC0415

    options = run_addresses.settings_for_run(data)
    found = sorted(watch_list.read_topic(options.kafka).values(), key=lambda each: each.name)
    if as_json:
        terminal.say_json(found, indent=2)
    else:
        print_watches(found, terminal.Screen(), options.display.zone())
    if found:
        _complain_when_nobody_looks(options)


@watch.command()
@click.argument("name")
@run_addresses.DATA_OPTION
def remove(name: str, data: Path) -> None:
    """Watch for this no longer."""
    from watches import watch_changes  # noqa: PLC0415

    watch_changes.remove_watch(run_addresses.settings_for_run(data), name)
    terminal.say(f"{name} is removed")


@watch.command()
@click.argument("name")
@click.option("--size", default=10, show_default=True, type=click.IntRange(1, 1000), help="How many to show.")
@run_addresses.DATA_OPTION
def test(name: str, size: int, data: Path) -> None:
    """Show what the watch would have found among the articles that are there, the newest first. Nobody is told."""
    from index.searching import article_search  # noqa: PLC0415
    from newsloom.commands.articles.search import print_hits  # noqa: PLC0415
    from watches import watch_changes, watch_list  # noqa: PLC0415

    options = run_addresses.settings_for_run(data)
    search = watch_list.search_of(watch_changes.find_watch(options, name))
    found = article_search.search(options.elasticsearch, search.query_text, search.filters, size, "newest")
    print_hits(found, terminal.Screen(), options.display.zone())


@watch.command()
@click.argument("names", nargs=-1)
@click.option("--past", is_flag=True, help="Begin with what was found in the last 30 days.")
@click.option("--once", is_flag=True, help="Do not wait for what comes.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
@run_addresses.DATA_OPTION
@click.pass_context
def follow(
    context: click.Context, /, names: tuple[str, ...], past: bool, once: bool, as_json: bool, data: Path
) -> None:
    """Print what the watches find, or those with these NAMES, as it is found. Ctrl-C ends it.

    Exit status 4 when nobody looks, so that nothing can be found.
    """
    options = run_addresses.settings_for_run(data)
    late = _complain_when_nobody_looks(options)
    screen, zone = terminal.Screen(), options.display.zone()
    for hit in _hits(options, past=past, once=once):
        if names and hit.watch not in names:
            continue
        if as_json:
            terminal.say_json(hit)
        else:
            print_hit(hit, screen, zone)
    context.exit(4 if late else 0)


def print_watches(found: list[Watch], screen: terminal.Screen, zone: tzinfo = UTC) -> None:
    """Prints each watch: what it looks for, since when, and who is told."""
    for each in found:
        screen.line(each.name, "bold")
        wanted = [
            f"{key} {value}" for key in ("source", "language", "country", "entity") if (value := getattr(each, key))
        ]
        screen.line(", ".join([*([each.query] if each.query else []), *wanted]), indent=2)
        told = [*([each.webhook] if each.webhook else []), *each.mail]
        again = ", revisions too" if each.revisions else ""
        made = f"since {show_time(each.since, zone)}, by {each.origin}{again}"
        screen.line(made + (f"; tells {', '.join(told)}" if told else ""), "dim", indent=2)
    screen.line(f"{len(found)} watches")


def print_hit(hit: WatchHit, screen: terminal.Screen, zone: tzinfo = UTC) -> None:
    """Prints one hit: the watch, the title, where it stands."""
    changed = f", changed: {' and '.join(hit.changed)}" if hit.changed else ""
    screen.line(f"{hit.watch}: {hit.title}", "bold")
    screen.line(f"{hit.source_name} ({hit.source}), {show_time(hit.date, zone)}{changed}", "dim", indent=2)
    screen.line(hit.url, "blue", indent=2)


def _complain_when_nobody_looks(options: settings.Settings) -> bool:
    """Says so, where the last look was too long ago; that nothing is found means nothing then."""
    looks, seconds = read_last_looks(options.kafka), options.watches.interval_seconds
    late = late_words(ARTICLES, looks, datetime.now(UTC), seconds)
    if late:
        terminal.complain(late)
    return bool(late)


def _hits(options: settings.Settings, *, past: bool, once: bool) -> Iterator[WatchHit]:
    follower = TopicFollower(options.kafka, WATCH_HITS)
    try:
        seen: dict[int, int] = {} if past else follower.ends()
        while True:
            ends = follower.ends()
            for record in follower.read(seen, ends):
                hit = broker.decode_or_none(record.value, WatchHit)
                if hit is not None:
                    yield hit
            seen = ends
            if once:
                return
            time.sleep(FOLLOW_SECONDS)
    finally:
        follower.close()
