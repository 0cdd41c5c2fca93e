"""How far our reading of feeds agrees with what their parsers' own authors expect: `python -m bench.feed_formats
[CORPUS]`.

In: corpus/feeds, with every peer's expectations in the peer's own form (expected.jsonl). Out, for each peer: the files
of which it says something that can be asked of us, those where we say the same in everything, and each difference with
its reason. Markup is compared as the plain text that we make of it.
"""

import ast
import calendar
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.corpus.feed_differences import reason
from ingest.feeds.parse import ParsedFeed, parse_feed
from ingest.markup import line, plain_text
from pipeline.settings import ROOT

HERE = "https://news.example/feeds/all.xml"
# where feedparser's own tests are served from
FEEDPARSER_URL = "http://127.0.0.1:8097/tests/"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a peer says of a feed: `what`, in our words, is `wanted`."""

    what: str
    wanted: object


@dataclass(frozen=True, slots=True)
class Case:
    """A file with all that its peer says of it."""

    peer: str
    id: str
    file: Path
    url: str
    headers: dict[str, str]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A statement that we do not share."""

    case: Case
    statement: Statement
    found: object

    @property
    def reason(self) -> str:
        """Why not; "" when nobody has looked at it yet."""
        return reason(self.case.peer, self.case.id, self.statement.what)


def cases(corpus: Path) -> Iterator[Case]:
    """Every file of every peer."""
    for peer, read in PEERS.items():
        folder = corpus / "feeds" / peer
        for row in map(json.loads, (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines()):
            url, headers, statements = read(row["expected"], row["id"])
            yield Case(peer, row["id"], folder / row["file"], url, headers, tuple(statements))


def compared(case: Case) -> list[Difference]:
    """Where we differ in one file. Raises nothing: a parser that does is the finding."""
    feed = parse_feed(case.file.read_bytes(), case.url, case.headers)
    pairs = [(each, found_of(feed, each)) for each in case.statements]
    return [Difference(case, each, found) for each, found in pairs if not agree(found, each.wanted)]


def agree(found: object, wanted: object) -> bool:
    """Equal; or what we say is the text of the markup that the peer keeps."""
    return found == wanted or (isinstance(wanted, str) and found in (line(wanted), plain_text(wanted)))


def found_of(feed: ParsedFeed, statement: Statement) -> object:
    """What we say: `entries` (a number), `at least` (that many), `sound`, or a field of the feed or of an entry."""
    match statement.what.split():
        case ["entries"]:
            return len(feed.entries)
        case ["at", "least"]:
            wanted = statement.wanted
            return wanted if isinstance(wanted, int) and len(feed.entries) >= wanted else len(feed.entries)
        case ["sound"]:
            return feed.error is None
        case ["feed", name]:
            return getattr(feed, name)
        case ["entry", number, name] if int(number) < len(feed.entries):
            return getattr(feed.entries[int(number)], name)
    return None


Read = tuple[str, dict[str, str], list[Statement]]


def gofeed(expected: Any, _: str) -> Read:
    """gofeed's JSON: a list of items, or of entries where the file tests its Atom parser alone."""
    items = expected.get("items") or expected.get("entries") or []
    statements = [Statement("entries", len(items))]
    for number, item in enumerate(items):
        told = {"title": item.get("title"), "url": item.get("link"), "published": _iso(item)}
        statements += [Statement(f"entry {number} {name}", value) for name, value in told.items() if value]
    return HERE, {}, statements


def _iso(item: Any) -> datetime | None:
    written = item.get("publishedParsed")
    return datetime.fromisoformat(written).astimezone(UTC) if written else None


GO_STRING = r'("(?:[^"\\]|\\.)*"|`[^`]*`)'
GO_URL = re.compile(r'Parse(?:Feed)?\("([^"]*)"')
GO_COUNT = re.compile(r"len\(feed\.Entries\) != (\d+)")
GO_FIELD = re.compile(rf"feed\.Entries\[(\d+)\]\.(Title|URL) != {GO_STRING}")
GO_NAMES = {"Title": "title", "URL": "url"}


def miniflux(expected: Any, _: str) -> Read:
    """The text of miniflux' Go tests. It names an entry without a title after its address; we leave it without one."""
    text = expected or ""
    statements = [Statement("entries", int(count)) for count in GO_COUNT.findall(text)]
    for number, name, literal in GO_FIELD.findall(text):
        value = literal[1:-1] if literal.startswith("`") else json.loads(literal)
        if name == "URL" or not value.startswith(("http://", "https://")):
            statements.append(Statement(f"entry {number} {GO_NAMES[name]}", value))
    url = GO_URL.search(text)
    return url[1] if url else HERE, {}, statements


def reader(expected: Any, _: str) -> Read:
    """The source of reader's expectations: an EntryData for each entry."""
    return HERE, {}, [Statement("entries", (expected or "").count("EntryData("))]


def feedparser(expected: Any, id_: str) -> Read:
    """The `expr` of feedparser's tests, as far as it speaks of what we keep."""
    headers = {name.lower(): value for name, value in expected["headers"].items()}
    url = headers.get("content-location") or FEEDPARSER_URL + id_
    terms = list(_terms(ast.parse(expected["expr"].strip(), mode="eval").body))
    found = [statement for term in terms if (statement := _statement(term))]
    numbers = [int(number) for number in re.findall(r"entries\[(\d+)\]", expected["expr"])]
    least = [Statement("at least", max(numbers) + 1)] if numbers else []
    return url, headers, least + found


def _terms(expression: ast.expr) -> Iterator[ast.expr]:
    """What is joined by `and`."""
    if isinstance(expression, ast.BoolOp) and isinstance(expression.op, ast.And):
        for each in expression.values:
            yield from _terms(each)
    else:
        yield expression


def _statement(term: ast.expr) -> Statement | None:
    match term:
        case ast.Name("bozo"):
            return Statement("sound", False)
        case ast.UnaryOp(ast.Not(), ast.Name("bozo")):
            return Statement("sound", True)
        case ast.Compare(left, [ast.Eq()], [wanted]):
            return _equal(ast.unparse(left).replace('"', "'"), wanted)
    return None


FIELD = re.compile(r"entries\[(\d+)\](?:\['(\w+)'\]|\.(\w+))(?:\[0\])?(?:\['value'\]|\.value)?")
WHOLE_FEED: Mapping[str, str] = {
    "len(entries)": "entries",
    "version": "feed version",
    "feed['title']": "feed title",
    "feed.title": "feed title",
}
KEPT: Mapping[str, str] = {
    "title": "title",
    "title_detail": "title",
    "link": "url",
    "published_parsed": "published",
    "updated_parsed": "updated",
    "summary": "summary",
    "description": "summary",
    "content": "content",
    "id": "identity",
    "guid": "identity",
}


def _equal(left: str, right: ast.expr) -> Statement | None:
    try:
        wanted = ast.literal_eval(right)
    except ValueError:
        return None
    if left in WHOLE_FEED:
        return Statement(WHOLE_FEED[left], wanted)
    match = FIELD.fullmatch(left)
    name = (match[2] or match[3]) if match else ""
    if match is None or name not in KEPT or not isinstance(wanted, str | tuple):
        return None
    value = datetime.fromtimestamp(calendar.timegm(wanted), UTC) if isinstance(wanted, tuple) else wanted
    return Statement(f"entry {match[1]} {KEPT[name]}", value)


PEERS: dict[str, Callable[[Any, str], Read]] = {
    "gofeed": gofeed,
    "miniflux": miniflux,
    "reader": reader,
    "feedparser": feedparser,
    "real": lambda _, __: (HERE, {}, []),
}


def main() -> int:
    """Prints the agreement; 1 when a difference has no reason."""
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "corpus"
    unexplained = 0
    for peer in PEERS:
        own = [case for case in cases(corpus) if case.peer == peer]
        asked = [case for case in own if case.statements]
        differences = {case.id: compared(case) for case in own}
        agreed = sum(not differences[case.id] for case in asked)
        statements = sum(len(case.statements) for case in asked)
        differing = [each for found in differences.values() for each in found]
        print(f"{peer}: {len(own)} files read, {len(asked)} with something to compare, {agreed} agreed in all of it")
        print(f"  {statements} statements, {len(differing)} differ")
        for each in differing:
            unexplained += not each.reason
            said = f"{each.case.id}: {each.statement.what}: {each.statement.wanted!r}, ours {each.found!r}"
            print(f"    {said[:230]}\n      {each.reason or 'NOT EXPLAINED'}")
    return int(unexplained > 0)


if __name__ == "__main__":
    sys.exit(main())
