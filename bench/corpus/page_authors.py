"""Who wrote the pages of the corpus, by the tests of the projects that they come from; and how well authors are found.

In: truth.jsonl of a set (its "authors", where it has them), else clones of flairNLP/fundus and adbar/trafilatura (as
`fundus` and `trafilatura`), whose tests name the authors. Out: names by the URL of the page; recall and precision.

Agencies, newsrooms and papers are left out on both sides: authors are people here.
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

WORDS = re.compile(r"\w+")
NO_PERSON = re.compile(
    r"\b(?:afp|ap|apa|dpa|sda|associated press|reuters|agentur\w*|agency|ajans\w*|redaktion|team|news|red|"
    r"presse-agentur|nachrichten|zeitung|unknown)\b|\.(?:com|de|at|ch|is|be|org|tr)\b",
    re.IGNORECASE,
)
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


def score_authors(pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> tuple[int, int, int]:
    """Of (found, true) names: how many are right, how many should be found, how many were found."""
    right = wanted = given = 0
    for found, truth in pairs:
        first, second = _people(found), _people(truth)
        right, wanted, given = right + len(first & second), wanted + len(second), given + len(first)
    return right, wanted, given


def _people(names: Iterable[str]) -> set[str]:
    return {" ".join(WORDS.findall(name.casefold())) for name in names if not NO_PERSON.search(name)} - {""}
