"""Telemetry of a library: its tests are the traffic, a profiler in their process notes the calls."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from bench.injector import profiled
from bench.injector.libraries import Library
from bot.model import TelemetryMetrics
from bot.telemetry import metrics_of

START, HOUR = 1_700_000_000, 3600
SECONDS = 60.0
GO_ON = ("--continue-on-collection-errors",)


def traffic(library: Library, edits: Mapping[str, str], run: int, command: tuple[str, ...]) -> TelemetryMetrics:
    """Return the metrics of all calls that the tests make in the `run`th hour; empty when they hang.

    `command` is the Python to use and the arguments of pytest.
    """
    with tempfile.TemporaryDirectory() as scratch:
        tree, out = library.copy(Path(scratch) / "tree", edits), Path(scratch) / "events.jsonl"
        plugins = Path(scratch) / "plugins"
        plugins.mkdir()
        (plugins / "selfheal_profiled.py").write_text(Path(profiled.__file__).read_text())
        source = tree / "src" if (tree / "src").is_dir() else tree
        told = {
            "PYTHONPATH": f"{plugins}:{source}",
            "SELFHEAL_BENCH_OUT": str(out),
            "SELFHEAL_BENCH_ROOT": str(source),
            "SELFHEAL_BENCH_START": str(START + HOUR * run),
        }
        python, *arguments = command
        tests = [python, "-m", "pytest", "-q", "-p", "selfheal_profiled", *GO_ON, *arguments]
        given = {"cwd": tree, "env": {**os.environ, **told}, "timeout": SECONDS, "capture_output": True}
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(tests, check=False, **given)  # type: ignore[call-overload]
        return metrics_of([out], ()) if out.is_file() else TelemetryMetrics()
