"""What the recorder costs for each call of a function that does nothing: off, writing, and with its values.

`python -m bench.recorder` prints one table: medians over rounds of one run in CPU time, the
plain call taken off.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bot.recorder import NAME, source

ROUNDS, CALLS = 41, 2_000
LIMITS = {"off": 2.0, "writing": 15.0}


def loaded(folder: Path) -> Any:
    """Return the recorder as users import it, from a file in `folder`."""
    path = folder / NAME
    path.write_text(source(), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def cost(call: Callable[[int, int], int], rounds: int) -> float:
    """Return the median microseconds of CPU time of one call over the rounds."""
    found = []
    for _ in range(rounds):
        start = time.thread_time()
        for number in range(CALLS):
            call(number, 2)
        found.append((time.thread_time() - start) / CALLS * 1e6)
    return median(found)


def plain(first: int, second: int) -> int:
    """Add two numbers: the function that is recorded."""
    return first + second


def measured(folder: Path, rounds: int = ROUNDS) -> dict[str, float]:
    """Return microseconds added to each call, by what the recorder does."""
    recorder = loaded(folder)
    bare = cost(plain, rounds)
    found = {"off": cost(recorder.record(plain), rounds) - bare}
    recorder.configure(str(folder / "events.jsonl"))
    found["writing"] = cost(recorder.record(plain), rounds) - bare
    found["writing, with values"] = cost(recorder.record(plain, values=True), rounds) - bare
    found["writing a tenth"] = cost(recorder.record(plain, sample=0.1), rounds) - bare
    recorder.configure("")
    return found


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        for what, cost_us in measured(Path(folder)).items():
            limit = f"(at most {LIMITS[what]:.0f})" if what in LIMITS else ""
            print(f"{what:22} {cost_us:6.2f} µs a call {limit}")


if __name__ == "__main__":
    main()
