"""The ladder inside containers: the two shapes that clouds and container engines give a program."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAY = """
import json
from bot.adapters.sandbox import self_test
found = self_test()
print(json.dumps([found.level, found.shape.disable_userns, found.why, [p.name for p in found.probes if not p.blocked]]))
"""
LIKE_DOCKER = """
from bot.adapters import sandbox_launcher, sandbox_seccomp
sandbox_launcher._libc.prctl(38, 1, 0, 0, 0)
sandbox_launcher._filter_calls(sandbox_seccomp.program())
"""


def ladder(*command: str) -> tuple[str, bool, list[str], list[str]]:
    """Return what the self-test finds in a process started by `command`; skip when this machine can't start it."""
    if shutil.which("bwrap") is None:
        pytest.skip("BUBBLEWRAP IS NOT INSTALLED HERE")
    done = subprocess.run(command, capture_output=True, cwd=ROOT, check=False)
    if done.returncode != 0:
        pytest.skip(f"THIS MACHINE CAN'T PLAY A CONTAINER: {done.stderr.decode()[-200:]}")
    level, disabled, why, got_through = json.loads(done.stdout)
    return level, disabled, why, got_through


def test_a_filter_that_forbids_namespaces_leaves_landlock() -> None:
    level, _, why, got_through = ladder(sys.executable, "-c", LIKE_DOCKER + SAY)
    assert level == "landlock"
    assert len(why) == 2
    assert "No permissions to create new namespace" in why[0]
    assert got_through == []


@pytest.mark.parametrize(("cover", "disabled"), [("", True), ("; mount -o bind,ro /proc/sys /proc/sys", False)])
def test_a_covered_proc_leaves_bubblewrap_without_proc(cover: str, disabled: bool) -> None:
    script = f'mount -t tmpfs none /proc/acpi{cover} && exec "$@"'
    unshare = ("unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-ec", script, "sh")
    level, could_disable, why, got_through = ladder(*unshare, sys.executable, "-c", SAY)
    assert (level, could_disable) == ("bubblewrap-noproc", disabled)
    assert "Can't mount proc" in why[0]
    assert got_through == []
