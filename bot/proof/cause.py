"""Whether a proof shows the cause: something that failed before and no longer does, not merely a green suite."""

from __future__ import annotations

import ast

from bot.model import CheckRecord, Trial
from bot.proof.change import parsed
from bot.proof.findings import KINDS
from bot.proof.ground import Found, Ground
from bot.proof.installing import DEPENDENCY_CLASSES

LATER = frozenset({"performance", "coverage", "documentation"})
"""Types whose aim a later step measures."""
SHOWING = frozenset({"passes after", "import", "command", "order"})


def prove_cause(trial: Trial, ground: Ground, found: Found) -> Found:
    """Return a refusal when none of the checks so far shows the cause, and no later one can."""
    if ground.diagnosis.type in LATER or _shown(ground, found):
        return Found()
    record = CheckRecord(
        name="cause shown",
        passed=False,
        seen="nothing that could be run here shows the cause before and its end after",
        wanted="a test, check, import or install that fails without the patch and passes with it",
        why="A green suite alone says nothing about this cause.",
    )
    return Found((record,))


def _shown(ground: Ground, found: Found) -> bool:
    names = {record.name for record in found.records if record.passed}
    if names & SHOWING or found.facts.get("added_fail_before"):
        return True
    if ground.klass in KINDS:
        return any(record.passed and len(record.runs) > 1 for record in found.records)
    return ground.klass in DEPENDENCY_CLASSES and "clean install" in names and "fails to install" in names


def prove_same_code(trial: Trial, ground: Ground) -> Found:
    """Return a record that only documentation changed, where documentation is the cause: the code is the same."""
    if ground.diagnosis.type != "documentation":
        return Found()
    differing = [
        edit.path
        for edit in trial.patch.edits
        if edit.path.endswith(".py")
        and not _is_settings(edit.path, ground)
        and bare(edit.text) != bare(ground.codebase.files.get(edit.path))
    ]
    record = CheckRecord(
        name="same code",
        passed=not differing,
        seen=f"code changed in {', '.join(differing)}" if differing else "the code is the same but for its docstrings",
        wanted="a documentation fix changes no code",
        why="Documentation follows the code, not the other way round.",
    )
    return Found((record,))


def _is_settings(path: str, ground: Ground) -> bool:
    """Return whether a file is the configuration of a documentation build, which no code imports."""
    folder, _, name = path.rpartition("/")
    return name == "conf.py" and any(check.tool == "sphinx" and folder in check.argv for check in ground.checks("docs"))


def bare(text: str | None) -> str:
    """Return the syntax tree of a Python text without its docstrings, as text; '' when it does not parse."""
    tree = parsed(text)
    for node in ast.walk(tree) if tree is not None else ():
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            del body[0]
    return ast.dump(tree) if tree is not None else ""


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
