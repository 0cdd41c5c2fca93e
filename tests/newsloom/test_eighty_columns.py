"""What commands show on a terminal of eighty columns: headlines, names and addresses that can be read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from index.searching.article_search import ArticleSummary, Hit, SearchResult
from index.searching.story_search import CurrentStory, Timeline, TimelineText
from newsloom.commands import dead
from newsloom.commands.articles import search, stories, trace
from newsloom.commands.feeds import feed_status
from newsloom.terminal import Screen
from newsloom.trace.step import Step, Way
from pipeline.feed_state import FeedError
from pipeline.messages import DeadLetter, FeedState, Story

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEADLINE = "The council of Velm votes for a longer sea wall after a winter of floods"
ADDRESS = "https://www.paper-of-the-coast.example/2026/11/23/regional/the-council-of-velm-votes-for-a-longer-sea-wall"
STORY = Story(
    id="f" * 32, language="en", headline=HEADLINE, size=123, sources=("a.example",), first_seen_at=NOON,
    last_seen_at=NOON,
)  # fmt: skip
CURRENT = CurrentStory(story=STORY, articles=100, before=120, outlets=42, names=("Velm", "The Council of the Coast"))
ARTICLE = ArticleSummary(
    id="a" * 32, url=ADDRESS, title=HEADLINE, source="paper-of-the-coast.example", source_name="The Paper of the Coast",
    language="en", date=NOON, story=STORY.id,
)  # fmt: skip
HIT = Hit(article=ARTICLE, score=1.0, passages=(), copies=(), copies_total=0)
TIMELINE = Timeline(story=STORY, parts=(), texts=(TimelineText(article=ARTICLE, copies=(ARTICLE,)),))
LETTER = DeadLetter(
    id="d" * 32, stage="ingest", reason="unreadable_page", detail=HEADLINE, failed_at=NOON, subject=ADDRESS,
    original=b"",
)  # fmt: skip
FEED = FeedState(
    url=ADDRESS, host="a.example", name=HEADLINE, polls=1234, interval=900.0, articles=12345, failures=2,
    next_poll_at=NOON + timedelta(minutes=7), error=FeedError(kind="timeout", detail="no answer", at=NOON),
)  # fmt: skip
WAY = Way(
    asked=ADDRESS, ending="dead", summary="it is not there", title=HEADLINE, url=ADDRESS,
    steps=(Step(name="feed", state="done", text=f"shown by {HEADLINE}: {ADDRESS}", at=NOON),),
)  # fmt: skip

SHOWN: dict[str, Callable[[Screen], None]] = {
    "search": lambda screen: search.print_hits(SearchResult(total=1, texts=1, hits=(HIT,)), screen),
    "stories": lambda screen: stories.print_stories([CURRENT], 24, screen),
    "story": lambda screen: stories.print_timeline(TIMELINE, screen),
    "trace": lambda screen: trace.print_way(WAY, screen, NOON),
    "dead list": lambda screen: dead.print_letters([LETTER], screen),
    "feeds status": lambda screen: screen.draw(feed_status.states_table([FEED], NOON)),
}


def lines_of(command: str) -> list[str]:
    file = StringIO()
    SHOWN[command](Screen(Console(file=file, width=80)))
    return file.getvalue().splitlines()


@pytest.mark.parametrize("command", SHOWN)
def test_a_headline_takes_two_lines_at_most_and_loses_no_word(command: str) -> None:
    lines = lines_of(command)
    pairs = [" ".join(f"{one} {two}".split()) for one, two in zip(lines, [*lines[1:], ""], strict=True)]
    words = HEADLINE.split()
    assert any(all(word in pair.split() for word in words) for pair in pairs), "\n".join(lines)


@pytest.mark.parametrize("command", ["search", "story", "dead list"])
def test_an_address_stays_in_one_piece(command: str) -> None:
    assert any(ADDRESS in line for line in lines_of(command))


def test_each_part_of_an_indented_line_is_indented() -> None:
    printed = StringIO()
    Screen(Console(file=printed, width=40)).line("sea wall " * 12, "dim", indent=9)
    lines = printed.getvalue().splitlines()
    assert len(lines) > 2
    assert all(each.startswith((" " * 9 + "sea", " " * 9 + "wall")) for each in lines)
    assert " ".join(printed.getvalue().split()) == ("sea wall " * 12).strip()
