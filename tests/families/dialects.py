"""Dialect cases: `log.txt` is recognised as the dialect (or as none) and `events.json` is what is read from it."""

import json
from collections import Counter
from pathlib import Path

import msgspec

from bot.telemetry.dialects import dialects, recognised
from bot.telemetry.lines import head


def run(unit: str, case: Path) -> dict[str, str]:
    """Return `events.json` of one case."""
    path = next(iter(sorted(case.glob("log.*"))))
    name, likeness = recognised(head(path))
    dropped: Counter[str] = Counter()
    events = [msgspec.to_builtins(event) for event in dialects()[unit].events(path, dropped)]
    found = {"dialect": name, "likeness": round(likeness, 2), "dropped": dict(dropped), "events": events}
    return {"events.json": json.dumps(found, indent=1, ensure_ascii=False) + "\n"}
