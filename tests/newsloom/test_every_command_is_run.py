"""Every command of the README and of docs/ is run by a test, with its own name in that test.

What runs a command: in a module of tests that starts `newsloom` (as a process, or by click's runner), a call, list,
tuple, key or line that begins with the command's words, or has them after "newsloom". What merely looks a command up,
as the contracts of the docs do, does not count.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from newsloom.__main__ import newsloom
from pipeline.settings import ROOT
from tests.contracts import test_docs

PAGES = {"README.md", "docs/operations.md", "docs/metrics.md", "docs/reliability.md", "docs/why.md"}
STARTS_IT = ("CliRunner", '"-m", "newsloom"', "import said")
NO_RUNS = {"test_docs.py", "test_wrong_usage.py", Path(__file__).name}  # they look at names and at mistakes


def path_of(line: str) -> tuple[str, ...]:
    """The words of a shown line that name the command: ("feeds", "add") of `feeds add URL`."""
    found: click.Command = newsloom
    path: list[str] = []
    for word in line.split():
        below = found.get_command(click.Context(found), word) if isinstance(found, click.Group) else None
        if below is None:
            break
        path.append(word)
        found = below
    return tuple(path)


def documented() -> set[tuple[str, ...]]:
    """The commands that the pages show."""
    return {path for page, line in test_docs.commands() if page in PAGES and (path := path_of(line))}


def texts(node: ast.AST) -> list[str]:
    """The texts of a call's arguments, a list or a tuple, cut into words."""
    parts = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return [
        word for each in parts if isinstance(each, ast.Constant) and isinstance(each.value, str)
        for word in each.value.split()
    ]  # fmt: skip


def runs(source: str) -> Iterator[list[str]]:
    """What a module of tests may run: the words of each call, list, tuple and text in it."""
    tree = ast.parse(source)
    prefixes = {each.name: prefix_of(each) for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from (texts(key) for key in node.keys if key is not None)
        elif isinstance(node, ast.Call | ast.List | ast.Tuple) or len(texts(node)) > 1:
            yield prefixes.get(called(node), []) + texts(node)


def called(node: ast.AST) -> str:
    """The name of the function that is called; "" for what is no call of one."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def prefix_of(function: ast.FunctionDef) -> list[str]:
    """The words that a function puts before those that it is called with, as in `["try", *arguments]`."""
    for node in ast.walk(function):
        parts = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.List | ast.Tuple) else []
        if any(isinstance(each, ast.Starred) for each in parts):
            return texts(node)
    return []


def is_in(path: tuple[str, ...], words: list[str]) -> bool:
    """Whether the words begin a command of this path: after `newsloom`, or as the first words."""
    begins = [0, *(at + 1 for at, word in enumerate(words) if word == "newsloom")]
    return any(tuple(words[at : at + len(path)]) == path for at in begins)


def what_tests_run() -> list[list[str]]:
    """The words of everything that tests may run."""
    sources = [path.read_text() for path in (ROOT / "tests").rglob("*.py") if path.name not in NO_RUNS]
    return [words for source in sources if any(each in source for each in STARTS_IT) for words in runs(source)]


def test_every_command_of_the_pages_is_run_by_a_test() -> None:
    found, shown = what_tests_run(), documented()
    assert len(shown) > 35
    assert sorted(path for path in shown if not any(is_in(path, words) for words in found)) == []


def test_a_command_that_nobody_runs_is_seen() -> None:
    source = 'said(options, "feeds", "list")\nsubprocess.run(["-m", "newsloom", "dead", "show"])\n'
    found = list(runs(source))
    assert [any(is_in(path, words) for words in found) for path in (("feeds", "list"), ("dead", "show"))] == [True] * 2
    assert not any(is_in(path, words) for path in (("feeds", "add"), ("list",), ("show",)) for words in found)


@pytest.mark.parametrize("line", ["feeds add URL --name X", "index snapshot take", "search central bank"])
def test_the_path_of_a_line_is_its_command(line: str) -> None:
    assert path_of(line) == tuple(line.split()[: {"feeds": 2, "index": 3, "search": 1}[line.split(maxsplit=1)[0]]])
