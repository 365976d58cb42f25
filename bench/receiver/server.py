"""Servers under test, each a process of its own: the App, and a bare FastAPI endpoint as the anchor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.github.bot import free_port

SECRET = "bench-secret"
NOBODY = "http://127.0.0.1:9"  # GitHub is not there; nothing that is measured needs it
START_SECONDS = 240.0
BARE = (
    "import sys, uvicorn\nfrom fastapi import FastAPI, Request\napp = FastAPI()\n"
    "@app.post('/webhook', status_code=202)\nasync def take(request: Request):\n"
    "    await request.body()\n    return {'id': 'x'}\n"
    "@app.get('/readyz')\nasync def ready():\n    return {}\n"
    "uvicorn.run(app, port=int(sys.argv[1]), log_level='error')\n"
)


def key() -> str:
    """Return a fresh private key in PEM."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kind, form = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    return made.private_bytes(kind, form, serialization.NoEncryption()).decode()


class Server:
    """One server process; it can be killed and started again on the same state."""

    def __init__(self, folder: Path, *, bare: bool = False) -> None:
        self.folder = folder
        self.port = free_port()
        self._pem = key()
        self._bare = bare

    def environment(self) -> dict[str, str]:
        """Return the environment of the App."""
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "APP_ID": "1",
            "PRIVATE_KEY": self._pem,
            "WEBHOOK_SECRET": SECRET,
            "GITHUB_API_URL": NOBODY,
            "PORT": str(self.port),
            "SELFHEAL_STATE": str(self.folder / "state"),
            "LOG_LEVEL": "ERROR",
        }

    def start(self) -> float:
        """Start it and return after how many seconds it was ready."""
        began = time.monotonic()
        command = [sys.executable, "-c", BARE, str(self.port)] if self._bare else [sys.executable, "-m", "bot", "serve"]
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(command, env=self.environment(), stdout=log, stderr=log)
        while time.monotonic() < began + START_SECONDS:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2):
                    return time.monotonic() - began
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise TimeoutError((self.folder / "server.log").read_text()[-2000:])

    def kill(self) -> None:
        """Kill it as a power cut does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to stop and wait until it has."""
        self.process.terminate()
        self.process.wait(30)

    @property
    def memory(self) -> float:
        """Return its resident memory in MB."""
        return self._status("VmRSS") / 1000

    @property
    def threads(self) -> int:
        """Return how many threads it has."""
        return self._status("Threads")

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))

    def cpu(self) -> float:
        """Return the CPU seconds it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
