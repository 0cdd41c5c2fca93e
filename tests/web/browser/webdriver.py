"""A real browser, driven over WebDriver (W3C): Chromium and its driver, as Debian has them. It needs no package.

In: an address. Out: what a person would see and do there: elements, clicks, keys, and what the browser complains of.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from embedded import ports
from embedded.child_process import ChildProcess

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # by this name the standard calls an element's id
SECONDS = 30.0
# a name of this machine that browsers trust less than 127.0.0.1: they send no Fetch Metadata there
NAME = "newsloom.test"


class Element:
    """An element of the page that is open."""

    def __init__(self, browser: "Browser", id_: str) -> None:
        self._browser, self._id = browser, id_

    @property
    def text(self) -> str:
        """What is seen of its text."""
        return str(self._browser.ask("GET", f"/element/{self._id}/text"))

    def click(self) -> None:
        """Clicks on it."""
        self._browser.ask("POST", f"/element/{self._id}/click", {})

    def type(self, text: str) -> None:
        """Types into it."""
        self._browser.ask("POST", f"/element/{self._id}/value", {"text": text})


class Browser:
    """A session of a browser."""

    def __init__(self, client: httpx.Client, session: str) -> None:
        self._client, self._session = client, session

    def ask(self, method: str, path: str, body: object | None = None) -> Any:
        """A command of WebDriver. Raises AssertionError with the driver's words."""
        answer = self._client.request(method, f"/session/{self._session}{path}", json=body)
        assert answer.status_code == 200, answer.json()["value"]["message"]
        return answer.json()["value"]

    def open(self, url: str) -> None:
        """Goes there, and waits until it is loaded."""
        self.ask("POST", "/url", {"url": url})

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self.ask("GET", "/url"))

    def find(self, selector: str) -> list[Element]:
        """The elements of a CSS selector; waits up to some seconds until there is one."""
        found = self.ask("POST", "/elements", {"using": "css selector", "value": selector})
        return [Element(self, each[ELEMENT]) for each in found]

    def run(self, script: str) -> Any:
        """What a function of this body returns on the page."""
        return self.ask("POST", "/execute/sync", {"script": script, "args": []})

    def press(self, *keys: str) -> None:
        """Presses keys, one after the other, wherever the focus is."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def drag(self, start: tuple[int, int], end: tuple[int, int], *keys: str) -> None:
        """Drags from one place of the window to another, in pixels; presses the keys before it lets go."""

        def move(at: tuple[int, int]) -> dict[str, Any]:
            return {"type": "pointerMove", "x": at[0], "y": at[1], "duration": 0}

        waits = [{"type": "pause"} for _ in range(2 * len(keys))]
        between = ((start[0] + end[0]) // 2, (start[1] + end[1]) // 2)
        pointer = [
            move(start),
            {"type": "pointerDown", "button": 0},
            move(between),
            move(end),
            *waits,
            {"type": "pointerUp", "button": 0},
        ]
        pressed = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        pressed = [*({"type": "pause"} for _ in range(4)), *pressed] if keys else []
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": pointer}
        self.ask("POST", "/actions", {"actions": [mouse, {"type": "key", "id": "keys", "actions": pressed}]})

    def size(self, width: int, height: int) -> None:
        """Shows pages as a screen of this many pixels does, however small."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True}
        self.ask("POST", "/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics})

    def size_of_window(self) -> None:
        """Shows pages in the window's own size again."""
        self.ask("POST", "/goog/cdp/execute", {"cmd": "Emulation.clearDeviceMetricsOverride", "params": {}})

    def prefer(self, *, dark: bool) -> None:
        """Prefers dark pages, or light ones."""
        wish = {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]}
        self.ask("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": wish})

    def complaints(self) -> list[str]:
        """What the browser has complained of since it was asked last: errors of scripts, what a policy stopped."""
        return [each["message"] for each in self.ask("POST", "/se/log", {"type": "browser"})]


@contextmanager
def started(folder: Path, *, javascript: bool = True) -> Iterator[Browser]:
    """A browser without a window, with nothing of its own. Skips the test where none is installed."""
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium") or shutil.which("google-chrome")
    if driver is None or chromium is None:
        pytest.skip("no browser: install chromium and chromium-driver (Debian's names)")
    [port] = ports.choose_ports({"chromedriver": 0})
    child = ChildProcess("chromedriver", [driver, f"--port={port}"], folder / "driver.log", dict(os.environ), grace=10)
    child.start()
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            timeout=SECONDS,
            trust_env=False,
            transport=httpx.HTTPTransport(retries=8),
        ) as client:
            made = client.post("/session", json={"capabilities": {"alwaysMatch": wishes(chromium, folder, javascript)}})
            assert made.status_code == 200, made.text
            browser = Browser(client, made.json()["value"]["sessionId"])
            try:
                yield browser
            finally:
                client.delete(f"/session/{made.json()['value']['sessionId']}")
    finally:
        child.stop()


def wishes(chromium: str, folder: Path, javascript: bool) -> dict[str, Any]:
    """What kind of a browser is wanted."""
    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1200,900"]
    arguments.append(f"--host-resolver-rules=MAP {NAME} 127.0.0.1")
    # --no-sandbox: containers and root have none; only pages of the tests are opened
    options: dict[str, Any] = {"binary": chromium, "args": [*arguments, f"--user-data-dir={folder / 'profile'}"]}
    if not javascript:
        options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
    return {
        "goog:chromeOptions": options,
        "goog:loggingPrefs": {"browser": "ALL"},
        "timeouts": {"implicit": 5_000},
    }
