"""Heals one case with the command, in a process of its own, and judges the patch."""

from __future__ import annotations

import ast
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.heal.cases import Case, times_of
from bench.heal.generated import Worth, worth
from bench.heal.suite import Outcome, run
from bench.injector import Fault
from bot.codebase import is_test_path

NEAR = 3  # lines beside the faulty ones that still count as found
WON_BACK = 0.9
NO_CODE = ("dependency", "documentation")  # no code is mended: an import, an install or a page shows it
NOTHING = Worth()


@dataclass(frozen=True)
class Row:
    """What became of one case; `won` is the share of a slow-down that was won back, None for other types."""

    name: str
    type: str
    detected: bool
    localised: bool
    proposed: bool
    plausible: bool
    correct: bool
    tested: bool
    seconds: float
    cpu: float
    won: float | None = None
    note: str = ""
    patch: str = ""
    worth: Worth = NOTHING

    @property
    def wrong(self) -> bool:
        """Return whether something was offered as proven and is not right."""
        return self.proposed and not self.correct


@dataclass(frozen=True)
class Verdict:
    """Whether a patch under which the suite passes is right, and what was measured to tell."""

    right: bool
    note: str = ""
    won: float | None = None
    worth: Worth = NOTHING


def heal(case: Case, budget: float) -> tuple[str, dict[str, Any], float, float]:
    """Run the command; return the patch, the report, and the seconds by the clock and by the processors."""
    target = case.checkout.parent / f"{case.checkout.name}.json"
    target.unlink(missing_ok=True)
    command = [sys.executable, "-m", "bot", "heal", str(case.checkout), "--budget", str(budget), "--trust-code",
               "--json", str(target), *case.options]  # fmt: skip
    start, before = time.monotonic(), os.times()
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=budget * 4 + 120)
    took, after = time.monotonic() - start, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    target.with_suffix(".story").write_text(done.stderr, encoding="utf-8")
    report = json.loads(target.read_text(encoding="utf-8")) if target.is_file() else {"error": done.stderr[-500:]}
    return done.stdout, report, took, cpu


def judged(case: Case, made: Path, budget: float) -> Row:
    """Return what became of a case."""
    patch, report, took, cpu = heal(case, budget)
    found = [one for one in report.get("anomalies", ()) if _is_told(one, report)]
    fault = case.fault
    if fault is None:
        said = "; ".join(one["description"] for one in found)[:200]
        return Row(
            case.name, "none", bool(found), True, bool(patch), False, not patch, False, took, cpu, None, said, patch
        )
    tree = case.checkout.parent / f"{case.checkout.name}-after"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(case.checkout, tree, symlinks=True)
    verdict = Verdict(False, "" if patch else _why(report))
    plausible = False
    if patch:
        subprocess.run(["git", "apply", "-p1", "-"], input=patch, text=True, cwd=tree, check=True)
        watched = tree.parent / f"{tree.name}.jsonl"
        done = run(tree, made, watch=watched)
        plausible = _plausible(case, done)
        verdict = _correct(case, tree, made, watched) if plausible else Verdict(False, f"suite: {_failed(done)}")
    tested = bool(patch) and (bool(case.failing) or fault.type in NO_CODE or _adds(patch))
    row = Row(
        case.name, fault.type, bool(found), _localised(case, report), bool(patch), plausible, verdict.right,
        tested, took, cpu, verdict.won, verdict.note, patch, verdict.worth,
    )  # fmt: skip
    shutil.rmtree(tree, ignore_errors=True)
    return row


def _is_told(anomaly: dict[str, Any], report: dict[str, Any]) -> bool:
    """Return whether an anomaly was worked on: what is of severity low and led to nothing is no detection."""
    worked = {one.get("anomaly_id") for one in report.get("fixes", ())}
    remaining = {one["id"] for one in report.get("remaining", ())}
    return anomaly["severity"] != "low" or anomaly["id"] in worked | remaining


def _adds(patch: str) -> bool:
    files = [line[6:] for line in patch.splitlines() if line.startswith("+++ b/")]
    return any(is_test_path(name) for name in files)


def _why(report: dict[str, Any]) -> str:
    reasons = [str(one.get("reason") or "") for one in report.get("fixes", ())] or [str(report.get("error", ""))]
    return "; ".join(reason for reason in reasons if reason)[:300]


def _localised(case: Case, report: dict[str, Any]) -> bool:
    fault = case.fault
    assert fault is not None
    for one in report.get("diagnoses", ()):
        places = [(one["file"], one["function"], one["line"])]
        places += [(s["file"], s["function"], s["line"]) for s in one["suspects"][:5]]
        for file, function, line in places:
            near = any(abs(line - right) <= NEAR for right in fault.lines)
            if file == fault.file and (near or (fault.function and function == fault.function)):
                return True
    return fault.type == "dependency" and bool(report.get("diagnoses"))


def _plausible(case: Case, done: Outcome) -> bool:
    expected = run_of(case)
    own = any("test_counted_pairs" in name for name in done.passed) or not case.new_test
    return done.complete and not done.failed - expected.failed and own


_known: dict[Path, Outcome] = {}


def run_of(case: Case) -> Outcome:
    """Return the outcomes of the library as it was."""
    return _known[case.base]


def remember(base: Path, outcome: Outcome) -> None:
    """Keep the outcomes of a library as it was, for judging."""
    _known[base] = outcome


def _failed(done: Outcome) -> str:
    return str(sorted(done.failed)[:3]) if done.failed else done.output[-300:]


def _correct(case: Case, tree: Path, made: Path, watched: Path) -> Verdict:
    fault = case.fault
    assert fault is not None
    if fault.type == "coverage":
        return _notices(case, tree, made)
    if fault.type == "performance":
        return _quick(case, fault, tree, watched)
    if fault.type == "documentation":
        wrong = set(_words(case.checkout / fault.file)) - set(_words(case.base / fault.file)) - _NEW_WORDS
        left = wrong & set(_words(tree / fault.file))
        return Verdict(not left, f"still says {sorted(left)}" if left else "")
    if fault.type == "dependency":
        return Verdict(True, "judged by the suite")
    if _body(case.base / fault.file, fault.function) == _body(tree / fault.file, fault.function):
        return Verdict(True, "the original again")
    alike = _alike(case, made, watched)
    return Verdict(alike, "does the same on recorded calls" if alike else "differs from the original")


def _quick(case: Case, fault: Fault, tree: Path, watched: Path) -> Verdict:
    """Return whether a slow-down is won back; the original again is as fast as it was, whatever a busy run measures."""
    won = _won(case, watched)
    if _body(case.base / fault.file, fault.function) == _body(tree / fault.file, fault.function):
        return Verdict(True, "the original again", won)
    right = won is not None and won >= WON_BACK
    return Verdict(right, "" if won is None or right else f"won back {won:.0%}", won)


_NEW_WORDS = set("counted_pairs first second def return list zip str int tuple".split()) | set(
    "Return the pairs of two sequences".split()
)


def _words(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return "".join(char if char.isalnum() or char == "_" else " " for char in text).split()


def _body(path: Path, qualname: str) -> str:
    """Return a function as a syntax tree's text, without its docstring."""
    body: list[ast.stmt] = ast.parse(path.read_text(encoding="utf-8")).body
    found: ast.AST | None = None
    for part in qualname.split("."):
        found = next((node for node in _inside(body) if getattr(node, "name", "") == part), None)
        body = getattr(found, "body", [])
    return ast.dump(found) if found is not None else "gone"


def _inside(body: list[ast.stmt]) -> list[ast.stmt]:
    found = list(body)
    for node in body:
        if isinstance(node, ast.If | ast.Try):
            found += [*node.body, *node.orelse]
    return found


def _alike(case: Case, made: Path, watched: Path) -> bool:
    """Return whether the calls that give the same in two runs of the library as it was give that again.

    What differs between those two runs (a time, an address, a folder) tells nothing.
    """
    again = case.base.parent / f"{case.base.name}-again.jsonl"
    if not again.is_file():
        run(case.base, made, watch=again)
    first, second, now = _calls(case.before), _calls(again), _calls(watched)
    steady = {key for key, result in first.items() if second.get(key, object()) == result}
    same = [first[key] == now[key] for key in steady & set(now)]
    return bool(same) and all(same)


def _calls(path: Path | None) -> dict[str, object]:
    """Return what recorded calls returned, by handler and arguments; a default of None is as if it were not there."""
    found: dict[str, object] = {}
    for line in path.open(encoding="utf-8") if path else ():
        event = json.loads(line)
        context = event.get("context")
        if context and "result" in context and "counted_pairs" not in event["handler"]:
            given = list(context["args"])
            while given and given[-1] is None:
                given.pop()
            found[f"{event['handler']}{json.dumps(given)}"] = context["result"]
    return found


def _won(case: Case, watched: Path) -> float | None:
    fault = case.fault
    assert fault is not None
    assert case.before is not None
    assert case.now is not None
    name = next((name for name in times_of(case.now) if name.endswith(f".{fault.function}")), "")
    old, slow, now = (times_of(path).get(name, []) for path in (case.before, case.now, watched))
    if not old or not slow or not now:
        return None
    before, bad, after = map(statistics.median, (old, slow, now))
    return min(1.0, (bad - after) / (bad - before)) if bad > before else None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _notices(case: Case, tree: Path, made: Path) -> Verdict:
    """Return whether the added tests pass on the original code and fail on a broken function."""
    fault = case.fault
    assert fault is not None
    path = tree / fault.file
    every = sorted(one.relative_to(tree).as_posix() for one in tree.rglob("*.py"))
    tests = {name: _text(case.checkout / name) for name in every if is_test_path(name)}
    tests = {name: old for name, old in tests.items() if _text(tree / name) != old}
    if not tests:
        return Verdict(False, "no test was added")
    found = worth(tree, made, tests, (path, fault.function))
    said = f"{found.kept} of {found.written} tests pass in any order, {found.killing} kill a mutant, "
    return Verdict(found.killing > 0, f"{said}{found.written - found.asserting} assert nothing", worth=found)
