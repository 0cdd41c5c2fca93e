"""Feed files: readable by a feed reader whatever the articles say."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ingest.feeds.parse import parse_feed
from tests.watches.samples import hit
from watches.outputs.feed_files import FeedFiles, atom_feed, json_feed


@given(st.text())
def test_any_title_makes_a_feed_that_our_own_reader_reads(title: str) -> None:
    found = hit("a", title=f"{title}.")
    assert len(parse_feed(atom_feed("harbour", [found]).encode(), "https://us.example/a.atom", {}).entries) == 1
    assert json.loads(json_feed("harbour", [found]))["items"][0]["title"] == f"{title}."


def test_a_feed_has_the_newest_hits_once_and_only_changed_ones_are_written(tmp_path: Path) -> None:
    files = FeedFiles(tmp_path / "feeds", 2)
    for id_ in ("a", "b", "b", "c"):
        files.add(hit(id_))
    files.write()
    told = json.loads((tmp_path / "feeds" / "harbour.json").read_text(encoding="utf-8"))
    assert [each["url"] for each in told["items"]] == ["https://paper.example/c", "https://paper.example/b"]
    (tmp_path / "feeds" / "harbour.json").unlink()
    files.write()
    assert [each.name for each in (tmp_path / "feeds").iterdir()] == ["harbour.atom"]
    files.add(hit("d", changed=("title",)))
    files.write()
    assert "(changed: title)" in (tmp_path / "feeds" / "harbour.json").read_text(encoding="utf-8")


def test_a_name_that_leads_elsewhere_is_no_file(tmp_path: Path) -> None:
    files = FeedFiles(tmp_path / "feeds", 2)
    for name in ("../harbour", "", "a/b", "harbour\n"):
        files.add(hit("a", watch=name))
    files.write()
    assert list(tmp_path.iterdir()) == []
