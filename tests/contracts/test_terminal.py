"""Nothing of `newsloom` is printed but through newsloom/terminal.py, where every text is made safe."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.settings import ROOT

DOOR = "terminal.py"
# run on machines that have no package installed (`make env`); it prints the path of a file that it has written
WITHOUT_PACKAGES = "passwords.py"
# of click, of sys and of rich: what prints, or makes something that prints itself
PRINTING = {
    *("echo", "secho", "confirm", "prompt", "echo_via_pager", "progressbar", "ClickException", "FileError"),
    *("stdout", "stderr", "__stdout__", "__stderr__", "add_row", "add_column", "print_exc", "print_exception"),
}


def bypasses(source: str) -> Iterator[str]:
    """What in a module prints without the door."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and node.id == "print":
            yield f"line {node.lineno}: print"
        elif isinstance(node, ast.Attribute) and node.attr in PRINTING and not is_door(node.value):
            yield f"line {node.lineno}: {node.attr}"
        elif isinstance(node, ast.Import):
            yield from (f"line {node.lineno}: {each.name}" for each in node.names if is_rich(each.name))
        elif isinstance(node, ast.ImportFrom):
            named = [each.name for each in node.names if is_rich(node.module or "") or each.name in PRINTING]
            yield from (f"line {node.lineno}: {name}" for name in named)


def is_door(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "terminal"


def is_rich(module: str) -> bool:
    return module.split(".", maxsplit=1)[0] == "rich"


def modules() -> Iterator[Path]:
    return (path for path in (ROOT / "newsloom").rglob("*.py") if path.name not in (DOOR, WITHOUT_PACKAGES))


def test_only_the_door_prints() -> None:
    found = {str(path.relative_to(ROOT)): list(bypasses(path.read_text(encoding="utf-8"))) for path in modules()}
    assert len(found) > 25
    assert {path: named for path, named in found.items() if named} == {}


@pytest.mark.parametrize(
    "source",
    [
        "print(title)",
        "click.echo(title)",
        "from click import echo",
        "import rich.console",
        "from rich.table import Table",
        "sys.stdout.write(title)",
        "terminal.table(columns, []).add_row(title)",
        "raise click.ClickException(title)",
        "say = print",
    ],
)
def test_a_bypass_is_seen(source: str) -> None:
    assert list(bypasses(source))
