"""What a sandbox costs: the start, and the overhead on a suite of 400 tests."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from bot.adapters.sandbox_base import BaseSandbox
from bot.ports import Job, Limits

STARTS = 40
ROUNDS = 4
_TEST = """
import pytest

@pytest.mark.parametrize("n", range(20))
def test_sum(n):
    assert sum(range(n * 2000)) >= 0
"""


def start(sandbox: BaseSandbox, folder: Path) -> tuple[float, float]:
    """Return the median milliseconds of a plain `/bin/true` and of one in the sandbox, taken in turns."""
    plain, boxed = [], []
    for _ in range(STARTS):
        began = time.perf_counter()
        subprocess.run(["/bin/true"], check=True)
        middle = time.perf_counter()
        sandbox.run(Job(("/bin/true",), folder))
        boxed.append(time.perf_counter() - middle)
        plain.append(middle - began)
    return statistics.median(plain) * 1000, statistics.median(boxed) * 1000


def suite(sandbox: BaseSandbox, folder: Path) -> tuple[list[float], list[float]]:
    """Return the seconds of a 400-test suite outside and inside, taken in turns; raises when a test fails."""
    for number in range(20):
        (folder / f"test_{number}.py").write_text(_TEST)
    environment = Path(sys.prefix)
    argv = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    plain, boxed = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        command = [str(environment / "bin" / "python"), "-B", *argv[1:]]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
        plain.append(time.perf_counter() - began)
        began = time.perf_counter()
        done = sandbox.run(Job(argv, folder, environment, limits=Limits(seconds=120)))
        boxed.append(time.perf_counter() - began)
        if b"400 passed" not in done.output:
            raise RuntimeError(done.output.decode(errors="replace")[-500:])
    return plain, boxed
