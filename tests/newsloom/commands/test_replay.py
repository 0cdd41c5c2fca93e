"""`newsloom replay`: archived pages get the same ids again, and a record that can't be read stops nothing."""

import asyncio
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from ingest.urls import article_id, canonical_url
from ingest.web.client import WebClient
from newsloom.__main__ import newsloom
from newsloom.demo.local_site import Resource, Site
from pipeline.settings import Settings
from tests.conftest import environment_of
from tests.ingest.local_newspaper import Story, articles


def run(options: Settings, *arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(newsloom, ["replay", *arguments], env=environment_of(options), catch_exceptions=False)
    assert result.exit_code == status, result.output
    return result


@pytest.mark.stack
def test_archived_pages_become_the_same_articles(options: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "warc"
    knobs = msgspec.structs.replace(options.ingest, archive_dir=str(folder))

    async def fetch(site: Site) -> None:
        async with WebClient(knobs) as web:
            for path in ("/Arden.html?utm_source=x", "/script", "/Brome.html"):
                await web.get(site.url + path, 100_000, page=True)

    with Site() as site:
        for name in ("Arden", "Brome"):
            site.resources[f"/{name}.html"] = Resource(Story(name).html(), headers={"x-robots-tag": "noai"})
        site.resources["/script"] = Resource(b"<html><script>load()</script></html>")
        asyncio.run(fetch(site))
    [file] = folder.iterdir()
    with file.open("ab") as stream:
        stream.write(b"\x1f\x8b\x08 cut off")
    result = run(options, str(file), "--data", str(tmp_path))
    assert "2 published, 1 unreadable, 1 without an article" in result.output
    assert f"{site.url}/script" in result.output
    found = {article.url: article for article in articles(options)}
    assert found.keys() == {f"{site.url}/{name}.html" for name in ("Arden", "Brome")}
    arden = found[f"{site.url}/Arden.html"]
    assert arden.id == article_id(canonical_url(f"{site.url}/Arden.html?utm_medium=y") or "")
    assert (arden.revision, arden.text_from, arden.opt_outs) == (1, "page", ("noai",))
    assert "four thousand signatures" in arden.text
    assert abs((datetime.now(UTC) - arden.first_seen_at).total_seconds()) < 600
    assert "unreadable_page" not in result.output
    run(options, str(file), "--data", str(tmp_path), "--revision", "7")
    again = [article for article in articles(options) if article.revision == 7]
    assert {article.id for article in again} == {article.id for article in found.values()}


@pytest.mark.stack
def test_the_archived_pages_of_one_article_become_one(options: Settings, tmp_path: Path) -> None:
    knobs = msgspec.structs.replace(options.ingest, archive_dir=str(tmp_path / "warc"))
    title = "How Arden lost its sea wall"
    lines = Story("Arden").text.split("\n")
    pages = [Story("", title, text=f"{first}\n{second}").html() for first, second in pairwise(lines)]

    async def fetch(site: Site) -> None:
        async with WebClient(knobs) as web:
            for path in ("/Arden", "/Brome", "/Arden/2", "/Corby", "/Arden/3"):
                await web.get(site.url + path, 100_000, page=True)

    with Site() as site:
        for number, path in enumerate(("/Arden", "/Arden/2", "/Arden/3"), 2):
            follows = f'<link rel="next" href="/Arden/{number}">'.encode()
            site.resources[path] = Resource(pages[number - 2].replace(b"</head>", follows + b"</head>"))
        for name in ("Brome", "Corby"):
            site.resources[f"/{name}"] = Resource(Story(name).html())
        asyncio.run(fetch(site))
    [file] = (tmp_path / "warc").iterdir()
    assert "5 records: 2 further pages, 3 published" in run(options, str(file), "--data", str(tmp_path)).output
    found = {article.url.rpartition("/")[2]: article for article in articles(options)}
    assert found.keys() == {"Arden", "Brome", "Corby"}
    assert found["Arden"].text == "\n".join(lines[:4])
    assert found["Arden"].truncated  # its fourth page is not in the archive
    assert not found["Brome"].truncated


def test_files_without_pages_ask_nobody(offline_options: Settings, tmp_path: Path) -> None:
    file = tmp_path / "empty.warc.gz"
    file.touch()
    assert "no pages" in run(offline_options, str(file), "--data", str(tmp_path), status=1).output
