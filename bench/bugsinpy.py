"""BugsInPy: real bugs of real projects. `python -m bench.bugsinpy BUGS HISTORIES FOLDER [PROJECT or PROJECT-ID...]`.

BUGS is a JSON file: `bugs` (project, bugsinpy_id, buggy_commit, fixed_commit, test_files, test_cmds, patched_files,
env), `envs` (name -> pinned requirements), `compat_sitecustomize` and `compat_pytest_plugin` (so that old projects run
on a new Python). HISTORIES holds a clone of each project under its name, FOLDER receives trees and environments and
keeps them. The search gets the repository, the tests of the test files as they are in the fixed commit, and no file or
line. A patch counts as right only when it is the developers' fix but for layout, the order of imports and texts that
document; what else is plausible is printed to be read. A run that was cut short goes on where it ended: rows in the
file given are not made again.
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import subprocess
import sys
import tarfile
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from bench.repairs import Case, Judge, Row, attempt, keep, kept, line, table
from bot.adapters.sandbox import pick
from bot.checks import run_tests
from bot.model import Check
from bot.ports import Limits, Sandbox
from bot.search import Plausible

PLUGIN = "old_pytest_names"
OLD_SETUPTOOLS = "setuptools<80"  # the last ones with pkg_resources
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
OPTIONS = ("-o", "addopts=", "-W", "ignore", "-p", PLUGIN, "-p", "no:cacheprovider")


@dataclass(frozen=True)
class Bug:
    """One bug with the folders it is tried in."""

    about: dict[str, Any]
    history: Path
    tree: Path
    environment: Path

    @property
    def name(self) -> str:
        """Return the project and the number."""
        return f"{self.about['project']}-{self.about['bugsinpy_id']}"

    def at(self, commit: str, path: str) -> str | None:
        """Return a file's text at one of the two commits, None where there is none."""
        command = ["git", "-C", str(self.history), "show", f"{self.about[commit]}:{path}"]
        done = subprocess.run(command, capture_output=True, check=False)
        return None if done.returncode else done.stdout.decode("utf-8", "replace")

    @property
    def wanted(self) -> tuple[str, ...]:
        """Return the tests that the bug makes fail, as pytest names them."""
        return tuple(_test(command.split()[-1], self.tree) for command in self.about["test_cmds"])


def _test(name: str, tree: Path) -> str:
    if "::" in name or name.endswith(".py"):
        return name
    parts = name.split(".")
    for at in range(len(parts), 0, -1):
        path = "/".join(parts[:at]) + ".py"
        if (tree / path).is_file():
            return "::".join((path, *parts[at:]))
    return name


def prepare(bug: Bug) -> None:
    """Write the faulty tree with the tests of the fixed commit; a tree that is there stays."""
    if bug.tree.exists():
        return
    command = ["git", "-C", str(bug.history), "archive", bug.about["buggy_commit"]]
    done = subprocess.run(command, capture_output=True, check=True)
    bug.tree.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(bug.tree, filter="data")
    for path in bug.about["test_files"]:
        text = bug.at("fixed_commit", path)
        if text is not None:
            (bug.tree / path).parent.mkdir(parents=True, exist_ok=True)
            (bug.tree / path).write_text(text)


def environment(folder: Path, needs: list[str], compat: tuple[str, str]) -> Path:
    """Return a virtual environment with pinned packages and what lets old projects run, made when it is not there."""
    if not (folder / "ready").exists():
        uv = Path(sys.executable).parent / "uv"
        subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, str(folder)], check=True)
        python = str(folder / "bin" / "python")
        subprocess.run([uv, "pip", "install", "-q", "--python", python, *needs, OLD_SETUPTOOLS], check=True)
        packages = next(folder.glob("lib/python3*/site-packages"))
        (packages / "sitecustomize.py").write_text(compat[0])
        (packages / f"{PLUGIN}.py").write_text(compat[1])
        (folder / "ready").touch()
    return folder


def outcomes(bug: Bug, box: Sandbox) -> dict[str, str]:
    """Return how the tests of the bug's test files end on the faulty tree."""
    files = sorted({test.partition("::")[0] for test in bug.wanted})
    argv = ("python", "-m", "pytest", *OPTIONS, *files)
    check = Check(name="pytest", kind="test", tool="pytest", argv=argv, runner="pytest")
    return dict(run_tests(box, bug.tree, bug.environment, check, limits=Limits(seconds=240)).outcomes)


def judge_of(bug: Bug) -> Judge:
    """Return the judge that holds a patch right when it leaves the code as the developers' fix does."""

    def judge(patch: Plausible) -> bool | None:
        paths = {path for path in bug.about["patched_files"] if path.endswith(".py")} | set(patch.edits)
        ours = {path: patch.edits.get(path, bug.at("buggy_commit", path)) for path in paths}
        return all(_code(ours[path]) == _code(bug.at("fixed_commit", path)) for path in paths)

    return judge


def _code(text: str | None) -> str:
    try:
        tree = ast.parse(text or "")
    except SyntaxError:
        return text or ""
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    others = [node for node in tree.body if node not in imports]
    return "\n".join([*sorted(map(ast.dump, imports)), *map(ast.dump, others)])


def faulty(bug: Bug) -> tuple[tuple[str, int], ...]:
    """Return the lines that the developers' fix removes or puts something before, as file and line."""
    found: list[tuple[str, int]] = []
    for path in bug.about["patched_files"]:
        old, new = (bug.at(commit, path) or "" for commit in ("buggy_commit", "fixed_commit"))
        matcher = SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
        for tag, first, last, _, _ in matcher.get_opcodes() if path.endswith(".py") else ():
            if tag != "equal":
                found += [(path, number + 1) for number in range(first, max(last, first + 1))]
    return tuple(found)


def solve(bug: Bug, box: Sandbox, seconds: float) -> Row:
    """Search one bug."""
    prepare(bug)
    seen = outcomes(bug, box)
    failing = tuple(
        test
        for test, outcome in seen.items()
        if outcome in ("failed", "error") and any(test == one or test.startswith(f"{one}[") for one in bug.wanted)
    )
    if not failing:
        return Row(bug.name, note="the failing tests do not fail here")
    passing = tuple(test for test, outcome in seen.items() if outcome == "passed")
    arguments = (*OPTIONS, *sorted({test.partition("::")[0] for test in failing}))
    case = Case(
        bug.name, bug.tree, arguments, judge_of(bug), failing, passing, environment=bug.environment, faulty=faulty(bug)
    )
    row = attempt(case, box, seconds)
    return replace(row, note=row.note or f"{len(failing)} failing, {len(passing)} passing tests")


def main() -> None:
    """Run the bugs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bugs", type=Path)
    parser.add_argument("histories", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help="projects, or single bugs as project-number")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--json", type=Path, help="a file to keep the rows in; those in it are not made again")
    given = parser.parse_args()
    data = json.loads(given.bugs.read_text())
    compat = (data["compat_sitecustomize"], data["compat_pytest_plugin"])
    box = pick(trust=True)
    rows = kept(given.json)
    for about in data["bugs"]:
        name = f"{about['project']}-{about['bugsinpy_id']}"
        wanted = not given.names or {name, about["project"]} & set(given.names)
        if not wanted or name in {row.name for row in rows}:
            continue
        made = environment(given.folder / "environments" / about["env"], data["envs"][about["env"]], compat)
        bug = Bug(about, given.histories / about["project"], given.folder / "trees" / name, made)
        row = solve(bug, box, given.seconds)
        print(line(row), file=sys.stderr, flush=True)
        rows.append(row)
        keep(rows, given.json)
    print(table(rows, "BugsInPy", verbose=given.verbose))


if __name__ == "__main__":
    main()
