"""Recorded calls as a workload: the same calls on the old and the new code, timed and compared."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.model import RecordedCall, Run, Trial, digest
from bot.ports import Job
from bot.proof.ground import Ground

SECONDS = 0.2
"""Time for the passes of one process, the best of which counts."""
MOST = 50
"""Recorded calls that are replayed at most."""
_DRIVER, _ORDERS = "selfheal_bench.py", "bench.json"


@dataclass(frozen=True)
class Replay:
    """What one process made of the calls: seconds of the best pass, and the outcome of each call as text."""

    run: Run
    seconds: float
    outcomes: tuple[str, ...]


def replayable(calls: Iterable[RecordedCall]) -> list[tuple[list[Any], dict[str, Any]]]:
    """Return the recorded calls whose arguments are plain JSON, as (positional, by name)."""
    found: list[tuple[list[Any], dict[str, Any]]] = []
    for call in calls:
        args, kwargs = _decoded(call.args, []), _decoded(call.kwargs, {})
        if isinstance(args, list) and isinstance(kwargs, dict) and len(found) < MOST:
            found.append((args, kwargs))
    return found


def _decoded(text: str, default: Any) -> Any:
    try:
        return json.loads(text) if text else default
    except ValueError:
        return None


def replay(ground: Ground, trial: Trial | None) -> Replay | None:
    """Return the recorded calls made once more in a fresh process, None when they can't be."""
    calls, diagnosis = replayable(ground.diagnosis.calls), ground.diagnosis
    module = ground.codebase.module_name(diagnosis.file)
    if not calls or not module or not diagnosis.function:
        return None
    tree = ground.after(trial) if trial else ground.before
    orders = {
        "nonce": secrets.token_hex(16),
        "roots": ground.codebase.import_roots,
        "module": module,
        "function": diagnosis.function,
        "calls": calls,
        "seconds": SECONDS,
    }
    driver = Path(__file__).with_name("bench_driver.py").read_bytes()
    job = Job(
        ("python", f"{{box}}/{_DRIVER}", f"{{box}}/{_ORDERS}"),
        tree=tree,
        environment=ground.environment(trial),
        files={_DRIVER: driver, _ORDERS: json.dumps(orders).encode()},
        limits=ground.limits(),
    )
    return _read(job, ground, str(orders["nonce"]))


def _read(job: Job, ground: Ground, nonce: str) -> Replay | None:
    done = ground.sandbox.run(job)
    command = f"replay of {ground.diagnosis.function} in {ground.diagnosis.file}"
    run = Run(
        command=command,
        exit_code=done.exit_code,
        seconds=done.seconds,
        digest=digest(done.output),
        sandbox=done.level,
    )
    for line in reversed(done.output.splitlines()):
        if nonce.encode() in line:
            said = json.loads(line)
            return Replay(run, float(said["seconds"]), tuple(said["outcomes"]))
    return None
