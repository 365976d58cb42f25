"""Documentation that was found wrong by reading it: read again with the patch, by the same detector."""

from __future__ import annotations

from bot.codebase import of
from bot.codebase.claims import claims
from bot.model import Anomaly, CheckRecord, Trial
from bot.proof.ground import Found, Ground

TOOLS = frozenset({"docstring", "prose", "page"})
"""What the detector calls itself where it compares texts of the repository with its code."""


def is_read(ground: Ground) -> bool:
    """Return whether the cause was found by reading, so that no command shows it."""
    return ground.diagnosis.type == "documentation" and ground.diagnosis.details.get("tool") in TOOLS


def prove_drift(trial: Trial, ground: Ground) -> Found:
    """Return whether what was wrong is right with the patch, and nothing else went wrong."""
    if ground.diagnosis.details.get("tool") == "page":
        return _prove_page(trial, ground)
    before = dict(ground.codebase.files)
    after = {**before, **{edit.path: edit.text for edit in trial.patch.edits if edit.text is not None}}
    for edit in trial.patch.edits:
        if edit.text is None:
            after.pop(edit.path, None)
    old, new = _wrong(ground, before), _wrong(ground, after)
    cause, fresh = ground.diagnosis.anomaly_id, [one for key, one in new.items() if key not in old]
    problem = ""
    if cause not in old:
        problem = "the documentation is not wrong there without the patch"
    elif cause in new:
        problem = f"still wrong: {new[cause].description}"
    elif fresh:
        problem = f"wrong now: {fresh[0].description}"
    return _record(problem, f"{len(old)} wrong place(s) before, {len(new)} after")


def _prove_page(trial: Trial, ground: Ground) -> Found:
    """Return whether a page says what telemetry showed, and nothing else of what it claims is different."""
    path, details = ground.diagnosis.file, ground.diagnosis.details
    wanted = tuple(details.get("wanted", "").split("\n"))
    old = [*claims(ground.codebase.files.get(path, ""))]
    new = [*claims(next((edit.text or "" for edit in trial.patch.edits if edit.path == path), ""))]
    pairs = [(one, other) for one, other in zip(old, new, strict=False) if one.values != other.values]
    right = len(old) == len(new) and [other.values for _, other in pairs] == [wanted]
    return _record("" if right else "the page does not say what telemetry shows", "the page says what telemetry shows")


def _record(problem: str, seen: str) -> Found:
    record = CheckRecord(
        name="documentation read again",
        passed=not problem,
        seen=problem or seen,
        wanted="what was wrong is right, and nothing else went wrong",
        why="The documentation has to say what the code does.",
    )
    return Found((record,))


def _wrong(ground: Ground, files: dict[str, str]) -> dict[str, Anomaly]:
    return {one.id: one for one in ground.tools.read(of(files))}
