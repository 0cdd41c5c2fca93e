"""`newsloom try`: runs a stage's own code on one feed, page or text, without servers, and prints the result as JSON.

With `--lines` it reads one JSON request a line from standard input and answers each with a line of JSON; a request that
fails is answered with {"error": ...}, and the next one is read.
"""

import gzip
import os
import sys
import urllib.request
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from newsloom import terminal
from pipeline import settings
from pipeline.failures import Failure, Poison
from pipeline.messages import Article, Enriched

if TYPE_CHECKING:
    from ingest.feeds.entry import Entry

Request = dict[str, Any]
Answer = Callable[[Request], object]
NO_ADDRESS = "https://example.invalid/"  # the URL of a file that is given without one


@click.group("try")
def trial() -> None:
    """See what a stage makes of one feed, page or text."""


@trial.command()
@click.argument("source", required=False)
@click.option("--url", help="The address that the file was fetched from.")
@click.option("--lines", is_flag=True, help='Requests {"file": ..., "url": ..., "headers": {}} on standard input.')
def feed(source: str | None, url: str | None, lines: bool) -> None:
    """What a feed (a file or an URL) says: its fields and entries."""
    from ingest.feeds.parse import parse_feed  # noqa: PLC0415 - only when asked

    _print_answers(lambda request: parse_feed(*read_source(request)), _requests(source, url, lines))


@trial.command()
@click.argument("source", required=False)
@click.option("--url", help="The address that the file was fetched from.")
@click.option(
    "--entry",
    metavar="JSON",
    help='What a feed says of it: {"url": ..., "title": ..., "summary": ..., "published": ...}, each as you like.',
)
@click.option("--lines", is_flag=True, help='Requests {"file": ..., "url": ..., "entry": {}} on standard input.')
def page(source: str | None, url: str | None, entry: str | None, lines: bool) -> None:
    """What is read of a page (a file or an URL); `sources`: where each field is from, and how sure that is.

    With an entry also how sure it is that the page is the one that it means (`belonging`), and by what evidence.
    """
    _print_answers(extract_page, _requests(source, url, lines, entry))


@trial.command()
@click.argument("source", required=False)
@click.option("--lines", is_flag=True, help='Articles {"id": ..., "title": ..., "text": ..., "date": ...}, by time.')
def text(source: str | None, lines: bool) -> None:
    """What the enrichers make of a text (a file; its first line is the title)."""
    enrich = make_enricher(settings.load(os.environ))
    if lines:
        _print_answers(enrich, _requests(None, None, True))
    else:
        title, _, body = read_text(_require_source(source)).partition("\n")
        _print_answers(enrich, [{"id": source, "title": title, "text": body}])


def read_text(path: str) -> str:
    """The text in a file. Raises Poison when there is none."""
    try:
        found = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Poison("wrong_request", f"can't read {path}: {error}") from error
    if not found.strip():
        raise Poison("wrong_request", f"there is no text in {path}")
    return found


def extract_page(request: Request) -> object:
    """What is read of a page, and the article that it becomes. Raises Poison."""
    from ingest import article, belonging  # noqa: PLC0415 - only when asked
    from ingest.page import extract  # noqa: PLC0415

    body, url, headers = read_source(request)
    entry = _entry_of(request, url)
    found = extract.read_page(body, url, headers, entry)
    from_page = article.article_from_page(
        found, entry, article.Origin(url, found.site or ""), datetime.now(UTC), sys.maxsize
    )
    # every field, the empty ones too: a reader must see what was not found
    fields = {**msgspec.structs.asdict(found), **msgspec.structs.asdict(from_page)}
    refused = {"refused": belonging.judge(found, entry).refused} if entry else {}
    return {**fields, "language": from_page.claimed_language, "canonical_url": from_page.url, **refused}


def _entry_of(request: Request, url: str) -> "Entry | None":
    """The feed's entry in a request of `try page`, if there is one; its address is the page's where it has none."""
    from ingest.feeds.entry import Entry  # noqa: PLC0415 - only when asked

    try:
        if not (stated := request.get("entry")):
            return None
        entry = msgspec.convert({"identity": url, "url": url, **dict(stated)}, Entry)
        published = entry.published.astimezone(UTC) if entry.published else None  # no zone: this machine's
        return msgspec.structs.replace(entry, published=published)
    except (TypeError, ValueError) as error:
        raise Poison("wrong_request", f"not what a feed says of an entry: {error}") from error


def make_enricher(options: settings.Settings) -> Answer:
    """A function that annotates one article after the other and places it in a story, as the two stages do."""
    from enrich.annotate import annotate  # noqa: PLC0415 - only when asked
    from enrich.entities.named_entities import parse_models  # noqa: PLC0415
    from enrich.stories import StoryAssigner  # noqa: PLC0415

    stories, models_by_language = StoryAssigner(options.enrich), parse_models(options.enrich.entity_models)

    def enrich(request: Request) -> object:
        (annotated,) = annotate([article_from_request(request)], options.enrich.entity_words, models_by_language)
        return _enrichment_fields(stories.place(annotated).enriched)

    return enrich


def _enrichment_fields(enriched: Enriched) -> dict[str, object]:
    language = ("language", "language_confidence", "language_source")
    where = ("entities", "entities_by", "places", "main_country", "countries")
    names = ("id", *language, *where, "content_hash", "story")
    copy = ("duplicate_of", "duplicate_kind", "resemblance", "containment")
    return {name: getattr(enriched, name) for name in (*names, *copy)}


def article_from_request(request: Request) -> Article:
    """The article in a request of `try text`. Raises Poison."""
    try:
        date = request.get("date")
        when = datetime.fromisoformat(str(date)) if date else datetime.now(UTC)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        url = str(request.get("url") or f"{NO_ADDRESS}{request['id']}")
        title, body = str(request.get("title", "")), str(request["text"])
    except (KeyError, ValueError) as error:
        raise Poison("wrong_request", f"an article needs id, text and a date in ISO 8601: {error}") from error
    return Article(
        id=str(request["id"]),
        revision=1,
        url=url,
        source=url.split("/")[2] if url.count("/") > 1 else url,
        source_name="",
        feed_url="",
        title=title,
        text=body,
        text_from="page",
        claimed_language=request.get("language"),
        published_at=when,
        first_seen_at=when,
        fetched_at=when,
    )


def read_source(request: Request) -> tuple[bytes, str, dict[str, str]]:
    """The body, URL and headers that a request names: a file, or a URL that is fetched. Raises Poison."""
    headers = {str(name).lower(): str(value) for name, value in dict(request.get("headers") or {}).items()}
    try:
        source = str(request["file"])
        if source.startswith(("http://", "https://")):
            with urllib.request.urlopen(source, timeout=30) as answer:  # noqa: S310 - a person named it
                return answer.read(), answer.url, {name.lower(): value for name, value in answer.headers.items()}
        body = Path(source).read_bytes()
        return (gzip.decompress(body) if source.endswith(".gz") else body), request.get("url") or NO_ADDRESS, headers
    except (KeyError, OSError, EOFError) as error:
        raise Poison(
            "wrong_request", f"can't read {request.get('file', 'a request without a file')}: {error}"
        ) from error


def _requests(source: str | None, url: str | None, lines: bool, entry: str | None = None) -> Iterable[str | Request]:
    if lines:
        return sys.stdin
    try:
        return [{"file": _require_source(source), "url": url, "entry": msgspec.json.decode(entry) if entry else None}]
    except msgspec.MsgspecError as error:
        raise click.UsageError(f"--entry is no JSON: {error}") from error


def _require_source(source: str | None) -> str:
    if source is None:
        raise click.UsageError("name a file or an URL, or use --lines")
    return source


def _print_answers(answer: Answer, requests: Iterable[str | Request]) -> None:
    """Prints an answer for each request. Ends with exit status 1 where none of them says more than an error."""
    read = False
    for request in requests:
        if isinstance(request, str):
            if not request.strip():
                continue
            found, indent = _answer_or_error(answer, request), None
        else:
            found, indent = _fields(answer(request)), 2
        read = read or any(value for name, value in found.items() if name != "error")
        terminal.say_json(found, indent)
    if not read:
        terminal.complain("nothing could be read")
        raise SystemExit(1)


def _answer_or_error(answer: Answer, line: str) -> dict[str, Any]:
    try:
        return _fields(answer(msgspec.json.decode(line, type=dict[str, Any])))
    except (Failure, msgspec.MsgspecError) as error:
        return {"error": str(error)}


def _fields(answered: object) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(answered)
    return found
