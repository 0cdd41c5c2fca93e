"""What a program says that others must be able to read: its messages, its documents, and how it reads them itself.

In: a folder. Out: `messages.json` and `documents.json` in it: of each kind one that has every field, and the JSON
schema of what this program reads. The folders of tests/data/programs were made from released programs' trees, by
`python -m tests.contracts.versions.earlier_programs FOLDER`; test_versions.py holds every later program against them.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from index.writing.document_kinds import KINDS
from pipeline.messages import TOPICS, encode
from tests.pipeline.message_samples import CURRENT

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def messages() -> dict[str, Any]:
    """By topic: `written`, an example of its message, and `read`, the schema of what is read."""
    return {
        each.name: {"written": json.loads(encode(CURRENT[each.name])), "read": msgspec.json.schema(each.message)}
        for each in TOPICS
    }


def documents() -> dict[str, Any]:
    """By kind: `written`, an example of its document as Elasticsearch keeps it, and `read`, the schema of its body."""
    found: dict[str, Any] = {}
    for kind in KINDS:
        body = kind.build(CURRENT[kind.topic.name], "news", NOON).body
        source = {name: value for name, value in json.loads(msgspec.json.encode(body)).items() if name != "stemmed"}
        found[kind.name] = {"written": source, "read": msgspec.json.schema(type(body))}
    return found


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True)
    for file, content in (("messages.json", messages()), ("documents.json", documents())):
        (target / file).write_text(
            json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
        )
