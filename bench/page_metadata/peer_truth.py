"""Real pages in the tests of other readers, with the title, date and authors that those tests expect.

In: clones of mozilla/readability, postlight/parser and AndyTheFactory/newspaper4k, as folders of these names; for the
sets of the corpus, clones of flairNLP/fundus (`fundus`) and adbar/trafilatura (`trafilatura`). Out: StatedPages. What
a test leaves out, or expects to be nothing, is None or empty: it is not known, and not measured.

These expectations say what each reader should take from a page by its own rules, so they are worth less than a truth:
readability expects a byline as it is written, parser the headline that its selector finds.
"""

import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.page_metadata.author_truth import load_authors
from bench.page_metadata.scores import StatedPage
from bench.page_metadata.written_names import split_written

FIXTURE = re.compile(r"readFileSync\(\s*['\"`]\./fixtures/(?P<name>[^'\"`]+)")
ADDRESS = re.compile(r"['\"`](?P<url>https?://[^'\"`\s]+)['\"`]")
EQUAL = r"assert\.equal\(\s*{}\s*,\s*(?P<quote>['\"`])(?P<value>(?:\\.|(?!(?P=quote)).)*)(?P=quote)"
EXPECTED = {name: re.compile(EQUAL.format(name), re.DOTALL) for name in ("title", "author", "date_published")}
ESCAPED = re.compile(r"\\(?:u(?P<code>[0-9a-fA-F]{4})|(?P<other>.))", re.DOTALL)


def load_readability(clone: Path) -> Iterator[StatedPage]:
    """The pages of mozilla/readability's tests; they are all under one address, which is not theirs."""
    for folder in sorted((clone / "test" / "test-pages").glob("*")):
        expected = json.loads((folder / "expected-metadata.json").read_text(encoding="utf-8"))
        yield StatedPage(
            "http://fakehost/test/page.html",
            (folder / "source.html").read_bytes(),
            expected.get("title") or None,
            _time(expected.get("publishedTime")),
            split_written(expected.get("byline") or ""),
        )


def load_parser(clone: Path) -> Iterator[StatedPage]:
    """The pages of postlight/parser's tests, of a publisher each."""
    for path in sorted((clone / "src" / "extractors" / "custom").glob("*/index.test.js")):
        script = path.read_text(encoding="utf-8")
        starts = list(FIXTURE.finditer(script))
        ends = [*(each.start() for each in starts[1:]), len(script)]
        for start, end in zip(starts, ends, strict=True):
            fixture = clone / "fixtures" / start["name"]
            addresses = list(ADDRESS.finditer(script, 0, start.start()))
            if fixture.exists() and addresses:
                yield _parser_page(fixture, addresses[-1]["url"], script[start.end() : end])


def _parser_page(fixture: Path, url: str, test: str) -> StatedPage:
    found = {name: pattern.search(test) for name, pattern in EXPECTED.items()}
    values = {name: _unescape(match["value"]) if match else "" for name, match in found.items()}
    return StatedPage(
        url,
        fixture.read_bytes(),
        values["title"] or None,
        _time(values["date_published"]),
        split_written(values["author"]),
    )


def _unescape(text: str) -> str:
    """A text as JavaScript writes it between quotes."""
    return ESCAPED.sub(lambda match: chr(int(match["code"], 16)) if match["code"] else match["other"], text)


def load_newspaper4k(clone: Path) -> Iterator[StatedPage]:
    """The pages of newspaper4k's tests. Their authors are what newspaper itself finds, so they are left out."""
    for path in sorted((clone / "tests" / "data" / "metadata").glob("*.json")):
        expected: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        page = clone / "tests" / "data" / "html" / f"{path.stem}.html"
        if page.exists():
            url, title = expected.get("url") or "", expected.get("title") or None
            yield StatedPage(url, page.read_bytes(), title, _time(expected.get("publish_date")), ())


def load_corpus_set(folder: Path, clones: Path | None) -> list[StatedPage]:
    """The pages of a set of the corpus; what truth.jsonl leaves out of pages/trafilatura is taken from the clone."""
    authors, stated = load_authors(folder, clones), _evaluation_data(folder, clones)
    rows = [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        StatedPage(
            row["url"],
            gzip.decompress((folder / row["file"]).read_bytes()),
            row["title"] or stated.get(row["url"], {}).get("title") or None,
            _time(row["date"] or stated.get(row["url"], {}).get("date")),
            tuple(authors.get(row["url"], ())),
        )
        for row in rows
    ]


def _evaluation_data(folder: Path, clones: Path | None) -> dict[str, dict[str, Any]]:
    """What trafilatura's own evaluation says of its pages, by URL."""
    path = clones / "trafilatura" / "tests" / "evaldata.json" if clones and folder.name == "trafilatura" else None
    found: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path and path.exists() else {}
    return found


LOADERS = {"readability": load_readability, "parser": load_parser, "newspaper4k": load_newspaper4k}


def _time(text: Any) -> datetime | None:
    """A time in ISO 8601; one without a zone is in UTC. None for what is none."""
    try:
        found = datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
