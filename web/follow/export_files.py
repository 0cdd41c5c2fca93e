"""Export files: all articles of a search as CSV or JSON Lines, copies too, the newest first, with the columns of
`newsloom search`.

A file is sent while it is made; nobody holds it as a whole.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import msgspec

from index.searching import article_export
from index.searching.article_search import ArticleSummary
from web.follow import csv_table
from web.follow.strict_search import read_search
from web.frame import Answer, Asked, Page, Site, Streamed

CSV_PATH, JSON_LINES_PATH = "/export.csv", "/export.jsonl"
CHUNK = 500  # articles that are sent together
MOST_NAME = 60  # characters of a file's name that come from the search
UTF_8_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # by which spreadsheets know the encoding


def show_csv(asked: Asked, site: Site) -> Answer:
    """The articles as CSV, with a line of names."""
    head = UTF_8_MARK + csv_table.write_row(article_export.COLUMNS)
    return _file(asked, site, "csv", "text/csv; charset=utf-8", _csv_row, head)


def show_json_lines(asked: Asked, site: Site) -> Answer:
    """The articles as JSON, one a line."""
    return _file(asked, site, "jsonl", "application/jsonl", _json_line)


def _file(
    asked: Asked, site: Site, ending: str, content_type: str, write: Callable[[ArticleSummary], str], head: str = ""
) -> Streamed:
    articles = article_export.read_articles(site.options.elasticsearch, read_search(asked, site))
    name = f"{file_name(asked.word('q'), asked.now.astimezone(site.zone))}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Streamed(_chunks(head, map(write, articles)), content_type, headers)


def file_name(typed: str, now: datetime) -> str:
    """The name of a file without its ending: letters, digits and hyphens that every system takes. Pure."""
    words = "-".join(re.findall(r"[a-z0-9]+", typed.lower()))[:MOST_NAME].strip("-")
    return "-".join(filter(None, ("newsloom", words, now.strftime("%Y-%m-%d"))))


def _chunks(head: str, lines: Iterable[str]) -> Iterator[bytes]:
    """The lines in pieces. `head` goes with the first, so that what fails at the beginning is told on a page."""
    waiting = iter(lines)
    first = list(itertools.islice(waiting, CHUNK))
    yield (head + "".join(first)).encode(errors="replace")
    while some := list(itertools.islice(waiting, CHUNK)):
        yield "".join(some).encode(errors="replace")


def _csv_row(article: ArticleSummary) -> str:
    values = msgspec.to_builtins(article)
    return csv_table.write_row("" if value is None else str(value) for value in values.values())


def _json_line(article: ArticleSummary) -> str:
    return msgspec.json.encode(article).decode() + "\n"


PAGES = (Page("export", CSV_PATH, show_csv), Page("export", JSON_LINES_PATH, show_json_lines))
