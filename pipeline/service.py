"""The frame of every long-running process: log, health page, metrics page, and a clean stop on SIGTERM.

`with running_service("annotate", settings.service) as service:` makes the process observable; `service.stop` is set
when it shall end. /healthz answers 200 and what the stage is doing, or 503 and why it can't work; /metrics has the
metrics in Prometheus' format.
"""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType

from prometheus_client import REGISTRY, generate_latest

from pipeline import observability, settings
from pipeline.failures import WrongSetting

# a stage without a heartbeat for so long hangs: longer than any batch takes, shorter than an operator's patience
HUNG_SECONDS = 300.0


class Service:
    """A running service as its health page shows it: one stage, or several parts that each send heartbeats.

    `clock` gives monotonic seconds.
    """

    def __init__(self, stage: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.stage = stage
        self.stop = threading.Event()
        self._clock = clock
        self._began = clock()
        self._parts: dict[str, tuple[str, float]] = {}  # part -> its problem, time of its last heartbeat
        self._heard_at: dict[str, float] = {}  # part -> when it last heard from Kafka
        self.warnings: dict[str, str] = {}  # by part: what an operator must mend, though the service works

    def heartbeat(self, problem: str = "", part: str = "", heard_at: float | None = None) -> None:
        """Says that the service, or a part of it, is alive; `problem` is why it can't work at the moment, "" for none;
        `heard_at` when it last heard from Kafka, in monotonic seconds."""
        if heard_at is not None:
            self._heard_at[part] = heard_at
        self._parts[part] = problem, self._clock()

    def health(self) -> tuple[int, dict[str, object]]:
        """HTTP status and body of the health page. Any thread may ask: parts and warnings come meanwhile."""
        parts = list(self._parts.values()) or [("starting", self._began)]
        now = self._clock()
        silent = now - min(at for _, at in parts)
        problem = next((problem for problem, _ in parts if problem), "")
        if silent > HUNG_SECONDS:
            problem = f"nothing done for {silent:.0f} s"
        heard = [round(now - at, 1) for at in list(self._heard_at.values())]
        body: dict[str, object] = {"stage": self.stage, "status": problem or "working"}
        if warning := "; ".join(each for each in list(self.warnings.values()) if each):
            body["warning"] = warning
        if heard:
            body["kafka_heard_seconds_ago"] = max(heard)
        return 503 if problem else 200, body


@contextmanager
def running_service(stage: str, options: settings.Service) -> Iterator[Service]:
    """Sets up log, signals and health page of this process for the block. Raises WrongSetting when the port is
    taken."""
    observability.configure_logs(options.log_format, options.log_level)
    service = Service(stage)
    server = _serve(service, options)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: _on_signal(service, _frame))
    log = observability.get_logger(stage)
    log.info("started", health=f"http://{options.health_host}:{server.server_port}/healthz")
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        log.info("stopped")


def _on_signal(service: Service, _frame: FrameType | None) -> None:
    service.stop.set()


def _serve(service: Service, options: settings.Service) -> ThreadingHTTPServer:
    try:
        server = ThreadingHTTPServer((options.health_host, options.health_port), _handler(service))
    except OSError as error:
        where = f"{options.health_host}:{options.health_port}"
        raise WrongSetting(
            f"service.health_port: {where} can't be opened ({error.strerror}); 0 picks a free one"
        ) from error
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, "text/plain; version=0.0.4; charset=utf-8", generate_latest(REGISTRY))
            elif self.path == "/healthz":
                status, body = service.health()
                self._answer(status, "application/json", json.dumps(body).encode())
            else:
                self._answer(404, "text/plain", b"/healthz and /metrics are here\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Probes are not news."""

    return Handler
