"""What the pages say of each other and of the code is there."""

import re

import click
from prometheus_client import REGISTRY

from newsloom.__main__ import newsloom
from pipeline import observability
from pipeline.settings import ROOT

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
SOURCES = [
    path
    for package in ("pipeline", "ingest", "enrich", "index", "embedded", "newsloom", "bench", "config")
    for path in (ROOT / package).rglob("*")
    if path.suffix in {".py", ".toml", ".json", ".java", ".properties"}
]


def test_every_decision_that_is_referred_to_is_there() -> None:
    numbers = {path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md")}
    referred = {
        (path.name, number)
        for path in (*PAGES, *SOURCES)
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


def test_every_command_of_the_readme_and_the_operators_page_exists() -> None:
    text = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/operations.md"))
    said = set(re.findall(r"`newsloom ([a-z]+)", text))
    assert said
    assert said <= set(newsloom.list_commands(click.Context(newsloom)))


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
