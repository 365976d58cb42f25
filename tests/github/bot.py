"""The bot as a process of its own beside the stand-in."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from bot.settings import read
from tests.github.standin import App, StandIn


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def post(address: str, body: bytes, kind: str, token: str) -> int:
    """Send a body with a token and return the status."""
    headers = {"Content-Type": kind, **({"Authorization": f"Bearer {token}"} if token else {})}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data=body, headers=headers), timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


Kind = type[BaseException] | None


class Bot:
    """`selfheal serve` for an App of the stand-in; it can be killed and started again on the same state.

    The code in the stand-in's repositories is our own, so it runs without a sandbox where none works.
    """

    def __init__(self, standin: StandIn, app: App, folder: Path, **more: str) -> None:
        self.standin = standin
        self.app = app
        self.folder = folder
        self.port = free_port()
        self.more = more
        self.log = folder / "bot.log"
        app.webhook_url = f"http://127.0.0.1:{self.port}/api/github/webhooks"

    def environment(self) -> dict[str, str]:
        """Return the bot's environment."""
        return {
            **{key: value for key, value in os.environ.items() if key in ("PATH", "HOME") or key.startswith("COV")},
            "APP_ID": str(self.app.id),
            "PRIVATE_KEY": self.app.pem,
            "WEBHOOK_SECRET": self.app.secret,
            "GITHUB_API_URL": self.standin.api_url,
            "GITHUB_SERVER_URL": self.standin.url,
            "PORT": str(self.port),
            "SELFHEAL_STATE": str(self.folder / "state"),
            "SELFHEAL_PACE_SECONDS": "0",
            "SELFHEAL_POLL_SECONDS": "1",
            **self.more,
        }

    @property
    def database(self) -> str:
        """Return the address of its database."""
        return read(self.environment()).database

    def start(self) -> None:
        """Start the process and return when it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.github.serving"], env=self.environment(), stdout=log, stderr=log
            )
        self.until(self.ready, 180, "the bot to be ready")

    def ready(self) -> bool:
        """Return whether it answers."""
        if self.process.poll() not in (None, -signal.SIGKILL):
            raise AssertionError(f"the bot ended: {self.log.read_text()[-3000:]}")
        if self.process.poll() is not None:
            return True
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def token(self, repository: str) -> str:
        """Return a token that may send logs for a repository."""
        command = [sys.executable, "-m", "bot", "token", repository]
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def kill(self) -> None:
        """Kill it at once, as a power cut does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to stop, and kill it when it does not."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def until(self, true: Callable[[], object], seconds: float, what: str) -> None:
        """Return when something is true; fails with the log when it does not become so in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if true():
                return
            time.sleep(0.05)
        raise AssertionError(f"waited {seconds} s for {what}\n{self.log.read_text()[-4000:]}")

    def survive(self, true: Callable[[], object], seconds: float, what: str) -> None:
        """Return when something is true, starting the process again whenever it was killed."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if true():
                return
            if self.process.poll() is not None:
                self.start()
            time.sleep(0.05)
        raise AssertionError(f"waited {seconds} s for {what}\n{self.log.read_text()[-4000:]}")

    def __enter__(self) -> Bot:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
