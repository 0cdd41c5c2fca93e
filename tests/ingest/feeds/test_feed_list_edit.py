"""The feed list changed: whatever stands in it, one feed more or less is all that is different."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.feeds.feed_list import FeedList, read_feeds
from ingest.feeds.feed_list_edit import add_feeds, pause_feed, remove_feed, with_pause, without_table
from pipeline.failures import WrongSetting

SHOWN = st.characters(exclude_categories=("C", "Z"))
NAMES = st.builds(str.__add__, SHOWN, st.text(SHOWN | st.just(" "), max_size=11))
BETWEEN = st.sampled_from(["", "\n", "\n\n\n", "# a word\n", "\n# --- a part ---\n\n", "  # behind\n"])


@settings(max_examples=30)  # each writes files
@given(parts=st.lists(st.tuples(NAMES, BETWEEN), min_size=2, max_size=6), choice=st.data())
def test_one_feed_is_taken_out_and_no_comment_with_it(parts: list[tuple[str, str]], choice: st.DataObject) -> None:
    with written(parts) as (path, text):
        before = read_feeds(path)
        gone = choice.draw(st.sampled_from(before))
        remove_feed(path, gone)
        assert read_feeds(path) == [each for each in before if each != gone]
        assert comments(path.read_bytes().decode()) == comments(text)
        add_feeds(path, [gone])
        assert read_feeds(path) == [*(each for each in before if each != gone), gone]


@settings(max_examples=30)  # each writes files
@given(parts=st.lists(st.tuples(NAMES, BETWEEN), min_size=2, max_size=6), choice=st.data())
def test_one_feed_is_paused_and_every_other_line_stays(parts: list[tuple[str, str]], choice: st.DataObject) -> None:
    with written(parts) as (path, text):
        before = read_feeds(path)
        chosen = choice.draw(st.sampled_from(before))
        pause_feed(path, chosen, paused=True)
        paused = msgspec.structs.replace(chosen, paused=True)
        assert read_feeds(path) == [paused if each == chosen else each for each in before]
        assert FeedList(path).read() == [each for each in before if each != chosen]
        pause_feed(path, paused, paused=False)
        assert read_feeds(path) == before
        assert path.read_bytes().decode().rstrip("\n") == text.rstrip("\n")


@contextmanager
def written(parts: list[tuple[str, str]]) -> Iterator[tuple[Path, str]]:
    """A feed list of these names, and what stands behind each; its text."""
    text = "# mine\n" + "".join(
        f'[[feeds]]\nurl = "https://a.example/{at}"\nname = {json.dumps(name, ensure_ascii=False)}\n{between}'
        for at, (name, between) in enumerate(parts)
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "feeds.toml"
        path.write_bytes(text.encode())
        yield path, text


def test_the_last_feed_that_is_polled_is_not_paused(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    path.write_text("".join(f'[[feeds]]\nurl = "https://{each}.example/"\nname = "{each}"\n' for each in "ab"))
    first, second = read_feeds(path)
    pause_feed(path, first, paused=True)
    with pytest.raises(WrongSetting, match="b is the only feed that is polled"):
        pause_feed(path, second, paused=True)


def comments(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip().startswith("#")]


def test_a_table_that_is_not_there_changes_nothing() -> None:
    assert without_table('[[feeds]]\nurl = "a"\n', 1) == '[[feeds]]\nurl = "a"\n'
    assert without_table("", 0) == ""


def test_line_ends_of_windows_stay(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    one, two = (f'[[feeds]]\r\nurl = "https://{each}.example/"\r\nname = "{each}"\r\n' for each in "ab")
    path.write_bytes(f"# mine\r\n\r\n{one}\r\n{two}".encode())
    remove_feed(path, read_feeds(path)[0])
    assert path.read_bytes() == f"# mine\r\n\r\n{two}".encode()
    assert with_pause(two, 0, paused=True) == f"{two}paused = true\r\n"
