"""A browser that a test drives: Chromium without a window, by its debugging pipe."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from base64 import b64decode
from contextlib import contextmanager

PROGRAM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
LONGEST = 60
"""How many seconds are waited for an answer."""


class Browser:
    """One page of a browser; `asked` are the addresses it has tried to load."""

    def __init__(self, ask, tell):
        self._ask, self._tell, self._number, self._rest = ask, tell, 0, b""
        self._session, self.asked = None, []
        target = self("Target.createTarget", url="about:blank")["targetId"]
        told = self("Target.attachToTarget", targetId=target, flatten=True)
        self._session = told["sessionId"]
        for name in ("Page", "Runtime", "DOM", "Network"):
            self(f"{name}.enable")

    def __call__(self, method, **said):
        """Ask for something, and return the answer; what happens meanwhile is noted."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": said}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._ask, json.dumps(message).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._number:
                assert "error" not in told, told
                return told["result"]

    def _next(self):
        while b"\0" not in self._rest:
            lot = os.read(self._tell, 1 << 20)
            assert lot, "the browser has ended"
            self._rest += lot
        one, _, self._rest = self._rest.partition(b"\0")
        told = json.loads(one)
        if told.get("method") == "Network.requestWillBeSent":
            self.asked.append(told["params"]["request"]["url"])
        return told

    def evaluate(self, text):
        """Return what an expression of the page gives."""
        told = self("Runtime.evaluate", expression=text, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def open(self, path, wide=390, high=844):
        """Open a file as a telephone of this size would show it."""
        size = {"width": wide, "height": high, "deviceScaleFactor": 1, "mobile": True}
        self("Emulation.setDeviceMetricsOverride", **size)
        self("Page.navigate", url=f"file://{path}")
        self.until("document.readyState === 'complete' && document.title !== 'casework'")

    def choose(self, selector, *paths):
        """Choose files, as somebody does who takes pictures."""
        root = self("DOM.getDocument")["root"]["nodeId"]
        node = self("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self("DOM.setFileInputFiles", nodeId=node, files=[*map(str, paths)])

    def until(self, text):
        """Wait until an expression of the page is true."""
        given_up = time.monotonic() + LONGEST
        while not self.evaluate(text):
            assert time.monotonic() < given_up, text
            time.sleep(0.05)

    def picture(self, path):
        """Write a picture of the whole page."""
        told = self("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(b64decode(told["data"]))


@contextmanager
def browser():
    """Give a browser; it is ended afterwards."""
    (asked, ask), (tell, told) = os.pipe(), os.pipe()
    # What its last process writes while it dies is no fault of a test.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        words = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        words += ["--remote-debugging-pipe", f"--user-data-dir={place}", "--no-first-run"]

        # It asks and tells by the third and the fourth file of its process.
        wired = f'exec "$@" 3<&{asked} 4>&{told}'
        process = subprocess.Popen(
            ["bash", "-c", wired, "bash", PROGRAM, *words],
            pass_fds=(asked, told),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": place},
            start_new_session=True,
        )
        os.close(asked)
        os.close(told)
        try:
            yield Browser(ask, tell)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.close(ask)
            os.close(tell)
