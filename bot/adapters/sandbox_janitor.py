"""Removes at start what killed runs left behind: folders, control groups, and processes that are still in them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from bot.adapters.sandbox_cgroup import parents, remove
from bot.scratch import MARK, PREFIX, orphaned


def sweep() -> tuple[str, ...]:
    """Remove everything that belonged to runs of processes that are no more; return what was removed."""
    ended = _end_orphans()
    groups = [folder for place in set(parents().values()) for folder in _orphans(place)]
    for group in groups:
        remove(group)
    folders = _orphans(Path(tempfile.gettempdir()))
    for folder in folders:
        discard(str(folder))
    return (*ended, *(str(path) for path in (*groups, *folders)))


def _orphans(place: Path) -> list[Path]:
    with suppress(OSError):
        return [path for path in sorted(place.glob(f"{PREFIX}*")) if path.is_dir() and orphaned(str(path))]
    return []


def _end_orphans() -> tuple[str, ...]:
    """Kill the processes whose variables name a run of a process that is no more; return their ids."""
    ended = []
    for name in os.listdir("/proc"):
        with suppress(OSError):
            run = _run_of(Path("/proc", name, "environ").read_bytes()) if name.isdigit() else ""
            if run and orphaned(os.path.join(tempfile.gettempdir(), run)):
                os.kill(int(name), signal.SIGKILL)
                ended.append(f"process {name}")
    return tuple(ended)


def _run_of(variables: bytes) -> str:
    """Return the run that a process's variables name: as it was started, or as the folder it was told to work in."""
    for variable in variables.decode(errors="replace").split("\0"):
        name, _, value = variable.partition("=")
        if name == MARK:
            return value
        if name == "SELFHEAL_BOX" and PREFIX in value:
            return value.split("/")[-2]
    return ""


def discard(folder: str) -> None:
    """Remove a run's folder, whatever permissions and however deep the folders a stranger has left in it."""
    with suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    for tool in (("chmod", "-R", "u+rwx"), ("rm", "-rf")):
        if os.path.exists(folder):
            subprocess.run([*tool, "--", folder], check=False, stderr=subprocess.DEVNULL)
