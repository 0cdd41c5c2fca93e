"""Every command prints hostile text as text: what it prints holds no escape sequence, and its brackets are read."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from rich.console import Console

from index.searching.article_freshness import Delays
from index.searching.article_lookup import ArticleDetails
from index.searching.article_search import ArticleSummary, Hit, SearchResult
from index.searching.feed_search import Completeness, SilentFeed
from index.searching.story_search import CurrentStory, Timeline, TimelineText
from index.searching.trace_search import IndexedArticle
from index.writing.article_document import body_from_source
from ingest.feeds.entry import Entry, ParsedFeed
from newsloom import terminal
from newsloom.__main__ import newsloom
from newsloom.commands import dead, demo, run
from newsloom.commands.articles import article, search, stories, trace
from newsloom.commands.doctor import doctor
from newsloom.commands.feeds import feed_list_commands, feed_status
from newsloom.demo.local_site import Resource, Site
from newsloom.local_run import live_screen
from newsloom.local_run.pipeline_status import StageStatus, StatusSnapshot
from newsloom.local_run.single_round import RoundSummary
from newsloom.local_run.stage_order import STAGE_COMMANDS
from newsloom.terminal import Screen
from newsloom.trace import way
from newsloom.trace.facts import Facts, Searched, ShownBy
from newsloom.trace.question import Question
from newsloom.trace.revisions import Revision
from pipeline.feed_state import FeedError, FeedEvent, PageStatistics, PendingEntry, SeenEntry
from pipeline.messages import DeadLetter, FeedState, Story
from tests.newsloom.hostile_text import ADDRESS, HOSTILE, SEEN, what_is_unsafe

pytestmark = pytest.mark.slow

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LETTER = DeadLetter(
    id=HOSTILE, stage=HOSTILE, reason=HOSTILE, detail=HOSTILE, failed_at=NOON, subject=ADDRESS, traceback=HOSTILE,
    topic=HOSTILE, key=HOSTILE.encode(errors="surrogatepass"), original=b"\xff\x1b[31m" * 1_000_000,
)  # fmt: skip
ARTICLE = ArticleSummary(
    id=HOSTILE, url=ADDRESS, title=HOSTILE, source=HOSTILE, source_name=HOSTILE, language=HOSTILE, date=NOON,
    story=HOSTILE, section=HOSTILE, duplicate_of=HOSTILE,
)  # fmt: skip
STORY = Story(
    id=HOSTILE, language="en", headline=HOSTILE, size=2, sources=(HOSTILE,), first_seen_at=NOON, last_seen_at=NOON
)  # fmt: skip
FEED = FeedState(
    url=ADDRESS, host=HOSTILE, name=HOSTILE, polls=1, failures=1, location=ADDRESS,
    error=FeedError(kind=HOSTILE, detail=HOSTILE, at=NOON), events=(FeedEvent(at=NOON, outcome="x", detail=HOSTILE),),
    page_statistics=PageStatistics(drifting_since=NOON),
)  # fmt: skip
STATUS = StatusSnapshot(
    at=NOON, stages={stage: StageStatus(state=HOSTILE) for stage in STAGE_COMMANDS}, feeds={HOSTILE: 1},
    completeness=Completeness(
        silent_feeds=1, silent=(SilentFeed(name=HOSTILE, url=ADDRESS, silent_since=NOON, day_expected=1.0),)
    ),
    polls={HOSTILE: 1}, pages={HOSTILE: 2}, problems=(HOSTILE, ADDRESS),
    freshness=Delays(articles=1, from_publication={}, from_found={HOSTILE: 1.0}, from_fetch={}),
)  # fmt: skip
ROUND = RoundSummary(
    feeds=1, failed={HOSTILE: 1}, published=0, searchable=0, dead={HOSTILE: 1}, seconds=0.0, complete=True
)  # fmt: skip
HIT = Hit(article=ARTICLE, score=1.0, passages=(HOSTILE,), copies=(ARTICLE,), copies_total=1)
FOUND = SearchResult(total=1, texts=1, hits=(HIT,), next=HOSTILE)
TEXT = TimelineText(article=ARTICLE, copies=(ARTICLE,))
TIMELINE = Timeline(story=STORY, parts=(), texts=(TEXT,), names=(HOSTILE,))
CURRENT = CurrentStory(story=STORY, articles=1, before=0, outlets=1, names=(HOSTILE,))

BODY = body_from_source(
    {
        **msgspec.to_builtins(ARTICLE), "revision": 1, "version": 1, "annotator": 1, "enricher": 1, "feed_url": ADDRESS,
        "text": HOSTILE, "text_from": "page", "authors": [HOSTILE], "tags": [HOSTILE], "people": [HOSTILE],
        "first_seen_at": NOON, "fetched_at": NOON, "indexed_at": NOON, "seconds_from_fetch": 0.0, "group": HOSTILE,
        "content_hash": HOSTILE,
    }
)  # fmt: skip
REVISION = Revision(revision=2, fetched_at=NOON, changed=(HOSTILE,), title=(HOSTILE,), text=(HOSTILE,))
DETAILS = ArticleDetails(article=BODY, same_text=(ARTICLE,), headline=HOSTILE)
PARSED = ParsedFeed(title=HOSTILE, kind="feed", error=HOSTILE, entries=(Entry(identity="1", title=HOSTILE),))

ERROR = FeedError(kind=HOSTILE, detail=HOSTILE, at=NOON)
SHOWN = ShownBy(
    FEED, SeenEntry(entry="e", digest="d", answer=HOSTILE, outcome=HOSTILE, first_seen_at=NOON),
    PendingEntry(entry="e", url=ADDRESS, due_at=NOON, found_at=NOON, error=ERROR),
)  # fmt: skip
TRACED = Facts(
    Question(ADDRESS, (ADDRESS,)), shown_by=(SHOWN,), indexed=IndexedArticle(index=HOSTILE, article=BODY),
    letters=(LETTER,), others=(HOSTILE,), problems=((HOSTILE, HOSTILE),), searched=(Searched(HOSTILE, 1, 2, True),),
)  # fmt: skip
NEVER_SHOWN = Facts(Question(ADDRESS, (ADDRESS,)), feeds=(FEED,))

ON_A_SCREEN: dict[str, Callable[[Screen], None]] = {
    "dead list": lambda screen: dead.print_letters([LETTER], screen),
    "search": lambda screen: search.print_hits(FOUND, screen),
    "article": lambda screen: article.print_article(DETAILS, screen),
    "article --revisions": lambda screen: article.print_revisions(BODY, [REVISION], screen),
    "trace": lambda screen: trace.print_way(way.tell(TRACED, NOON, UTC), screen, NOON),
    "trace, never shown": lambda screen: trace.print_way(way.tell(NEVER_SHOWN, NOON, UTC), screen, NOON),
    "feeds test": lambda screen: feed_list_commands.print_feed(ADDRESS, PARSED, screen),
    "stories": lambda screen: stories.print_stories([CURRENT], 24, screen),
    "story": lambda screen: stories.print_timeline(TIMELINE, screen),
    "feeds status": lambda screen: screen.draw(feed_status.states_table([FEED], NOON)),
    "feeds status, one": lambda screen: screen.draw(feed_status.events_table(FEED)),
    "status and the live screen": lambda screen: screen.draw(live_screen.render_screen(STATUS, STATUS)),
}
ON_STANDARD_OUTPUT: dict[str, Callable[[], None]] = {
    "dead show": lambda: dead.print_letter(LETTER),
    "run, without a terminal": lambda: terminal.complain(live_screen.render_line(STATUS)),
    "run --once": lambda: run.print_summary(ROUND, as_json=False),
    "demo": lambda: demo.print_results([({"title": HOSTILE, "slug": HOSTILE}, ARTICLE)], {HOSTILE: HOSTILE}),
    "a table of nothing found": lambda: demo.print_results([({"title": HOSTILE}, None)], {}),
}


@pytest.mark.parametrize("command", ON_A_SCREEN)
@pytest.mark.parametrize("width", [60, 400])
def test_what_a_screen_shows(command: str, width: int) -> None:
    file = StringIO()
    ON_A_SCREEN[command](Screen(Console(file=file, width=width)))
    assert what_is_unsafe(file.getvalue()) == []
    assert SEEN.search(file.getvalue()) or width == 60
    assert len(file.getvalue()) < 200_000


@pytest.mark.parametrize("command", ON_STANDARD_OUTPUT)
def test_what_is_printed(command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    ON_STANDARD_OUTPUT[command]()
    printed = "".join(capsys.readouterr())
    assert SEEN.search(printed)
    assert what_is_unsafe(printed) == []
    assert len(printed) < 200_000


def test_a_field_of_a_letter_looks_like_no_other_field(capsys: pytest.CaptureFixture[str]) -> None:
    dead.print_letter(DeadLetter(id="a", stage="index", reason="r", detail="d\nstage          ingest", failed_at=NOON))
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("stage")] == [
        "stage          index"
    ]


@pytest.mark.parametrize(
    ("failure", "status"),
    [("Poison('r', text)", 1), ("WrongSetting(text)", 2), ("Unavailable(text, '')", 4), ("NotRunning(Path(text))", 4)],
)
def test_the_exit_status_tells_what_kind_of_failure_it_was(failure: str, status: int) -> None:
    program = (
        "import sys; import newsloom.__main__ as entry; from pathlib import Path; from pipeline.failures import *\n"
        "from newsloom.local_run.run_addresses import NotRunning\n"
        f"def fail(**_):\n    text = 'x'\n    raise {failure}\nentry.newsloom = fail\nentry.main()"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode == status


@pytest.mark.parametrize("command", [["trace"], ["feeds", "add"], ["watch", "add", "name"], ["feeds", "test"]])
def test_an_argument_that_is_no_text_is_refused(command: list[str]) -> None:
    arguments: list[str | bytes] = [sys.executable, "-m", "newsloom", *command, b"http://a.example/\xff\x1b[31m"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "newsloom: 'http://a.example/\\udcff\\x1b[31m' is no text in UTF-8" in done.stderr


def test_a_folder_whose_name_is_no_text_is_refused_as_a_source(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"wire\xff")
    folder.mkdir()
    arguments = [sys.executable, "-m", "newsloom", "feeds", "add", str(folder), "--feeds", str(tmp_path / "feeds.toml")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no text in UTF-8" in done.stderr


def test_json_for_programs_is_the_same_and_safe(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.say_json({"title": HOSTILE, "url": ADDRESS})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"title": HOSTILE, "url": ADDRESS}
    assert what_is_unsafe(printed) == []


def test_feeds_import(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text(f"no address {ADDRESS}\nhttps://a.example/rss\t{ADDRESS}\n", encoding="utf-8")
    done = CliRunner().invoke(newsloom, ["feeds", "import", str(file), "--into", str(tmp_path / "feeds.toml")])
    assert "1 added" in done.output
    assert what_is_unsafe(done.output) == []


def test_feeds_discover() -> None:
    options = {"NEWSLOOM_INGEST__ALLOW_PRIVATE_ADDRESSES": "true", "NEWSLOOM_INGEST__HOST_GAP_SECONDS": "0"}
    title = "[/link] &#155;31m \u202e &amp;#27;[31m"
    rss = f"<rss version='2.0'><channel><title>{title}</title><item><link>/a</link></item></channel></rss>"
    with Site({"/rss": Resource(rss.encode())}) as site:
        done = CliRunner(env=options).invoke(newsloom, ["feeds", "discover", f"{site.url}/rss"])
    assert done.exit_code == 0, done.output
    assert SEEN.search(done.output)
    assert what_is_unsafe(done.output) == []


def test_the_doctor(tmp_path: Path) -> None:
    file = tmp_path / "feeds.toml"
    file.write_text('[[feeds]]\nurl = "no \\u001b[31m address [/link]"\nname = "\\u202e"\n', encoding="utf-8")
    environment = {"NEWSLOOM_INGEST__FEEDS": str(file), "NEWSLOOM_INGEST__CONTACT": ADDRESS}
    done = CliRunner(env=environment).invoke(doctor, ["--data", str(tmp_path)])
    assert SEEN.search(done.output)
    assert what_is_unsafe(done.output) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise Poison('r', text)", "newsloom: [/link]"),
        ("raise RuntimeError(text)", "RuntimeError: "),
    ],
)
def test_errors_of_the_command_itself(code: str, said: str) -> None:
    """A failure is one line, a bug a traceback; neither steers the terminal."""
    program = (
        "import sys; import newsloom.__main__ as entry; from pipeline.failures import Poison\n"
        f"def fail(**_):\n    text = sys.argv[1]\n    {code}\nentry.newsloom = fail\nentry.main()"
    )
    text = "[/link] \x1b[31m \u202e \x9b1m"
    done = subprocess.run([sys.executable, "-c", program, text], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert "[/link] \\x1b[31m \\u202e" in done.stderr
    assert what_is_unsafe(done.stderr) == []


@pytest.mark.parametrize("form", ["console", "json"])
def test_log_lines(form: str, tmp_path: Path) -> None:
    program = (
        "import sys; from pipeline.observability import configure_logs, get_logger\n"
        "configure_logs(sys.argv[1], 'info'); log = get_logger('index')\n"
        "text = sys.stdin.read()\n"
        "log.info('page', url=text, status=[text], took=0.5)\n"
        "try:\n    raise ValueError(text)\n"
        "except ValueError:\n    log.exception('bug')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, form], input="[/link] \x1b[31m \u202e \x9b1m", capture_output=True, text=True,
        check=True, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert SEEN.search(done.stderr)
    assert what_is_unsafe(done.stderr) == []


def test_original_bytes_are_bytes_for_programs_and_text_on_a_terminal(tmp_path: Path) -> None:
    """`script` of util-linux would give a terminal too; a pseudo-terminal of Python's own needs no program."""
    program = (
        "import os, pty, sys\n"
        "child, terminal = pty.fork()\n"
        "if child == 0:\n"
        "    from newsloom.terminal import write_bytes\n"
        "    write_bytes(bytes.fromhex(sys.argv[1]))\n"
        "    os._exit(0)\n"
        "told = b''\n"
        "try:\n"
        "    while piece := os.read(terminal, 1000):\n        told += piece\n"
        "except OSError:\n    pass\n"
        "os.waitpid(child, 0)\n"
        "sys.stdout.buffer.write(told)\n"
    )
    original = b"\x1b[31mred"
    done = subprocess.run([sys.executable, "-c", program, original.hex()], capture_output=True, check=True)
    assert done.stdout.strip() == b"\\x1b[31mred"
    piped = f"from newsloom.terminal import write_bytes; write_bytes(bytes.fromhex({original.hex()!r}))"
    assert subprocess.run([sys.executable, "-c", piped], capture_output=True, check=True).stdout == original
