"""Old messages on the topics stay readable: a golden file of every message in every version that was ever published."""

import json
from pathlib import Path

import msgspec
import pytest

from pipeline.failures import Poison
from pipeline.messages import (
    TOPICS,
    UPGRADES,
    Article,
    decode,
    encode,
)
from tests.pipeline.message_samples import CURRENT

FOLDER = Path(__file__).parent.parent / "data" / "messages"
KINDS = {topic.name: topic.message for topic in TOPICS}
GOLDEN = sorted(FOLDER.glob("v*/*.json"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_messages_of_every_version_are_read(path: Path) -> None:
    assert isinstance(decode(path.read_bytes(), KINDS[path.stem]), KINDS[path.stem])


@pytest.mark.parametrize("name", KINDS)
def test_what_is_written_today_is_the_newest_golden_file(name: str) -> None:
    """A field that was renamed, or got another type, would make the messages of the last weeks unreadable."""
    golden = FOLDER / f"v{KINDS[name].SCHEMA}" / f"{name}.json"
    assert json.loads(encode(CURRENT[name])) == json.loads(golden.read_bytes())
    assert decode(golden.read_bytes(), KINDS[name]) == CURRENT[name]


@pytest.mark.parametrize("name", KINDS)
def test_the_golden_file_has_every_field(name: str) -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(KINDS[name])}
    assert json.loads(encode(CURRENT[name])).keys() == fields


@pytest.mark.parametrize("name", KINDS)
def test_every_version_has_its_golden_file_and_its_upgrade(name: str) -> None:
    kind = KINDS[name]
    versions = range(1, kind.SCHEMA + 1)
    assert [version for version in versions if not (FOLDER / f"v{version}" / f"{name}.json").is_file()] == []
    assert [version for version in versions[:-1] if (kind, version) not in UPGRADES] == []


def test_a_message_of_the_future_says_so() -> None:
    with pytest.raises(Poison, match="Article of schema 9; this program reads 1 to 1") as caught:
        decode(encode(CURRENT["articles"]).replace(b'"schema":1', b'"schema":9'), Article)
    assert caught.value.reason == "unknown_schema"
