"""What the pages say of each other and of the code is there: links, files, folders, modules, commands, settings."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from prometheus_client import REGISTRY

from newsloom.__main__ import newsloom
from pipeline import observability
from pipeline.setting_rules.setting_section import SECRETS
from pipeline.settings import DEFAULT_FILE, ROOT

PACKAGES = (
    "alerts",
    "bench",
    "embedded",
    "enrich",
    "index",
    "ingest",
    "newsloom",
    "pipeline",
    "training",
    "watches",
    "web",
)
FOLDERS = (*PACKAGES, "config", "docs", "findings", "tests")
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
SOURCES = [
    *(ROOT / name for name in ("Makefile", "Dockerfile", "pyproject.toml", ".env.example", ".ci/run")),
    *ROOT.glob("docker-compose*.yml"),
    *(
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".py", ".toml", ".java", ".properties", ".sh", ".txt", ".yml"}
    ),
    *(ROOT / "config").rglob("*.json"),
]

# a path from the top of the repository: nothing stands before it that would make it the end of another path
PATH = re.compile(rf"(?<![\w./~@$-])(?:{'|'.join(FOLDERS)})/(?:[\w./*-]|\{{\w+,[\w,]+\}})*")
PYTHON_FILE = re.compile(r"(?<![\w./*-])\w+\.py\b")
# a module or a setting; what a page says in the middle of a sentence ends with a full stop and a space, not a letter
DOTTED = re.compile(
    rf"(?<![\w./-])(?:{'|'.join((*PACKAGES, 'elasticsearch', 'kafka', 'kibana', 'service', 'worker'))})(?:\.[a-z]\w+)+"
)
# what looks so and is of others: a file of a data directory, a unit of systemd, test pages of newspaper and newspaper4k
NOT_OURS = frozenset({"index.log", "newsloom.target", "tests/data/html/*.html"})
# tables under this line have a first column of paths as they were; only docs/decisions/0022 may have one
PATHS_OF_BEFORE = "<!-- the first column: paths of before -->"
COMMAND = re.compile(r"(?:^|[\s/])newsloom ([^`|>&]+)")
# options that pages name alone and that are docker's
OTHERS_OPTIONS = frozenset({"--volumes"})


def text_of(path: Path) -> str:
    """What a file says, but for the paths of before in the table that tells them."""
    text = path.read_text(encoding="utf-8")
    if path.name.startswith("0022-"):
        before, _, rest = text.partition(PATHS_OF_BEFORE)
        return before + re.sub(r"^\|[^|]*\|", "|", rest, flags=re.MULTILINE)
    return text


def mentions(pattern: re.Pattern[str], paths: list[Path]) -> list[tuple[str, str]]:
    """Where what was found stands, and what it is."""
    return [
        (str(path.relative_to(ROOT)), found)
        for path in paths
        if path != Path(__file__)
        for found in pattern.findall(text_of(path))
        if found not in NOT_OURS
    ]


def is_there(mention: str) -> bool:
    """Whether a path leads somewhere: to a file, a folder, a module (also without ".py") or a name in a module.

    A decision is known by its number; `{a,b}` stands for each, `*` for any.
    """
    path = mention.rstrip("./-")
    if braces := re.search(r"\{([^}]*)\}", path):
        return all(is_there(path.replace(braces[0], each)) for each in braces[1].split(","))
    folder, _, name = path.rpartition("/")
    if "*" in path or re.fullmatch(r"\d{4}", name):
        return any(ROOT.glob(path if "*" in path else f"{path}-*"))
    return (ROOT / path).exists() or (ROOT / f"{path}.py").is_file() or has_member(folder, *name.split("."))


def has_member(folder: str, module: str, *names: str) -> bool:
    """Whether a module has a name: ingest/web/client.WebClient.get."""
    source = ROOT / folder / f"{module}.py"
    text = source.read_text(encoding="utf-8") if names and source.is_file() else ""
    return bool(text) and all(re.search(rf"\b{name}\b", text) for name in names)


def test_every_decision_that_is_referred_to_is_there() -> None:
    numbers = {path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md")}
    referred = {
        (path.name, number)
        for path in (*PAGES, *SOURCES)
        if path != Path(__file__)
        for number in re.findall(r"decisions?/(\d{4})", path.read_text(encoding="utf-8"))
    }
    assert referred
    assert {each for each in referred if each[1] not in numbers} == set()


def test_every_link_of_a_page_leads_somewhere() -> None:
    links = [
        (page, link)
        for page in PAGES
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    ]
    assert links
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []


# --- files ---


def test_every_file_and_folder_that_is_named_is_there() -> None:
    named = mentions(PATH, [*PAGES, *SOURCES])
    assert len([each for each in named if each[0].endswith(".md")]) > 250
    assert len([each for each in named if each[0].endswith(".py")]) > 100
    assert [each for each in named if not is_there(each[1])] == []


def test_every_python_file_that_is_named_without_its_folder_is_there() -> None:
    named = mentions(PYTHON_FILE, [*PAGES, *SOURCES])
    names = {path.name for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
    assert len(named) > 15
    assert [each for each in named if each[1] not in names] == []


@pytest.mark.parametrize(
    "gone", ["ingest/nowhere", "config/nowhere.toml", "docs/decisions/9999", "enrich/window.nothing_here"]
)
def test_what_is_gone_is_seen(gone: str) -> None:
    (found,) = PATH.findall(f"as `{gone}` says.")
    assert not is_there(found)


def test_only_the_decision_on_rooms_names_paths_of_before() -> None:
    named = [path.name for path in PAGES if PATHS_OF_BEFORE in path.read_text(encoding="utf-8")]
    assert named == ["0022-rooms.md"]


# --- modules and settings ---


def test_every_module_and_setting_that_a_page_names_is_there() -> None:
    tree = tomllib.loads(DEFAULT_FILE.read_text(encoding="utf-8"))
    settings = {f"{section}.{name}" for section, knobs in tree.items() for name in knobs}
    settings |= {f"{section}.{name}" for section, name in SECRETS}
    named = [each for each in mentions(DOTTED, PAGES) if each[1] not in settings]
    assert len(named) > 20
    assert [each for each in named if not is_there(each[1].replace(".", "/"))] == []


def test_every_module_that_is_to_be_run_can_be_and_knows_its_options() -> None:
    said = mentions(re.compile(r"python3? -m ([^`\n#]+)"), [*PAGES, *SOURCES])
    ours = [(where, line.split()) for where, line in said if line.split(".")[0].split()[0] in PACKAGES]
    assert len(ours) > 25
    assert [each for each in ours if not can_be_run(*each[1])] == []


def can_be_run(module: str, *words: str) -> bool:
    """Whether `python -m module` starts something, and its source names the options among the words."""
    path = ROOT / module.rstrip(".,:;)").replace(".", "/")
    source = path / "__main__.py" if path.is_dir() else path.with_name(f"{path.name}.py")
    options = [found for word in words for found in re.findall(r"^\[?(--[a-z-]+)", word)]
    text = source.read_text(encoding="utf-8") if source.is_file() else ""
    return ("__main__" in text or path.is_dir()) and all(option in text + "--help" for option in options)


# --- commands ---


def spoken(path: Path) -> Iterator[str]:
    """What stands between backticks (a comment's broken lines are joined), and the lines of code blocks."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        for block in re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            yield from (line.partition(" #")[0] for line in block.splitlines())
        text = re.sub(r"^```\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from (re.sub(r"\s*\n\s*#?\s*", " ", span) for span in re.findall(r"`([^`]+)`", text))


def commands() -> list[tuple[str, str]]:
    """Every use of `newsloom` that is shown, without its first word."""
    return [
        (str(path.relative_to(ROOT)), found.strip())
        for path in (*PAGES, *SOURCES)
        if path != Path(__file__)
        for span in spoken(path)
        for found in COMMAND.findall(span)
    ]


def what_is_wrong(line: str) -> str:
    """Why this can't be typed after `newsloom`; nothing where it can."""
    found: click.Command = newsloom
    for word in shlex.split(line.replace("...", "").replace("'", "")):
        if word.startswith("--"):
            options = {option for parameter in found.params for option in parameter.opts} | {"--help"}
            if word.partition("=")[0] not in options | {"--version"}:
                return f"{found.name} has no {word}"
        elif isinstance(found, click.Group):
            below = found.get_command(click.Context(found), word)
            if below is None:
                return f"{found.name} has no command {word}"
            found = below
    return ""


def test_every_command_and_option_that_is_shown_exists() -> None:
    said = commands()
    assert len([each for each in said if each[0].endswith(".md")]) > 40
    assert len([each for each in said if each[0].endswith(".py")]) > 20
    assert [(where, line, wrong) for where, line in said if (wrong := what_is_wrong(line))] == []


def test_a_command_that_is_shown_without_its_first_word_exists() -> None:
    """As in: "`feeds export` writes OPML"; and options alone."""
    groups = {
        name for name in newsloom.list_commands(click.Context(newsloom)) if isinstance(command(name), click.Group)
    }
    spans = [(page.name, span) for page in PAGES for span in spoken(page)]
    short = [each for each in spans if each[1].split(" ")[0] in groups and " " in each[1]]
    assert len(short) > 3
    assert [(where, span) for where, span in short if what_is_wrong(span)] == []
    alone = [each for each in spans if re.fullmatch(r"--[a-z-]+", each[1]) and not each[0].startswith("00")]
    known = {option for each in every_command(newsloom) for parameter in each.params for option in parameter.opts}
    assert alone
    assert [each for each in alone if each[1] not in known | OTHERS_OPTIONS] == []


def test_no_page_names_a_command_of_the_servers_that_an_embedded_run_does_not_have() -> None:
    servers = re.compile(r"\b(?:kafka-[a-z-]+\.sh|elasticsearch-[a-z-]+(?=[ `])(?:\.sh)?)")
    spoken_of = [(page.name, found) for page in PAGES for span in spoken(page) for found in servers.findall(span)]
    assert [each for each in spoken_of if not each[0].startswith("00")] == []
    assert servers.findall("`kafka-consumer-groups.sh --reset-offsets`")


def command(name: str) -> click.Command | None:
    """A subcommand of `newsloom`."""
    return newsloom.get_command(click.Context(newsloom), name)


def every_command(found: click.Command) -> Iterator[click.Command]:
    """A command and all below it."""
    yield found
    if isinstance(found, click.Group):
        for name in found.list_commands(click.Context(found)):
            below = found.get_command(click.Context(found), name)
            if below is not None:
                yield from every_command(below)


@pytest.mark.parametrize(
    "gone", ["nothing", "feeds nothing", "index snapshot nothing", "run --nothing", "dead list --nothing"]
)
def test_a_command_that_is_gone_is_seen(gone: str) -> None:
    assert what_is_wrong(gone)


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = [
        (path.name, found)
        for path in (*PAGES, *SOURCES)
        if path != Path(__file__)
        for span in spoken(path)
        for found in re.findall(r"^make ([a-z]+)", span)
    ]
    assert len(named) > 20
    assert [each for each in named if each[1] not in targets] == []


# --- metrics ---


def test_every_metric_says_its_unit_or_what_is_counted() -> None:
    names = [
        name
        for name in vars(observability)
        if name.isupper() and hasattr(getattr(observability, name), "_documentation")
    ]
    assert names
    assert all(getattr(observability, name)._documentation for name in names)
    described = {metric.name for metric in REGISTRY.collect() if metric.name.startswith("newsloom_")}
    assert {getattr(observability, name)._name for name in names} == described
