"""A Kafka and an Elasticsearch that belong together: in: a directory; out: two servers that are ready, or an error.

Everything they own lies under the directory (kafka/, elasticsearch/, logs/); a later start on it goes on from there.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from embedded import analysis_plugin, jars, ports
from embedded.elasticsearch import Elasticsearch, Server
from embedded.embedded_error import EmbeddedError
from embedded.kafka import Kafka

Say = Callable[[str], None]
PATIENCE = 45.0  # seconds that servers of a killed run may take to end: the longest grace time and a margin


class DirectoryInUse(EmbeddedError):
    """Another running stack has this directory; the message names both and what to do."""


@dataclass(frozen=True, slots=True)
class Installed:
    """The servers' files in the cache, checked: `kafka` jars, and what an Elasticsearch node shares with others."""

    kafka: list[Path]
    elasticsearch: Server


def install(say: Say, cache: Path = jars.CACHE) -> Installed:
    """Downloads what is missing, checks every jar, compiles the analysis module. A fifth of a second when all is there.

    Raises jars.JarRefused, repository.RepositoryUnavailable, analysis.CompilationFailed.
    """
    found = jars.obtain(cache, say)
    modules = analysis_plugin.prepare_modules(cache, found["elasticsearch"], found["compiler"], say)
    return Installed(found["kafka"], Server(analysis_plugin.server_jars(found["elasticsearch"]), modules))


@dataclass
class Stack:
    """Context manager. A port of 0 is any free one; ports are chosen at the first start and then stay, so that a server
    that is started again is found where it was.

    `broker_config` is config/kafka.properties; `heap` is Elasticsearch's, as Java writes sizes; `say` gets a line about
    whatever takes time.
    """

    directory: Path
    broker_config: Path
    _: KW_ONLY
    kafka_port: int = 0
    elasticsearch_port: int = 0
    say: Say = field(default=lambda _: None)
    heap: str = "1g"
    cache: Path = jars.CACHE

    def __post_init__(self) -> None:
        self.directory = self.directory.resolve()
        self._lock = DirectoryLock(self.directory)
        self._servers: tuple[Kafka, Elasticsearch] | None = None

    @property
    def kafka(self) -> Kafka:
        """The broker, from the first start on."""
        return self._started()[0]

    @property
    def elasticsearch(self) -> Elasticsearch:
        """The node, from the first start on."""
        return self._started()[1]

    @property
    def bootstrap_servers(self) -> str:
        """The broker's address, as 127.0.0.1:PORT."""
        return self.kafka.bootstrap_servers

    @property
    def elasticsearch_url(self) -> str:
        """The node's address, as http://127.0.0.1:PORT."""
        return self.elasticsearch.url

    def start(self) -> None:
        """Returns when both servers are ready; otherwise nothing runs, and the error says why.

        Raises EmbeddedError: DirectoryInUse, ports.PortTaken, process.StartFailed, and what `install` raises.
        """
        self._lock.take(self.say)
        try:
            kafka, elasticsearch = self._servers = self._servers or self._make_servers()
            self._run(kafka, elasticsearch)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops both servers, cleanly and at the same time."""
        if self._servers:
            for server in self._servers:
                server.child.begin_stop()
            for server in self._servers:
                server.stop()
        self._lock.release()

    def _make_servers(self) -> tuple[Kafka, Elasticsearch]:
        kafka_port, controller_port, http_port, transport_port = ports.choose(
            {
                "Kafka": self.kafka_port,
                "Kafka's controller": 0,
                "Elasticsearch": self.elasticsearch_port,
                "Elasticsearch's transport": 0,
            }
        )
        files = install(self.say, self.cache)
        kafka = Kafka(
            self.directory / "kafka",
            self.directory / "logs" / "kafka.log",
            jars=files.kafka,
            settings=self.broker_config,
            ports=(kafka_port, controller_port),
        )
        elasticsearch = Elasticsearch(
            self.directory / "elasticsearch",
            self.directory / "logs" / "elasticsearch.log",
            server=files.elasticsearch,
            ports=(http_port, transport_port),
            heap=self.heap,
        )
        return kafka, elasticsearch

    def _run(self, kafka: Kafka, elasticsearch: Elasticsearch) -> None:
        begin = time.monotonic()
        self.say("starting Kafka and Elasticsearch")
        elasticsearch.launch(self._lock.held)  # first: it takes longer, and Kafka's first launch formats a directory
        kafka.launch(self._lock.held)
        kafka.wait_ready()
        elasticsearch.wait_ready()
        self.say(f"Kafka and Elasticsearch are ready after {time.monotonic() - begin:.1f} s")

    def _started(self) -> tuple[Kafka, Elasticsearch]:
        if self._servers is None:
            raise RuntimeError("the stack has not been started")
        return self._servers

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class DirectoryLock:
    """A directory has one stack at a time.

    The servers' keepers hold the lock too: it is free when the last server has ended, also after a run that was killed,
    and never later, since the kernel frees it.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "lock"
        self._file: int | None = None

    @property
    def held(self) -> list[int]:
        """The file descriptor of the lock, for keepers to hold."""
        return [] if self._file is None else [self._file]

    def take(self, say: Say) -> None:
        """Waits for the servers of a run that is dead; raises DirectoryInUse when the run is alive, or they stay."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        deadline = time.monotonic() + PATIENCE
        while not _try_lock(file):
            owner = os.pread(file, 20, 0).decode().strip()
            if _runs(owner) or time.monotonic() > deadline:
                os.close(file)
                raise DirectoryInUse(
                    f"{self._path.parent} is in use by a running stack (process {owner or 'unknown'}): "
                    "stop that one, or choose another directory"
                )
            say("waiting for the servers of the previous run to end")
            time.sleep(1)
        os.ftruncate(file, 0)
        os.pwrite(file, b"%d\n" % os.getpid(), 0)
        self._file = file

    def release(self) -> None:
        """Free for the next one."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _try_lock(file: int) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _runs(owner: str) -> bool:
    """Whether the process with the pid that is written in a lock file runs; a lock without one is being taken now."""
    try:
        os.kill(int(owner or os.getpid()), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
