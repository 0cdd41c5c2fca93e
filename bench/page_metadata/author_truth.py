"""Who wrote the pages of the corpus, by the tests of the projects that they come from.

In: truth.jsonl of a set (its "authors", where it has them), else clones of flairNLP/fundus and adbar/trafilatura (as
`fundus` and `trafilatura`), whose tests name the authors. Out: names by the URL of the page, as they are written there.
"""

import json
import re
from pathlib import Path
from typing import Any

FUNDUS_DATE = re.compile(r"_\d{4}_\d\d_\d\d.*")


def load_authors(folder: Path, clones: Path | None) -> dict[str, list[str]]:
    """The authors of a set's pages by URL, of those pages whose authors are known."""
    rows = [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    if any("authors" in row for row in rows) or clones is None:
        return {row["url"]: row["authors"] for row in rows if row.get("authors")}
    if folder.name == "fundus":
        return {row["url"]: names for row in rows if (names := _fundus_authors(clones / "fundus", row))}
    stated = clones / "trafilatura" / "tests" / "evaldata.json"
    if folder.name != "trafilatura" or not stated.exists():
        return {}
    found: dict[str, Any] = json.loads(stated.read_text(encoding="utf-8"))
    return {row["url"]: _as_list(found[row["url"]]["author"]) for row in rows if found[row["url"]].get("author")}


def _fundus_authors(clone: Path, row: dict[str, Any]) -> list[str]:
    """The authors in the test of the page's publisher, in the version that has the page's title."""
    country, _, name = str(row["id"]).partition("/")
    stated = clone / "tests" / "resources" / "parser" / "test_data" / country / f"{FUNDUS_DATE.sub('', name)}.json"
    if not stated.exists():
        return []
    versions: list[dict[str, Any]] = list(json.loads(stated.read_text(encoding="utf-8")).values())
    return next((list(each.get("authors") or ()) for each in versions if each.get("title") == row["title"]), [])


def _as_list(authors: str | list[str]) -> list[str]:
    return authors if isinstance(authors, list) else [name.strip() for name in authors.split(";")]
