"""Documentation that was found wrong by reading it: read again with the patch, by the same detector."""

from __future__ import annotations

from bot.codebase import of
from bot.model import Anomaly, CheckRecord, Trial
from bot.proof.ground import Found, Ground

TOOLS = frozenset({"docstring", "prose"})
"""What the detector calls itself where it compares texts of the repository with its code."""


def is_read(ground: Ground) -> bool:
    """Return whether the cause was found by reading, so that no command shows it."""
    return ground.diagnosis.type == "documentation" and ground.diagnosis.details.get("tool") in TOOLS


def prove_drift(trial: Trial, ground: Ground) -> Found:
    """Return whether what was wrong is right with the patch, and nothing else went wrong."""
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
    record = CheckRecord(
        name="documentation read again",
        passed=not problem,
        seen=problem or f"{len(old)} wrong place(s) before, {len(new)} after",
        wanted="what was wrong is right, and nothing else went wrong",
        why="The documentation has to say what the code does.",
    )
    return Found((record,))


def _wrong(ground: Ground, files: dict[str, str]) -> dict[str, Anomaly]:
    return {one.id: one for one in ground.tools.read(of(files))}
