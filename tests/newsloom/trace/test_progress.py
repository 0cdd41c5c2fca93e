"""What takes long is told while it goes on, and what does not is not."""

import threading

from newsloom.trace.progress import told_when_slow


def test_what_takes_long_is_told_while_it_goes_on() -> None:
    told, heard = [], threading.Event()

    def progress(text: str) -> None:
        told.append(text)
        heard.set()

    with told_when_slow(progress, "asking kafka", 0.01):
        assert heard.wait(10)
    assert told == ["asking kafka"]


def test_what_is_quick_is_not_told() -> None:
    told: list[str] = []
    with told_when_slow(told.append, "asking kafka", 3600):
        before = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
    for each in before:
        each.join(10)
    assert told == []
