"""Cases of the diff gate: `change.diff` holds whole files before and after, `refusals.txt` what must be refused.

The diff has the whole file as its context, so both versions can be read back from it. Lines before the first file
are settings of the change (`touches: tests`, `asked: requests`).
"""

from __future__ import annotations

from pathlib import Path

from bot.proof.change import Change, FileChange
from bot.proof.gate import judge, rules


def run(unit: str, case: Path) -> dict[str, str]:
    """Return the refusals of all rules for a case; the unit's own rule must be among them, or none at all."""
    found = judge(read(case / "change.diff"), rules())
    named = {refusal.rule for refusal in found}
    assert not found or unit in named, f"{unit} does not refuse what {sorted(named)} refuse"
    assert bool(found) == case.name.startswith("refuses"), [str(each) for each in found]
    return {"refusals.txt": "".join(f"{refusal}\n" for refusal in found)}


def read(path: Path) -> Change:
    """Return the change that a case file holds."""
    head, *parts = ("\n" + path.read_text(encoding="utf-8")).split("\n--- ")
    settings = dict(line.split(": ", 1) for line in head.splitlines() if line)
    files = tuple(_file(part.splitlines()) for part in parts)
    asked = frozenset(settings.pop("asked", "").split())
    deny = tuple(settings.pop("deny", "").split())
    diff = settings.pop("raw", "")
    raw = f"diff --git a/{files[0].path} b/{files[0].path}\n{diff}\n" if diff else ""
    tests = {file.path: file.before or "" for file in files if file.is_test}
    return Change(files, asked=asked, deny=deny, diff=raw, tests=tests, **settings)


def _file(lines: list[str]) -> FileChange:
    old, new = lines[0], lines[1].removeprefix("+++ ")
    path = (new if new != "/dev/null" else old).split("/", 1)[1]
    body = [line or " " for line in lines[2:] if not line.startswith("@@")]
    before = "".join(f"{line[1:]}\n" for line in body if line[0] in " -")
    after = "".join(f"{line[1:]}\n" for line in body if line[0] in " +")
    made = (None if old == "/dev/null" else before, None if new == "/dev/null" else after)
    return FileChange(path, *made, is_test=path.startswith("tests/"))
