"""The rules of CONTRIBUTING.md about the code itself: short functions, short modules, telling names."""

import ast
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipeline.settings import ROOT

PIPELINE = ("ingest", "enrich", "index", "pipeline", "watches", "alerts", "web", "newsloom")
CODE = (*PIPELINE, "bench", "embedded", "training")
PACKAGES = (*CODE, "tests")
MOST_LINES_OF_A_FUNCTION = 40
MOST_LINES_OF_A_MODULE = 300
MEDIAN_LINES_OF_A_FUNCTION = 10
NAMES_THAT_TELL_NOTHING = re.compile(r"(^|_)(utils?|helpers?|common|misc|manager)(_|$)")
# what files were once called here: words that somebody from the field can't guess a file's content from
RIDDLES = re.compile(
    r"(test_)?(agenda|beside|choice|chores|columns|evidence|gist|habits|hints|homes|items|joining|keeper|ledger"
    r"|likeness|marks|neighbours|packing|path|pieces|postings|segments|shared|signs|sizes|stated|states"
    r"|surroundings|tally|transitions)"
)
MOST_FILES_OF_A_FOLDER = 15
# the same thing on two sides: a name that stands more than once, how often, and why it may
ONE_NAME_FOR_SEVERAL = {
    "__main__.py": (
        6,
        "what Python runs: `newsloom`, `python -m embedded`, `bench`, `bench.silence`, `bench.web`, `bench.whole`",
    ),
    "rights.py": (2, "who may do what: on Kafka and on Elasticsearch"),
    "client.py": (2, "how the world is asked: the web (ingest/web) and Elasticsearch (index)"),
    "stories.py": (3, "the stage, the command that shows what it made, and what measures it"),
    "article.py": (2, "what a page and an entry become, and the command that shows one"),
    "watch.py": (2, "the path of the watches, and the command that runs it"),
    "entity_linking.py": (2, "what links names across documents, and what measures it"),
}


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")


def files_of(package: str) -> list[Path]:
    """What lies in a package's folders: modules, and the data beside them."""
    every = (path for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return [path for path in every if path.name != "__init__.py"]


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
    assert [path for path in lines if RIDDLES.fullmatch(path.stem)] == []


def test_no_folder_is_a_hall() -> None:
    """Data that lies beside code counts too."""
    files = Counter(path.parent.relative_to(ROOT) for package in PACKAGES for path in files_of(package))
    assert len(files) > 20
    assert {str(folder): count for folder, count in files.items() if count > MOST_FILES_OF_A_FOLDER} == {}


def test_a_name_stands_for_one_thing() -> None:
    names = Counter(path.name for package in CODE for path in files_of(package))
    assert len(names) > 150
    several = {name: count for name, count in names.items() if count > 1}
    assert several == {name: count for name, (count, _why) in ONE_NAME_FOR_SEVERAL.items()}


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
