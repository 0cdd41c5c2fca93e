"""The servers' jars: only the locked ones are accepted, and none is downloaded twice."""

import gc
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded import jars
from embedded.maven_repository import RepositoryUnavailable
from newsloom.demo.local_site import Behaviour, Resource, Site

COORDINATE = "org.example:planets:1.0"
PATH = "/org/example/planets/1.0/planets-1.0.jar"
BODY = b"PK: nine planets"

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]


def write_lock(folder: Path, body: bytes = BODY) -> Path:
    lock = folder / "jars.lock"
    lock.write_text(f"# a lock\n{hashlib.sha256(body).hexdigest()} {len(body)} space {COORDINATE}\n")
    return lock


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A Maven repository on this machine that jgo's own configuration names."""
    site = Site({PATH: Resource(BODY, "application/java-archive")})
    (tmp_path / "jgo.conf").write_text(f"[repositories]\ncentral = {site.url}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(tmp_path / "jgo.conf"))
    monkeypatch.setenv("M2_REPO", str(tmp_path / "m2"))
    yield site
    gc.collect()  # jgo leaves the answers that it does not like unread and open: they end here, where that is ignored


def test_a_jar_is_downloaded_once(tmp_path: Path, repository: Site) -> None:
    lines: list[str] = []
    with repository:
        for _ in range(2):
            found = jars.obtain_jars(tmp_path / "cache", lines.append, write_lock(tmp_path))
            assert [path.read_bytes() for path in found["space"]] == [BODY]
        assert repository.paths().count(PATH) == 1
    assert lines[0].startswith("jars: 0 of 1 downloaded")
    assert lines[-1] == "jars: all 1 downloaded and checked"


def test_a_failing_download_is_tried_again(tmp_path: Path, repository: Site) -> None:
    def repair(line: str) -> None:
        if repository.paths().count(PATH) == 1:
            repository.behaviours.clear()

    repository.behaviours[PATH] = Behaviour(503)
    with repository:
        found = jars.obtain_jars(tmp_path / "cache", repair, write_lock(tmp_path))
    assert found["space"][0].read_bytes() == BODY


@pytest.mark.slow
def test_a_repository_without_the_jar_is_an_error_that_names_it(tmp_path: Path, repository: Site) -> None:
    repository.resources.clear()
    with repository, pytest.raises(RepositoryUnavailable, match=f"cannot download {COORDINATE}"):
        jars.obtain_jars(tmp_path / "cache", lambda _: None, write_lock(tmp_path))


def test_another_jar_from_the_repository_is_refused_and_not_kept(tmp_path: Path, repository: Site) -> None:
    repository.resources[PATH] = Resource(b"PK: with a stowaway", "application/java-archive")
    with repository, pytest.raises(jars.JarRefused, match=rf"{COORDINATE} is not the jar .* Start again"):
        jars.obtain_jars(tmp_path / "cache", lambda _: None, write_lock(tmp_path))
    assert not list((tmp_path / "cache").rglob("*.jar"))


def test_a_jar_that_was_changed_in_the_cache_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "cache" / "jars" / "planets-1.0.jar"
    place.parent.mkdir(parents=True)
    place.write_bytes(BODY + b"!")
    with pytest.raises(jars.JarRefused, match=rf"{COORDINATE} is not the jar .*Delete {place}"):
        jars.obtain_jars(tmp_path / "cache", lambda _: None, write_lock(tmp_path))


def test_the_users_own_maven_repository_is_read_and_left_as_it_is(tmp_path: Path, repository: Site) -> None:
    own = tmp_path / "m2" / PATH.lstrip("/")
    own.parent.mkdir(parents=True)
    own.write_bytes(BODY)
    jars.obtain_jars(tmp_path / "cache", lambda _: None, write_lock(tmp_path))
    assert own.exists()
    with repository:
        assert not repository.requests


def test_the_committed_lock_holds_what_was_asked_for_in_one_version() -> None:
    locked = jars.read_lock()
    coordinates = {jar.coordinate for jar in locked}
    for group, asked in jars.COORDINATES.items():
        assert {one.rstrip("!") for one in asked} <= {jar.coordinate for jar in locked if jar.group == group}
    for family in ("org.apache.kafka:", "org.elasticsearch:"):
        assert len({one.rpartition(":")[2] for one in coordinates if one.startswith(family)}) == 1, family
    lucene = {one.split(":")[1]: one.rpartition(":")[2] for one in coordinates if one.startswith("org.apache.lucene:")}
    assert {name for name, version in lucene.items() if version != lucene["lucene-core"]} == {
        f"lucene-analysis-{name}"  # of the same minor version, whose jars fit each other; see jars.COORDINATES
        for name in ("nori", "stempel", "morfologik")
    }
    assert {version.rpartition(".")[0] for version in lucene.values()} == {"10.3"}
    assert len({(jar.filename, jar.sha256) for jar in locked}) == len({jar.filename for jar in locked})
    assert "://" not in jars.LOCK.read_text()
