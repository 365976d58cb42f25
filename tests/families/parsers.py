"""Logs of one dialect: `*.log` (or another file) in, verdict and failures out as `expected.json`."""

from __future__ import annotations

import json
from pathlib import Path

from bot.logs import diagnose
from bot.model import Failure


def run(unit: str, case: Path) -> dict[str, str]:
    """Return the verdict and the failures of the case's log; a hit case rests on the unit it is named for."""
    files = sorted(p for p in case.iterdir() if p.name != "expected.json")
    found = diagnose([(p.name, p) for p in files])
    keys = ("class", "tool", "test_id", "exception", "message", "file", "line", "code", "root_line", "root_line_no")
    failures = [{key: one[key] for key in keys if one[key]} for one in map(_plain, found.failures)]
    return {"expected.json": json.dumps({"verdict": found.verdict, "failures": failures}, indent=1) + "\n"}


def _plain(failure: Failure) -> dict[str, object]:
    return failure.model_dump(by_alias=True)
