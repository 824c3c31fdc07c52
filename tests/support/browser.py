"""Chromium without a window, driven through its debugging pipe: no network, no driver, no other library."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PROGRAM = next((found for name in _NAMES if (found := shutil.which(name))), "")
needed = pytest.mark.skipif(not PROGRAM, reason="Chromium is not installed")
_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
          "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe")  # fmt: skip


class Page:
    """A page that is open in the browser."""

    def __init__(self, to: BinaryIO, back: BinaryIO) -> None:
        self._to, self._back, self._number, self._session = to, back, 0, ""
        self._seen = 0
        self.events: list[dict[str, Any]] = []

    def send(self, method: str, **given: object) -> dict[str, Any]:
        """Send a command of the DevTools protocol; return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": given}
        self._to.write(json.dumps(message | ({"sessionId": self._session} if self._session else {})).encode() + b"\0")
        self._to.flush()
        while (answer := self._read()).get("id") != self._number:
            self.events.append(answer)
        assert "error" not in answer, answer
        found: dict[str, Any] = answer["result"]
        return found

    def _read(self) -> dict[str, Any]:
        data = bytearray()
        while (byte := self._back.read(1)) != b"\0":
            assert byte, "the browser has gone"
            data += byte
        found: dict[str, Any] = json.loads(data)
        return found

    def open(self, path: Path) -> None:
        """Open a file and wait until it is loaded."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.send(f"{domain}.enable")
        self.send("Page.navigate", url=path.resolve().as_uri())
        self.wait("Page.loadEventFired")

    def wait(self, event: str) -> None:
        """Wait until the browser has told of an event since it was last waited for."""
        while not any(found.get("method") == event for found in self.events[self._seen :]):
            self.events.append(self._read())
        self._seen = len(self.events)

    def reload(self) -> None:
        """Load the page again, and forget what was told before."""
        self.events.clear()
        self._seen = 0
        self.send("Page.reload")
        self.wait("Page.loadEventFired")

    def run(self, script: str) -> Any:
        """Run an expression in the page and return its value."""
        found = self.send("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press a key on the keyboard."""
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            self.send("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **more)

    def write(self, text: str) -> None:
        """Write a text where the focus is."""
        self.send("Input.insertText", text=text)


@contextmanager
def opened(path: Path, folder: Path) -> Iterator[Page]:
    """Yield a file opened in a browser whose profile is in a folder."""
    to_read, to_write = os.pipe()
    back_read, back_write = os.pipe()
    command = f'exec 3<&{to_read} 4>&{back_write}; exec "$@"'
    words = [PROGRAM, *_FLAGS, f"--user-data-dir={folder}"]
    browser = subprocess.Popen(
        ["bash", "-c", command, "bash", *words],
        pass_fds=(to_read, back_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder)},
    )
    os.close(to_read)
    os.close(back_write)
    with os.fdopen(to_write, "wb") as to, os.fdopen(back_read, "rb") as back:
        page = Page(to, back)
        try:
            page.open(path)
            yield page
            page._session = ""
            page.send("Browser.close")
        finally:
            try:
                browser.wait(timeout=20)
            except subprocess.TimeoutExpired:
                browser.kill()
                browser.wait()
