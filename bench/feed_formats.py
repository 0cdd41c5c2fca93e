"""Feed format benchmark: compares our feed parsers with what four other parsers' tests expect.

Run: `python -m bench.feed_formats [CORPUS]`. In: corpus/feeds, with the test files of gofeed, miniflux, reader and
feedparser, and each peer's expectations in its own form (expected.jsonl). Out, for each peer: how many files were read,
how many have comparable expectations, how many agree in all of them, and each difference with its reason. Markup is
compared as the plain text that we make of it.
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

from bench.corpus.feed_differences import difference_reason
from ingest.feeds.parse import ParsedFeed, parse_feed
from ingest.markup import plain_line, plain_text
from pipeline.settings import ROOT

DEFAULT_URL = "https://news.example/feeds/all.xml"
# the address from which feedparser's test suite serves its files
FEEDPARSER_URL = "http://127.0.0.1:8097/tests/"


@dataclass(frozen=True, slots=True)
class Expectation:
    """A value that a peer expects of a feed. `field` is in our words, see `our_value`."""

    field: str
    expected: object


@dataclass(frozen=True, slots=True)
class Case:
    """A feed file with all that its peer expects of it."""

    peer: str
    id: str
    file: Path
    url: str
    headers: dict[str, str]
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """An expectation that our parser does not meet; `found` is our value."""

    case: Case
    expectation: Expectation
    found: object

    @property
    def reason(self) -> str:
        """Why we differ; "" if nobody has explained it yet."""
        return difference_reason(self.case.peer, self.case.id, self.expectation.field)


def load_cases(corpus: Path) -> Iterator[Case]:
    """All files of all peers, with their expectations."""
    for peer, read in PEERS.items():
        folder = corpus / "feeds" / peer
        for row in map(json.loads, (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines()):
            url, headers, expectations = read(row["expected"], row["id"])
            yield Case(peer, row["id"], folder / row["file"], url, headers, tuple(expectations))


def find_differences(case: Case) -> list[Difference]:
    """The expectations of one file that we do not meet. Whatever our parser raises is passed on: it should not."""
    feed = parse_feed(case.file.read_bytes(), case.url, case.headers)
    pairs = [(each, our_value(feed, each)) for each in case.expectations]
    return [Difference(case, each, found) for each, found in pairs if not values_agree(found, each.expected)]


def values_agree(found: object, expected: object) -> bool:
    """Whether our value equals the expected one, or is the plain text of the expected markup."""
    return found == expected or (isinstance(expected, str) and found in (plain_line(expected), plain_text(expected)))


def our_value(feed: ParsedFeed, expectation: Expectation) -> object:
    """Our value for an expectation's field, None for a missing entry.

    Fields: "entries" (their number), "at least" (the expected number, if there are as many entries), "sound" (no
    error), "feed NAME" and "entry NUMBER NAME" (an attribute of the feed or of an entry).
    """
    match expectation.field.split():
        case ["entries"]:
            return len(feed.entries)
        case ["at", "least"]:
            expected = expectation.expected
            return expected if isinstance(expected, int) and len(feed.entries) >= expected else len(feed.entries)
        case ["sound"]:
            return feed.error is None
        case ["feed", name]:
            return getattr(feed, name)
        case ["entry", number, name] if int(number) < len(feed.entries):
            return getattr(feed.entries[int(number)], name)
    return None


# a case's URL, response headers and expectations
CaseExpectations = tuple[str, dict[str, str], list[Expectation]]


def read_gofeed(expected: Any, _: str) -> CaseExpectations:
    """Expectations of gofeed's JSON: a list of items, or of entries where the file tests its Atom parser alone."""
    items = expected.get("items") or expected.get("entries") or []
    expectations = [Expectation("entries", len(items))]
    for number, item in enumerate(items):
        values = {"title": item.get("title"), "url": item.get("link"), "published": _published(item)}
        expectations += [Expectation(f"entry {number} {name}", value) for name, value in values.items() if value]
    return DEFAULT_URL, {}, expectations


def _published(item: Any) -> datetime | None:
    written = item.get("publishedParsed")
    return datetime.fromisoformat(written).astimezone(UTC) if written else None


GO_STRING = r'("(?:[^"\\]|\\.)*"|`[^`]*`)'
GO_URL = re.compile(r'Parse(?:Feed)?\("([^"]*)"')
GO_COUNT = re.compile(r"len\(feed\.Entries\) != (\d+)")
GO_FIELD = re.compile(rf"feed\.Entries\[(\d+)\]\.(Title|URL) != {GO_STRING}")
GO_FIELD_NAMES = {"Title": "title", "URL": "url"}


def read_miniflux(expected: Any, _: str) -> CaseExpectations:
    """Expectations in the Go source of miniflux' tests. It titles an untitled entry with its URL; we do not."""
    text = expected or ""
    expectations = [Expectation("entries", int(count)) for count in GO_COUNT.findall(text)]
    for number, name, literal in GO_FIELD.findall(text):
        value = literal[1:-1] if literal.startswith("`") else json.loads(literal)
        if name == "URL" or not value.startswith(("http://", "https://")):
            expectations.append(Expectation(f"entry {number} {GO_FIELD_NAMES[name]}", value))
    url = GO_URL.search(text)
    return url[1] if url else DEFAULT_URL, {}, expectations


def read_reader(expected: Any, _: str) -> CaseExpectations:
    """Expectations in the Python source of reader's tests: an EntryData for each entry."""
    return DEFAULT_URL, {}, [Expectation("entries", (expected or "").count("EntryData("))]


def read_feedparser(expected: Any, id_: str) -> CaseExpectations:
    """Expectations in the `expr` of feedparser's tests, as far as they are about fields that we have."""
    headers = {name.lower(): value for name, value in expected["headers"].items()}
    url = headers.get("content-location") or FEEDPARSER_URL + id_
    terms = list(_conjuncts(ast.parse(expected["expr"].strip(), mode="eval").body))
    found = [expectation for term in terms if (expectation := _expectation(term))]
    numbers = [int(number) for number in re.findall(r"entries\[(\d+)\]", expected["expr"])]
    least = [Expectation("at least", max(numbers) + 1)] if numbers else []
    return url, headers, least + found


def _conjuncts(expression: ast.expr) -> Iterator[ast.expr]:
    """The parts of an expression that are joined by `and`."""
    if isinstance(expression, ast.BoolOp) and isinstance(expression.op, ast.And):
        for each in expression.values:
            yield from _conjuncts(each)
    else:
        yield expression


def _expectation(term: ast.expr) -> Expectation | None:
    match term:
        case ast.Name("bozo"):
            return Expectation("sound", False)
        case ast.UnaryOp(ast.Not(), ast.Name("bozo")):
            return Expectation("sound", True)
        case ast.Compare(left, [ast.Eq()], [expected]):
            return _equality_expectation(ast.unparse(left).replace('"', "'"), expected)
    return None


ENTRY_EXPRESSION = re.compile(r"entries\[(\d+)\](?:\['(\w+)'\]|\.(\w+))(?:\[0\])?(?:\['value'\]|\.value)?")
FEED_FIELDS: Mapping[str, str] = {
    "len(entries)": "entries",
    "version": "feed version",
    "feed['title']": "feed title",
    "feed.title": "feed title",
}
ENTRY_FIELDS: Mapping[str, str] = {
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


def _equality_expectation(left: str, right: ast.expr) -> Expectation | None:
    try:
        expected = ast.literal_eval(right)
    except ValueError:
        return None
    if left in FEED_FIELDS:
        return Expectation(FEED_FIELDS[left], expected)
    match = ENTRY_EXPRESSION.fullmatch(left)
    name = (match[2] or match[3]) if match else ""
    if match is None or name not in ENTRY_FIELDS or not isinstance(expected, str | tuple):
        return None
    value = datetime.fromtimestamp(calendar.timegm(expected), UTC) if isinstance(expected, tuple) else expected
    return Expectation(f"entry {match[1]} {ENTRY_FIELDS[name]}", value)


PEERS: dict[str, Callable[[Any, str], CaseExpectations]] = {
    "gofeed": read_gofeed,
    "miniflux": read_miniflux,
    "reader": read_reader,
    "feedparser": read_feedparser,
    "real": lambda _, __: (DEFAULT_URL, {}, []),
}


def main() -> int:
    """Prints the agreement with each peer; returns 1 if a difference has no reason."""
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "corpus"
    unexplained = 0
    for peer in PEERS:
        own = [case for case in load_cases(corpus) if case.peer == peer]
        comparable = [case for case in own if case.expectations]
        differences = {case.id: find_differences(case) for case in own}
        agreed = sum(not differences[case.id] for case in comparable)
        expectations = sum(len(case.expectations) for case in comparable)
        differing = [each for found in differences.values() for each in found]
        print(
            f"{peer}: {len(own)} files read, {len(comparable)} with something to compare, {agreed} agreed in all of it"
        )
        print(f"  {expectations} statements, {len(differing)} differ")
        for each in differing:
            unexplained += not each.reason
            line = f"{each.case.id}: {each.expectation.field}: {each.expectation.expected!r}, ours {each.found!r}"
            print(f"    {line[:230]}\n      {each.reason or 'NOT EXPLAINED'}")
    return int(unexplained > 0)


if __name__ == "__main__":
    sys.exit(main())
