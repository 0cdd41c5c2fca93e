"""The feed list changed: whatever stands in it, one feed more or less is all that is different."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.feeds.feed_list import read_feeds
from ingest.feeds.feed_list_edit import add_feeds, remove_feed, without_table

SHOWN = st.characters(exclude_categories=("C", "Z"))
NAMES = st.builds(str.__add__, SHOWN, st.text(SHOWN | st.just(" "), max_size=11))
BETWEEN = st.sampled_from(["", "\n", "\n\n\n", "# a word\n", "\n# --- a part ---\n\n", "  # behind\n"])


@settings(max_examples=30)  # each writes files
@given(parts=st.lists(st.tuples(NAMES, BETWEEN), min_size=2, max_size=6), choice=st.data())
def test_one_feed_is_taken_out_and_no_comment_with_it(parts: list[tuple[str, str]], choice: st.DataObject) -> None:
    text = "# mine\n" + "".join(
        f'[[feeds]]\nurl = "https://a.example/{at}"\nname = {json.dumps(name, ensure_ascii=False)}\n{between}'
        for at, (name, between) in enumerate(parts)
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "feeds.toml"
        path.write_bytes(text.encode())
        before = read_feeds(path)
        gone = choice.draw(st.sampled_from(before))
        remove_feed(path, gone)
        assert read_feeds(path) == [each for each in before if each != gone]
        assert comments(path.read_bytes().decode()) == comments(text)
        add_feeds(path, [gone])
        assert read_feeds(path) == [*(each for each in before if each != gone), gone]


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
