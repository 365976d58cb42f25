"""A real PostgreSQL server on loopback for the tests that want one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PLACES = (*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/local/bin"))


def _program(name: str) -> str:
    found = [str(place / name) for place in PLACES if (place / name).exists()]
    return found[0] if found else shutil.which(name) or ""


def _as_user(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root; the packages make a user for it."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Return the address of an empty database on a server of our own; skip where there is no PostgreSQL."""
    pytest.importorskip("psycopg", reason="SKIPPED: psycopg is not installed, PostgreSQL is not tested")
    if not _program("initdb"):
        pytest.skip("SKIPPED: PostgreSQL is not installed, the schema is only tested on SQLite")
    with tempfile.TemporaryDirectory(prefix="selfheal-pg-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        data, port = f"{folder}/data", _free_port()
        run = {"check": True, "capture_output": True, "cwd": "/"}
        subprocess.run(_as_user(_program("initdb"), "-D", data, "-U", "selfheal", "-A", "trust", "--no-sync"), **run)
        options = f"-p {port} -h 127.0.0.1 -k {folder} -F"
        # Its output goes to a file: a pipe would be held open by the server.
        started = _as_user(_program("pg_ctl"), "-D", data, "-l", f"{folder}/log", "-w", "-o", options, "start")
        subprocess.run(started, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        try:
            yield f"postgresql://selfheal@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run(_as_user(_program("pg_ctl"), "-D", data, "-m", "immediate", "stop"), **run)
