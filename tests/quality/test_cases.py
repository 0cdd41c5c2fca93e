"""Small invented inputs of what the web really sends (../shared/cases), through `newsloom try page` and `try feed`.

Each line of expected.jsonl is a test. The inputs are read where they lie; where they are not, the tests are skipped.
A condition ends in what is asked of the field: "title_begins", "text_lacks", and so on (its INDEX.md).
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner

from newsloom.commands.try_stage import trial
from pipeline.messages import ArticleKind
from pipeline.settings import ROOT

pytestmark = pytest.mark.quality

CASES = ROOT.parent / "shared" / "cases"
DIGEST = "7f88e57dc29d121f"  # of the inputs and expectations, 2026-11-30
ADDRESS = "https://courier.example/"


def read_cases(kind: str) -> list[Any]:
    """The lines of one kind, each a parameter with the name of its input; one that is skipped where there are none."""
    expected = CASES / "expected.jsonl"
    if not expected.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason="the cases (../shared/cases) are not here"))]
    rows = [json.loads(line) for line in expected.read_text(encoding="utf-8").splitlines()]
    return [pytest.param(row, id=row.get("form") or Path(row["file"]).stem) for row in rows if row["kind"] == kind]


def ask(stage: str, file: Path, url: str) -> dict[str, Any]:
    """What `newsloom try` answers to a line of `--lines`."""
    request = json.dumps({"file": str(file), "url": url, "headers": {}})
    run = CliRunner().invoke(trial, [stage, "--lines"], input=f"{request}\n", catch_exceptions=False)
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def read_moment(text: object) -> datetime | None:
    """A time in ISO 8601 to the second; without a zone it is in UTC."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


PAGE_CONDITIONS: dict[str, Callable[[dict[str, Any], Any], bool]] = {
    "no_article": lambda page, _: "error" in page or page["kind"] not in get_args(ArticleKind),
    "authors": lambda page, wanted: page["authors"] == wanted,
    "authors_any": lambda page, _: bool(page["authors"]),
    "title": lambda page, wanted: page["title"] == wanted,
    "title_begins": lambda page, wanted: page["title"].startswith(wanted),
    "title_longer_than": lambda page, wanted: len(page["title"]) > wanted,
    "published_at": lambda page, wanted: read_moment(page["published_at"]) == read_moment(wanted),
    "published_at_begins": lambda page, wanted: str(page["published_at"]).startswith(wanted),
    "published_at_not_begins": lambda page, wanted: not str(page["published_at"]).startswith(wanted),
    "canonical_url": lambda page, wanted: page["canonical_url"] == wanted,
    "kind": lambda page, wanted: page["kind"] in (wanted, "teaser"),
    "text_longer_than": lambda page, wanted: len(page["text"]) > wanted,
    "text_lacks": lambda page, wanted: not any(each in page["text"] for each in wanted),
    "tags": lambda page, wanted: set(wanted) <= set(page["tags"]),
}


@pytest.mark.parametrize("case", read_cases("pages"))
def test_pages(case: dict[str, Any]) -> None:
    page = ask("page", CASES / case["file"], case["url"])
    failed = [name for name, wanted in case["expect"].items() if not PAGE_CONDITIONS[name](page, wanted)]
    assert failed == [], {name: page.get(name, page.get("error")) for name in failed}


def first_differences(entry: dict[str, Any], wanted: dict[str, str]) -> list[str]:
    """The fields of a feed's first entry that are not as wanted."""
    summary = f"{entry.get('summary') or ''}{entry.get('content') or ''}"
    found = {**entry, "link": entry.get("link") or entry.get("url") or ""}
    return [
        name
        for name, value in wanted.items()
        if not (value in summary if name == "summary_has" else (found.get(name) or "") == value)
    ]


FEED_CONDITIONS: dict[str, Callable[[list[dict[str, Any]], Any], bool]] = {
    "entries": lambda entries, wanted: len(entries) == wanted,
    "titles_have": lambda entries, wanted: any(wanted in (each.get("title") or "") for each in entries),
    "summary_lacks": lambda entries, wanted: all(
        wanted not in f"{each.get('summary') or ''}{each.get('content') or ''}" for each in entries
    ),
    "first": lambda entries, wanted: bool(entries) and not first_differences(entries[0], wanted),
}


@pytest.mark.parametrize("case", read_cases("feeds"))
def test_feeds(case: dict[str, Any]) -> None:
    entries = ask("feed", CASES / case["file"], case["url"])["entries"]
    failed = [name for name, wanted in case["expect"].items() if not FEED_CONDITIONS[name](entries, wanted)]
    assert failed == [], entries


@pytest.mark.parametrize("case", read_cases("date"))
def test_dates(case: dict[str, Any], tmp_path: Path) -> None:
    """A date as a feed's pubDate writes it; one that can't be known is not read."""
    feed = tmp_path / "dates.xml"
    item = f"<item><title>Sea wall</title><link>{ADDRESS}a</link><pubDate>{escape(case['form'])}</pubDate></item>"
    feed.write_text(
        f'<rss version="2.0"><channel><title>C</title><link>{ADDRESS}</link>{item}</channel></rss>', encoding="utf-8"
    )
    (entry,) = ask("feed", feed, f"{ADDRESS}feed/")["entries"]
    wanted = None if case["expect"].startswith("ambiguous") else read_moment(case["expect"].split(" ")[0])
    assert read_moment(entry.get("published")) == wanted


def test_the_data_is_what_was_measured() -> None:
    if not CASES.is_dir():
        pytest.skip("the cases (../shared/cases) are not here")
    digest = hashlib.sha256()
    for file in sorted(each for each in CASES.rglob("*") if each.is_file() and each.suffix not in (".py", ".md")):
        digest.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    assert digest.hexdigest()[:16] == DIGEST
