"""Class data archives: named for the files they are made of, used when they are there, and never needed for a start."""

import os
import time
from pathlib import Path

import pytest

from embedded import archive_training, class_archive, ports
from embedded.class_archive import ClassArchive, archive_for, remove_unused
from embedded.elasticsearch import ElasticsearchFiles
from embedded.kafka import Kafka, KafkaFiles
from embedded.stack import install_servers
from pipeline.settings import ROOT

SETTINGS = ROOT / "config" / "kafka.properties"


def test_an_archive_is_of_the_files_that_a_server_runs_with(tmp_path: Path) -> None:
    jar = tmp_path / "planets.jar"
    jar.write_bytes(b"nine")
    before = archive_for(tmp_path, "kafka", [jar])
    assert archive_for(tmp_path, "kafka", [jar]) == before
    jar.write_bytes(b"eight")
    assert archive_for(tmp_path, "kafka", [jar]) != before


def test_one_that_is_not_there_is_not_asked_for(tmp_path: Path) -> None:
    archive = ClassArchive(tmp_path / "kafka.aot")
    assert archive.options == []
    archive.path.write_bytes(b"")
    assert f"-XX:AOTCache={archive.path}" in archive.options


def test_a_recorded_one_gets_its_name_when_it_is_complete(tmp_path: Path) -> None:
    archive = ClassArchive(tmp_path / "kafka.aot")
    recording = archive.record_at(tmp_path / "part.aot")
    assert f"-XX:AOTCacheOutput={recording.path}" in recording.options
    assert recording.grace(20) > 20 == archive.grace(20)
    with pytest.raises(FileNotFoundError):
        archive.keep(recording.path)
    recording.path.write_bytes(b"classes")
    archive.keep(recording.path)
    assert archive.path.read_bytes() == b"classes"


def test_archives_that_nobody_uses_are_removed(tmp_path: Path) -> None:
    old, used = ClassArchive(tmp_path / "kafka-1.aot"), ClassArchive(tmp_path / "kafka-2.aot")
    long_ago = time.time() - class_archive.KEEP_SECONDS - 60
    for archive in (old, used):
        archive.path.write_bytes(b"classes")
        os.utime(archive.path, (long_ago, long_ago))
    used.note_use()
    remove_unused(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kafka-2.aot"]


def test_a_server_that_can_not_run_has_no_archive_and_that_is_told(tmp_path: Path) -> None:
    """No jar at all: each server ends at once, and the start that wanted archives goes on."""
    files = KafkaFiles([], ClassArchive(tmp_path / "kafka.aot"))
    node = ElasticsearchFiles([], tmp_path / "modules", ClassArchive(tmp_path / "elasticsearch.aot"))
    lines: list[str] = []
    archive_training.make_archives(files, node, SETTINGS, tmp_path, lines.append)
    told = [line.partition(":")[0] for line in lines if "no class archive was made" in line]
    assert told == ["Kafka", "Elasticsearch"]
    assert not list(tmp_path.glob("*.aot"))


@pytest.mark.stack
@pytest.mark.parametrize("damage", ["cut", "changed", "foreign"])
def test_a_broken_archive_does_not_stop_a_start(tmp_path: Path, damage: str) -> None:
    files = install_servers(print).kafka
    whole = files.archive.path.read_bytes()
    middle = len(whole) // 2
    broken = {
        "cut": whole[:middle],
        "changed": whole[:middle] + b"x" * 100_000 + whole[middle + 100_000 :],
        "foreign": b"no archive at all",
    }
    archive = ClassArchive(tmp_path / "broken.aot")
    archive.path.write_bytes(broken[damage])
    port, controller = ports.choose_ports({"Kafka": 0, "its controller": 0})
    kafka = Kafka(
        tmp_path / "kafka",
        tmp_path / "kafka.log",
        files=KafkaFiles(files.jars, archive),
        settings=SETTINGS,
        ports=(port, controller),
    )
    try:
        kafka.start()
        assert "error" in kafka.child.log.read_text()
    finally:
        kafka.kill()
