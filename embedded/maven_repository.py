"""Downloads jars and resolves dependencies through jgo, a Maven client.

In: coordinates (group:artifact:version). Out: jar files, and the coordinates they depend on. Which repository is asked
is decided by jgo's default and its configuration file, through the machine's proxy settings. The user's own Maven
repository (~/.m2, M2_REPO) is read and never written.
"""

import shutil
import time
from pathlib import Path

import requests
from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL, default_maven_repo
from jgo.maven import MavenContext

from embedded.embedded_error import EmbeddedError

ATTEMPTS = 3
TIMEOUT = 30  # seconds without a byte


class RepositoryUnavailable(EmbeddedError):
    """A file can't be downloaded from the Maven repository; the message names it and says what to do."""


def download(coordinate: str, folder: Path) -> Path:
    """The jar of `coordinate` (group:artifact:version) as a file somewhere under `folder`. Its sha256 is not checked
    here.

    Tries a few times: one of a hundred downloads fails on many a network. Raises RepositoryUnavailable.
    """
    for attempt in range(1, ATTEMPTS + 1):
        place = folder / f"attempt-{attempt}"  # jgo leaves half a file where a download broke off
        try:
            return _own(_context(place).create_dependency(coordinate).artifact.resolve(), place)
        except (requests.RequestException, RuntimeError, OSError) as error:
            if attempt == ATTEMPTS:
                raise RepositoryUnavailable(
                    f"cannot download {coordinate}: {error}. The first start needs a network that reaches a Maven "
                    "repository (jgo's configuration file names another one, HTTPS_PROXY a proxy)"
                ) from error
            time.sleep(attempt)
    raise AssertionError


def resolve_dependencies(coordinates: list[str], folder: Path) -> list[str]:
    """`coordinates` and everything they need at run time, as Maven resolves them. POM files are downloaded to
    `folder`."""
    context = _context(folder)
    asked, needed = context.resolver.resolve([context.create_dependency(one) for one in coordinates])
    used = [*asked, *(one for one in needed if one.scope in ("compile", "runtime"))]
    if odd := [str(one.artifact) for one in used if one.artifact.classifier or one.artifact.packaging != "jar"]:
        raise ValueError(f"the lock file has no column for classifiers and packagings other than jar: {odd}")
    return [f"{one.groupId}:{one.artifactId}:{one.version}" for one in used]


def _context(folder: Path) -> MavenContext:
    return MavenContext(
        repo_cache=folder,
        local_repos=[default_maven_repo()],
        remote_repos={"central": MAVEN_CENTRAL_URL} | GlobalSettings.load().repositories,
        timeout=TIMEOUT,
    )


def _own(path: Path, folder: Path) -> Path:
    """A copy of `path` under `folder` unless it is there: what lies in the user's repository stays there."""
    if path.is_relative_to(folder):
        return path
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(path, folder))
