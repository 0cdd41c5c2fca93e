"""`newsloom stories` and `newsloom story`: what they print in a terminal."""

from datetime import UTC, datetime
from io import StringIO

from msgspec.structs import replace
from rich.console import Console

from index.searching.article_search import ArticleSummary
from index.searching.story_search import CurrentStory, Timeline, TimelineText
from index.writing.edits import Edit
from newsloom.commands.articles.stories import COPIES, print_stories, print_timeline
from newsloom.terminal import Screen
from pipeline.messages import Story

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FLOOD = Story(
    id="f" * 32,
    language="en",
    headline="Flood in [Velm]",
    size=9,
    sources=("a.example", "b.example"),
    first_seen_at=NOON,
    last_seen_at=NOON,
    entities=("velm",),
)


def shown(id_: str) -> ArticleSummary:
    url = f"https://a.example/{id_}"
    facts = {"source": "a.example", "source_name": "A", "language": "en", "date": NOON, "story": FLOOD.id}
    return ArticleSummary(id=id_, url=url, title=f"Title of {id_}", **facts)  # type: ignore[arg-type]


def console() -> Console:
    return Console(file=StringIO(), width=200)


def printed(to: Console) -> str:
    assert isinstance(to.file, StringIO)
    return to.file.getvalue()


def test_a_story_is_a_row_with_its_growth() -> None:
    found = CurrentStory(story=FLOOD, articles=6, before=2, outlets=2, names=("Velm", "Lower Aldis"))
    to = console()
    print_stories([found], 24, Screen(to))
    assert "Flood in [Velm]" in printed(to)
    assert "Velm, Lower Aldis" in printed(to)
    assert FLOOD.id[:8] in printed(to)
    assert found.growth == 3.0


def test_no_story_is_said() -> None:
    to = console()
    print_stories([], 6, Screen(to))
    assert printed(to).strip() == "no story in the last 6 hours"


def test_a_timeline_says_which_articles_were_edited_and_how_much() -> None:
    edit = Edit(revision=2, at=NOON, parts=("title", "text"), words_removed=3, words_added=1)
    texts = (
        TimelineText(article=replace(shown("a"), edits=(edit,)), copies=(replace(shown("b"), edits=(edit,)),)),
        TimelineText(article=shown("c"), copies=()),
    )
    to = console()
    print_timeline(Timeline(story=FLOOD, parts=(), texts=texts), Screen(to))
    assert "2 of its articles were edited" in printed(to)
    assert "edited 2026-11-23 12:00 UTC: title and text, 3 words removed, 1 added" in printed(to)
    assert "https://a.example/b, edited" in printed(to)
    assert printed(to).count("edited 2026") == 1


def test_a_timeline_folds_its_copies() -> None:
    copies = tuple(shown(f"copy{number}") for number in range(COPIES + 3))
    to = console()
    texts = (TimelineText(article=shown("original"), copies=copies),)
    print_timeline(Timeline(story=FLOOD, parts=(), texts=texts, names=("Velm", "Lower Aldis")), Screen(to))
    assert "Velm, Lower Aldis" in printed(to)
    assert "2026-11-23 12:00 UTC  a.example: Title of original" in printed(to)
    assert "and 3 more copies" in printed(to)
