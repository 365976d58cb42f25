"""Cases of check discovery: `files.txt` holds a project, one file after the other; `checks.txt` its checks."""

from __future__ import annotations

from pathlib import Path

from bot.checks import discover


def run(unit: str, case: Path) -> dict[str, str]:
    """Return the checks of a case, one a line."""
    found = discover(read(case / "files.txt"))
    lines = []
    for check in found:
        env = " ".join(f"{key}={value}" for key, value in check.env.items())
        parts = [f"{check.kind} {check.name} ({check.runner or check.tool})", " ".join(check.argv), f"in {check.cwd}"]
        lines.append(" | ".join([*parts, f"from {check.found_in}", f"needs {', '.join(check.needs)}", f"env {env}"]))
    return {"checks.txt": "".join(f"{line}\n" for line in lines)}


def read(path: Path) -> dict[str, str]:
    """Return the files that a case holds: each starts with a line `=== path`."""
    found: dict[str, str] = {}
    for part in ("\n" + path.read_text(encoding="utf-8")).split("\n=== ")[1:]:
        name, _, text = part.partition("\n")
        found[name] = text if text.endswith("\n") or not text else text + "\n"
    return found
