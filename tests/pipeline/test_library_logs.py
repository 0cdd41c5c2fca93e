"""What kafka-python logs while its broker is away: our own events, each line once in half a minute."""

import logging

from structlog.testing import capture_logs

from pipeline.library_logs import AGAIN_SECONDS, LibraryLogs


def record(text: str, level: int = logging.ERROR, **more: object) -> logging.LogRecord:
    return logging.makeLogRecord({"name": "kafka.net", "levelno": level, "msg": text, **more})


def test_the_same_line_is_told_once_and_then_with_a_count() -> None:
    now = [0.0]
    logs = LibraryLogs(lambda: now[0])
    with capture_logs() as events:
        for number in range(100):
            now[0] += AGAIN_SECONDS / 200
            logs.handle(record(f"<Connection 0x7f{number:04x}>: request {number} timed out after {number} ms"))
        assert len(events) == 1
        now[0] += AGAIN_SECONDS
        logs.handle(record("<Connection 0x7fff>: request 100 timed out after 3 ms"))
    assert [event.get("again") for event in events] == [None, 99]
    assert events[1] == {
        "event": "library",
        "library": "kafka.net",
        "detail": "<Connection 0x7fff>: request 100 timed out after 3 ms",
        "again": 99,
        "log_level": "error",
    }


def test_what_is_no_warning_is_not_told_and_what_is_long_is_cut() -> None:
    logger = logging.Logger("kafka.consumer", logging.INFO)
    logger.addHandler(LibraryLogs())
    with capture_logs() as events:
        logger.info("joined")
        logger.warning("x" * 100_000)
        logger.warning("left %s", "the group")
    assert [(event["log_level"], len(event["detail"])) for event in events] == [("warning", 500), ("warning", 14)]


def test_a_thousand_different_lines_do_not_fill_the_memory() -> None:
    now = [0.0]
    logs = LibraryLogs(lambda: now[0])
    with capture_logs():
        for number in range(1_000):
            now[0] += AGAIN_SECONDS
            logs.handle(record("of " + "".join(chr(97 + int(digit)) for digit in str(number))))
    assert len(logs._told) <= 11
