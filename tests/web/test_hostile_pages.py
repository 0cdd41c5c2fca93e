"""What publishers and readers write is shown as text on every page: no element, attribute or link comes of it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from lxml import html

from index import mapping, write
from index.searching.article_search import refresh
from index.writing.document_kinds import KINDS
from newsloom.trace.revisions import Revision
from newsloom.trace.step import Step, Way
from pipeline.entity import Entity
from pipeline.messages import Story
from pipeline.settings import ROOT, Settings
from tests.index.samples import enriched
from tests.web.served import browsing, read, served
from web.rendering import web_link

TEXTS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)' x='",
    '" autofocus onfocus="alert(1)',
    "<svg onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "<!-- --><iframe src=javascript:alert(1)>",
    "{{ 7 * 7 }} {% raw %} {# #}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "⟨<script>alert(1)</script>⟩",
    "\u202egnp.exe\u202c \u2066x",
)
HOSTILE = " ".join(TEXTS)
LINKS = ("javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "//evil.example", "file:///a")
NOW = datetime.now(UTC)
# the elements and attributes that our templates have, and no others
ATTRIBUTES = frozenset(
    re.findall(
        r"\S+",
        """checked download enctype formaction inputmode maxlength pattern scope title
        aria-current aria-describedby aria-hidden aria-label aria-labelledby autocomplete autofocus action charset
        class content data-query data-refresh data-seen datetime dir for height hidden href id lang method name
        placeholder preserveaspectratio rel required role selected size spellcheck src tabindex type value viewbox
        width x y""",
    )
)


class Told:
    def way(self, id_: str) -> Way:
        step = Step(name="feed", state="done", text=HOSTILE, notes=(HOSTILE,))
        return Way(
            asked=id_, ending="missing", summary=HOSTILE, article=id_, title=HOSTILE, steps=(step,), problems=(HOSTILE,)
        )

    def revisions(self, id_: str, first_seen_at: datetime) -> list[Revision]:  # noqa: ARG002
        return [Revision(revision=1, fetched_at=first_seen_at, title=(f"[-{HOSTILE}-]",), text=(f"{{+{HOSTILE}+}}",))]


@pytest.fixture(scope="module")
def client(shared_options: Settings) -> Iterator[httpx.Client]:
    there = shared_options.elasticsearch
    mapping.install(there)
    offsets = tuple((start, start + len(text)) for text in TEXTS for start in [HOSTILE.index(text)])
    entities = tuple(
        Entity(name=text[:900], key=text, type=kind, count=1, canonical=text, offsets=offsets)
        for text in TEXTS
        for kind in ("person", "organisation", "place")
    )
    fields: dict[str, Any] = {
        "title": HOSTILE,
        "text": f"{HOSTILE}\n{HOSTILE} harbour",
        "summary": HOSTILE,
        "source_name": HOSTILE,
        "source": HOSTILE,
        "authors": (HOSTILE,),
        "tags": (HOSTILE,),
        "section": HOSTILE,
        "entities": entities,
        "first_seen_at": NOW - timedelta(hours=1),
        "published_at": NOW - timedelta(hours=1),
        "language": HOSTILE,
        "countries": (HOSTILE,),
        "story": TEXTS[0],
    }
    write.stage(there).handle(
        [
            enriched("a" * 32, **fields),
            enriched("b" * 32, duplicate_of="a" * 32, duplicate_kind="exact", **fields),
            enriched(TEXTS[0], **{**fields, "title": "plain harbour"}),
        ]
    )
    (kind,) = [each for each in KINDS if each.name == "stories"]
    seen = NOW - timedelta(hours=1)
    told: dict[str, Any] = {"size": 2, "first_seen_at": seen, "last_seen_at": seen, "language": HOSTILE}
    write.stage(there, kind=kind).handle([Story(id=TEXTS[0], headline=HOSTILE, sources=(HOSTILE,), **told)])
    refresh(there)
    with served(shared_options, Told()) as url, browsing(url) as found:
        yield found


PAGES = (
    "/",
    "/?q=harbour",
    *(f"/?q={quote(text)}" for text in TEXTS),
    *(f"/?q={quote(f'nothing {text}')}+source:{quote(text)}" for text in TEXTS),
    *(f"/?q=language:{quote(text)}" for text in TEXTS),
    f"/?q=a&seen={quote(TEXTS[0])}",
    f"/?q=a&after={quote(TEXTS[0])}",
    f"/?q=a&order={quote(TEXTS[2])}",
    f"/articles/{'a' * 32}",
    f"/articles/{'b' * 32}",
    f"/articles/{quote(TEXTS[0], safe='')}",
    f"/articles/{quote('nothing' + TEXTS[2], safe='')}",
    f"/articles?url={quote(LINKS[0] + '//' + TEXTS[2])}",
    f"/articles/{'a' * 32}/way",
    f"/articles/{'a' * 32}/revisions",
    "/stories",
    f"/stories?language={quote(TEXTS[3])}&hours={quote(TEXTS[3])}",
    f"/stories/{quote(TEXTS[0], safe='')}",
    f"/stories/{quote(TEXTS[2], safe='')}",
    *(f"/names/person/{quote(text, safe='')}" for text in TEXTS),
    f"/names/{quote(TEXTS[2], safe='')}/x",
    f"/login?next={quote(TEXTS[2])}",
    *(f"/watches?q={quote(text)}" for text in TEXTS),
    f"/feeds?part={quote(TEXTS[2])}",
    f"/feeds/one?url={quote(LINKS[0] + TEXTS[2])}",
    f"/dead?stage={quote(TEXTS[2])}&reason={quote(TEXTS[0])}",
    f"/{quote(TEXTS[2], safe='')}",
)


@pytest.mark.stack
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path[:40])
def test_no_page_takes_a_text_for_markup(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    if answer.status_code == 303:
        assert answer.headers["Location"].startswith("/")
        return
    assert answer.status_code in (200, 400, 404)
    page = read(answer)
    for element in page.iter():
        assert not isinstance(element, html.HtmlComment), element.text
        assert set(element.keys()) <= ATTRIBUTES, element.keys()
        assert element.tag not in ("iframe", "img", "style", "object", "embed", "base"), element.tag
    for script in page.xpath("//script"):
        assert not script.text_content().strip()
        assert script.get("src").startswith("/static/")
    for link in page.xpath("//a/@href"):
        assert link.startswith("#") or (link.startswith("/") and urlsplit(link).netloc == "") or is_publisher(link)
    assert "\u202e" not in answer.text


def is_publisher(link: str) -> bool:
    return link.startswith("https://paper.example/")


@pytest.mark.stack
def test_the_texts_are_there_as_they_were_written(client: httpx.Client) -> None:
    page = read(client.get(f"/articles/{'a' * 32}"))
    for text in TEXTS[:-1]:
        assert text in page.cssselect("article .text")[0].text_content()
        assert text in page.cssselect("article h1")[0].text_content()


@pytest.mark.stack
def test_what_is_no_html_says_so(client: httpx.Client) -> None:
    for path in (f"/suggestions?q={quote('<scr')}", f"/new-count?q={quote(TEXTS[0])}&seen=2026-01-01"):
        answer = client.get(path)
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("url", [*LINKS, "", "http:", "https://", "http://[", " javascript:alert(1)", "jAvAsCrIpT:x"])
def test_only_web_addresses_are_links(url: str) -> None:
    assert web_link(url) == ""
    assert web_link("https://paper.example/a?b#c") == "https://paper.example/a?b#c"


def test_no_template_switches_escaping_off_or_has_code_of_its_own() -> None:
    templates = sorted((ROOT / "web" / "templates").rglob("*.html"))
    assert len(templates) > 8
    for path in templates:
        text = path.read_text(encoding="utf-8")
        for word in ("|safe", "| safe", "autoescape", "Markup", "<style", "style=", "javascript:"):
            assert word not in text, (path.name, word)
        assert not re.search(r"\son\w+=", text), path.name
        assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", text)), path.name


def test_no_script_puts_markup_into_a_page() -> None:
    scripts = sorted((ROOT / "web" / "static").glob("*.js"))
    assert scripts
    for path in scripts:
        text = path.read_text(encoding="utf-8")
        for word in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            ".style",
        ):
            assert word not in text, (path.name, word)
