"""An upgrade and a rollback: what earlier programs wrote is read, and what this one writes is read by them.

tests/data/programs has a folder for each program that was in use, made by that program itself (earlier_programs.py):
its messages and documents, the schema of what it reads, and its index templates.
"""

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from index import mapping, write
from index.client import connect
from index.writing.document_kinds import KINDS
from pipeline import settings
from pipeline.messages import TOPICS, decode, encode
from pipeline.settings import ROOT, Settings
from tests.contracts.versions import earlier_programs
from tests.index.samples import NOVEMBER, enriched
from tests.pipeline.message_samples import CURRENT

PROGRAMS = sorted((ROOT / "tests" / "data" / "programs").iterdir())
MESSAGES = {topic.name: topic.message for topic in TOPICS}
RESTORE = {kind.name: kind.restore for kind in KINDS}
program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)


def read(program: Path, file: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((program / file).read_text(encoding="utf-8"))
    return found


def refusals(schema: dict[str, Any], written: object) -> list[str]:
    """Why a program with this schema does not read that. Of a field that it does not know, none: it looks at none."""
    return [
        f"{error.json_path}: {error.message}" for error in jsonschema.Draft202012Validator(schema).iter_errors(written)
    ]


@program
def test_what_an_earlier_program_wrote_is_read(program: Path) -> None:
    for name, each in read(program, "messages.json").items():
        assert isinstance(decode(json.dumps(each["written"]).encode(), MESSAGES[name]), MESSAGES[name])
    for kind, each in read(program, "documents.json").items():
        again = msgspec.to_builtins(RESTORE[kind](each["written"]))  # type: ignore[index]
        kept = {name: value for name, value in again.items() if name in each["written"]}
        assert json.loads(json.dumps(kept)).keys() == each["written"].keys(), kind  # a rebuild loses nothing


@program
def test_what_this_program_writes_is_read_by_an_earlier_one(program: Path) -> None:
    """Whoever goes back reads what lies on the topics and in the indices from the days of the newer program."""
    earlier = read(program, "messages.json")
    found = {name: refusals(each["read"], json.loads(encode(CURRENT[name]))) for name, each in earlier.items()}
    assert {name: why for name, why in found.items() if why} == {}
    documents = earlier_programs.documents()
    found = {
        kind: refusals(each["read"], documents[kind]["written"])
        for kind, each in read(program, "documents.json").items()
    }
    assert {kind: why for kind, why in found.items() if why} == {}


def test_a_message_that_an_earlier_program_can_not_read_is_seen() -> None:
    schema = read(PROGRAMS[0], "messages.json")["articles"]["read"]
    written = json.loads(encode(CURRENT["articles"]))
    assert refusals(schema, {**written, "a new field": 1}) == []
    for wrong in ({**written, "revision": "1"}, {key: each for key, each in written.items() if key != "title"}):
        assert len(refusals(schema, wrong)) == 1


@pytest.mark.stack
@program
def test_an_index_of_an_earlier_program_takes_what_this_one_writes_and_that_one_again(
    program: Path, options: Settings
) -> None:
    there = options.elasticsearch
    install_as_it_did(there, program)
    old = {kind: each["written"] for kind, each in read(program, "documents.json").items()}
    with connect(there) as client:
        index = f"{there.prefix}-articles-2026.11"
        client.indices.create(index=index)
        client.indices.put_alias(index=index, name=there.prefix)
        client.index(index=index, id="old", document=old["articles"])
        mapping.install(there)
        write.stage(there).handle([article := enriched("new", first_seen_at=NOVEMBER)])
        write.stage(there).handle([msgspec.structs.replace(article, revision=2, text="Another.", changed=("text",))])
        assert len(client.get(index=index, id="new")["_source"]["edits"]) == 1
        install_as_it_did(there, program)  # back
        client.index(index=index, id="old again", document=old["articles"])
        client.indices.refresh(index=index)
        assert client.count(index=there.prefix)["count"] == 3
    assert_every_field_is_mapped(there, index)


def install_as_it_did(there: settings.Elasticsearch, program: Path) -> None:
    """Puts the templates of an earlier program on the server, under the names that it gave them."""
    with connect(there) as client:
        for each in mapping.load_templates(there, program / "elasticsearch"):
            body = {key.removeprefix("_"): value for key, value in each.body.items()}
            if each.kind == "component":
                client.cluster.put_component_template(name=each.name, **body)
            else:
                client.indices.put_index_template(name=each.name, **body)


def assert_every_field_is_mapped(there: settings.Elasticsearch, index: str) -> None:
    """After the way there and back the index has the fields of both programs."""
    with connect(there) as client:
        mapped = client.indices.get_mapping(index=index)[index]["mappings"]["properties"]
    file = mapping.TEMPLATE_FOLDER / "index_templates" / "articles.json"
    now = json.loads(file.read_text(encoding="utf-8"))["template"]["mappings"]["properties"]
    assert now.keys() <= mapped.keys()
