"""The rules of CONTRIBUTING.md about the code itself: short functions, short modules, telling names."""

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

from pipeline.settings import ROOT

PACKAGES = ("bench", "embedded", "enrich", "index", "ingest", "newsloom", "pipeline", "tests")
MOST_LINES_OF_A_FUNCTION = 40
MOST_LINES_OF_A_MODULE = 300
MEDIAN_LINES_OF_A_FUNCTION = 10
NAMES_THAT_TELL_NOTHING = re.compile(r"(^|_)(utils?|helpers?|common|misc|manager)(_|$)")


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")


def functions() -> Iterator[tuple[str, int]]:
    """Every function: where it is, and its lines."""
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_functions_are_short() -> None:
    lines = dict(functions())
    assert {name: count for name, count in lines.items() if count > MOST_LINES_OF_A_FUNCTION} == {}
    assert statistics.median(lines.values()) < MEDIAN_LINES_OF_A_FUNCTION


def test_modules_are_short_and_their_names_tell_something() -> None:
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in modules()}
    assert len(lines) > len(PACKAGES)
    assert {str(path): count for path, count in lines.items() if count >= MOST_LINES_OF_A_MODULE} == {}
    assert [path for path in lines if NAMES_THAT_TELL_NOTHING.search(path.stem)] == []


def test_no_file_names_a_place_that_only_this_machine_has() -> None:
    """A machine's own paths, or where its packages come from."""
    wrong = re.compile(r"(?<![\w.-])/(work|root|home/\w+)/|index-url *=? *http|--extra-index")
    own = Path(__file__).name
    found = [path for path in texts() if path.name != own and wrong.search(path.read_text(encoding="utf-8"))]
    assert found == []


def texts() -> Iterator[Path]:
    """Everything that people read."""
    yield from modules()
    for folder in ("config", "docs"):
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file())
    yield from (path for path in ROOT.iterdir() if path.suffix in {".md", ".toml", ".lock", ".yml"})
