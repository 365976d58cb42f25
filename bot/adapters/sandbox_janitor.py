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
from bot.adapters.sandbox_names import PREFIX, orphaned


def sweep() -> tuple[str, ...]:
    """Remove everything that belonged to runs of processes that are no more; return what was removed."""
    gone = [folder for place in set(parents().values()) for folder in _orphans(place)]
    for group in gone:
        remove(group)
    folders = _orphans(Path(tempfile.gettempdir()))
    for folder in folders:
        _end_users(folder)
        discard(str(folder))
    return tuple(str(path) for path in (*gone, *folders))


def _orphans(place: Path) -> list[Path]:
    with suppress(OSError):
        return [path for path in sorted(place.glob(f"{PREFIX}*")) if path.is_dir() and orphaned(str(path))]
    return []


def _end_users(folder: Path) -> None:
    """Kill the processes that were told to work in a folder: their variables name it."""
    mark = f"SELFHEAL_BOX={folder}/".encode()
    for name in os.listdir("/proc"):
        with suppress(OSError):
            if name.isdigit() and mark in Path("/proc", name, "environ").read_bytes():
                os.kill(int(name), signal.SIGKILL)


def discard(folder: str) -> None:
    """Remove a run's folder, whatever permissions and however deep the folders a stranger has left in it."""
    with suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    for tool in (("chmod", "-R", "u+rwx"), ("rm", "-rf")):
        if os.path.exists(folder):
            subprocess.run([*tool, "--", folder], check=False, stderr=subprocess.DEVNULL)
