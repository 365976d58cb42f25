"""Adding up telemetry beside what others use: speed, memory, and the part of the decoder's own speed that is kept.

`python -m bench.intake [MEGABYTES] [--folder DIR]` makes a file of JSON lines and one of text (50 MB each unless said
otherwise), reads each with every tool in a process of its own, and prints one table. CPU seconds count, of the
process and of its children: wall time depends on what else runs. A tool that is not installed is named.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.intake import data
from bench.intake.tools import DRAINED, TOOLS, Missing, Tool

LIMITS = {"json": "msgspec decode, by line (limit)", "text": "re2 finditer, text (limit)"}


def measured(tool: Tool, path: Path) -> dict[str, float | str]:
    """Return what a tool took, in this process: wall and CPU seconds, peak megabytes, records; or why it can't run."""
    wall, before = time.perf_counter(), _cpu()
    try:
        records = tool.run(path)
    except Missing as missing:
        return {"missing": str(missing)}
    used = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    size = min(path.stat().st_size, DRAINED) if tool.name.startswith("drain3") else path.stat().st_size
    return {
        "wall": time.perf_counter() - wall,
        "cpu": _cpu() - before,
        "memory": max(used),
        "records": records,
        "size": size / 1e6,
    }


def _cpu() -> float:
    every = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in every)


def in_process(tool: Tool, path: Path) -> dict[str, float | str]:
    """Return the same, measured in a fresh process, so that memory is the tool's own."""
    command = [sys.executable, "-m", "bench.intake", "--tool", tool.name, "--file", str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        return {"missing": done.stderr.strip().splitlines()[-1][:80]}
    return dict(json.loads(done.stdout))


def table(files: dict[str, data.Made]) -> Iterator[str]:
    """Yield the table, line by line."""
    yield f"{'tool':34}{'MB/s CPU':>9}{'MB/s wall':>10}{'of limit':>9}{'peak MB':>9}{'records':>11}"
    limits: dict[str, float] = {}
    for tool in TOOLS:
        found = in_process(tool, files[tool.file].path)
        if "missing" in found:
            yield f"{tool.name:34} NOT RUN: {found['missing']}"
            continue
        size, cpu, wall = float(found["size"]), float(found["cpu"]), float(found["wall"])
        speed = size / cpu
        if tool.name == LIMITS[tool.file]:
            limits[tool.file] = speed
        share = f"{speed / limits[tool.file]:9.2f}" if tool.file in limits else f"{'-':>9}"
        memory, records = float(found["memory"]), int(found["records"])
        yield f"{tool.name:34}{speed:9.0f}{size / wall:10.0f}{share}{memory:9.0f}{records:11,}"


def main(arguments: list[str]) -> int:
    """Make the files, print the table, and return 0."""
    parser = argparse.ArgumentParser(prog="bench.intake")
    parser.add_argument("megabytes", nargs="?", type=int, default=50)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--tool", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.tool:
        print(json.dumps(measured(next(one for one in TOOLS if one.name == asked.tool), asked.file)))
        return 0
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        size = asked.megabytes * 1_000_000
        files = {
            "json": data.json_lines(Path(folder) / "events.jsonl", size),
            "text": data.text_lines(Path(folder) / "events.log", size),
        }
        for made in files.values():
            print(f"{made.path.name}: {made.size / 1e6:.0f} MB, {made.events:,} events, {made.departures} departures")
        for line in table(files):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
