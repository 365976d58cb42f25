"""A change of dependencies: a fresh environment from the patched metadata, in which the import works."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import re2
from packaging.requirements import InvalidRequirement, Requirement

from bot.codebase.metadata import canonical, name_of, read
from bot.errors import Declined
from bot.model import CheckRecord, Run, Trial, digest
from bot.ports import Job
from bot.proof.ground import Found, Ground
from bot.proof.outcomes import listed

DEPENDENCY_CLASSES = frozenset({"missing-dependency", "dependency-conflict", "lockfile", "python-version", "packaging"})
_NO_MODULE = re2.compile(r"""No module named ['"]?([\w.]+)""")
_METADATA = frozenset(
    {"pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "Pipfile.lock", "poetry.lock", "uv.lock", "pdm.lock"}
)


def is_metadata(path: str) -> bool:
    """Return whether a path declares or locks dependencies."""
    name = path.rpartition("/")[2]
    return name in _METADATA or (name.endswith((".txt", ".in")) and ("requirements" in path or "constraints" in name))


def prove_install(trial: Trial, ground: Ground) -> Found:
    """Return the environment made from the patch's metadata, and whether the module of the cause imports there."""
    if not any(is_metadata(path) for path in trial.patch.files):
        return Found()
    if not _matters(trial, ground):
        return Found(not_checked=("clean install: the patch does not change what is installed",))
    ground.say("making an environment from the patched metadata")
    before, after = _needs(trial, ground)
    try:
        made = ground.tools.environments.prepare(ground.after(trial), after, fresh=True)
    except Declined as reason:
        return Found((_record(False, f"no environment could be made: {reason}"),))
    ground.made = str(made.folder)
    failing = _fails_to_install(ground, before, _left(trial, ground))
    new = sorted(name for name in made.packages if name not in ground.codebase.packages)
    seen = f"{len(made.packages)} packages, {made.how}" + (f"; new: {listed(new)}" if new else "")
    found = Found((_record(True, seen),), environment=str(made.folder), facts={"packages": dict(made.packages)})
    return found + failing + _imports(trial, ground, made.folder)


def _needs(trial: Trial, ground: Ground) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what an environment must hold without the patch and with it, as each declares it.

    Where the cause is a conflict, all that the patch changes is among them: it may stand in an extra or a group that
    only the failed job installs.
    """
    edits = {edit.path: edit.text or "" for edit in trial.patch.edits}
    old = _declared({path: ground.codebase.files[path] for path in edits if path in ground.codebase.files})
    changed = {name_of(text): text for _, text in sorted(_declared(edits) - old)}
    dropped = {name_of(text): text for text in _left(trial, ground)}
    needs = ground.codebase.info.needs
    now = tuple(changed.get(name_of(need), need) if name_of(need) in dropped else need for need in needs)
    if ground.klass not in DEPENDENCY_CLASSES - {"missing-dependency", "packaging"}:
        return needs, now
    return tuple(dict.fromkeys((*needs, *dropped.values()))), tuple(dict.fromkeys((*now, *changed.values())))


def _left(trial: Trial, ground: Ground) -> tuple[str, ...]:
    """Return the requirements that the patch takes away or changes."""
    edits = {edit.path: edit.text or "" for edit in trial.patch.edits}
    old = _declared({path: ground.codebase.files[path] for path in edits if path in ground.codebase.files})
    return tuple(sorted({text for _, text in old - _declared(edits)}))


def _unmet(requirements: tuple[str, ...], packages: Mapping[str, str]) -> list[str]:
    """Return the requirements that a set of installed packages does not meet."""
    found: list[str] = []
    for text in requirements:
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            continue
        have = packages.get(canonical(wanted.name), "")
        applies = wanted.marker is None or wanted.marker.evaluate({"extra": ""})
        if applies and not (have and wanted.specifier.contains(have, prereleases=True)):
            found.append(text)
    return found


def _fails_to_install(ground: Ground, needs: tuple[str, ...], left: tuple[str, ...]) -> Found:
    """Return a record that no environment can be made without the patch, where that is the cause."""
    if ground.klass not in DEPENDENCY_CLASSES - {"missing-dependency"}:
        return Found()
    try:
        made = ground.tools.environments.prepare(ground.before, needs, fresh=True)
        unmet = _unmet(left, made.packages)
        seen = f"without the patch {listed(unmet)} can't be had" if unmet else ""
    except Declined as reason:
        seen = f"without the patch no environment could be made: {' '.join(str(reason).split())}"
    if seen:
        record = CheckRecord(
            name="fails to install",
            passed=True,
            seen=seen,
            wanted="the install fails without the patch",
            why="An install that works anyway proves nothing about the patch.",
        )
        return Found((record,))
    return Found(not_checked=("failing install: an environment can be made without the patch too",))


def _matters(trial: Trial, ground: Ground) -> bool:
    """Return whether the patch could change what is installed: the cause says so, or it declares something else."""
    edits = {edit.path: edit.text or "" for edit in trial.patch.edits}
    before = {path: ground.codebase.files[path] for path in edits if path in ground.codebase.files}
    return ground.klass in DEPENDENCY_CLASSES or _declared(before) != _declared(edits)


def _declared(files: Mapping[str, str]) -> set[tuple[str, str]]:
    found = {(each.group, each.requirement) for each in read(files).dependencies}
    # a constraint binds what is installed as a requirement does: https://pip.pypa.io/en/stable/user_guide/#constraints-files
    bound = (text for path, text in files.items() if "constraint" in path.rpartition("/")[2])
    lines = (line.partition("#")[0].strip() for text in bound for line in text.splitlines())
    return found | {("", line) for line in lines if line and not line.startswith("-")}


def _record(passed: bool, seen: str, runs: tuple[Run, ...] = ()) -> CheckRecord:
    return CheckRecord(
        name="clean install",
        passed=passed,
        seen=seen,
        wanted="a fresh environment can be made from the patched metadata",
        why="A dependency that can't be installed heals nothing.",
        runs=runs,
    )


def module_of(ground: Ground) -> str:
    """Return the module that the cause could not import, '' when it names none."""
    failures = ground.diagnosis.failures
    named = [ground.diagnosis.details.get("module", ""), *(failure.detail("module") for failure in failures)]
    named += [str(found.group(1)) for failure in failures if (found := _NO_MODULE.search(failure.message))]
    return next((name for name in named if name and all(part.isidentifier() for part in name.split("."))), "")


def _imports(trial: Trial, ground: Ground, environment: Path) -> Found:
    module = module_of(ground)
    if not module or ground.klass not in ("missing-dependency", "import-error"):
        return Found()
    before = import_run(ground, ground.before, ground.environment(), module)
    if before.exit_code == 0:
        before = import_run(ground, ground.before, _bare_environment(ground), module)
    after = import_run(ground, ground.after(trial), environment, module)
    passed = before.exit_code != 0 and after.exit_code == 0
    seen = f"`import {module}` " + ("works" if after.exit_code == 0 else "fails") + " in the fresh environment"
    seen += "" if before.exit_code else ", and without the patch too"
    record = CheckRecord(
        name="import",
        passed=passed,
        seen=seen,
        wanted=f"`import {module}` fails without the patch and works with it",
        why="The module that was missing must be there after a clean install.",
        runs=(before, after),
    )
    return Found((record,), before=(before,), after=(after,))


def _bare_environment(ground: Ground) -> Path:
    """Return an environment that holds what the metadata declares without the patch, the project's where that is so."""
    if ground.codebase.info.environment_how.startswith("made"):
        return ground.environment()
    needs = ground.codebase.info.needs
    try:
        return ground.tools.environments.prepare(ground.before, needs, fresh=True).folder
    except Declined:
        return ground.environment()


def import_run(ground: Ground, tree: Path, environment: Path, module: str) -> Run:
    """Return the run of one import in a fresh process."""
    job = Job(("python", "-c", f"import {module}"), tree=tree, environment=environment, limits=ground.limits())
    done = ground.sandbox.run(job)
    return Run(
        command=" ".join(job.argv),
        exit_code=done.exit_code,
        seconds=done.seconds,
        digest=digest(done.output),
        sandbox=done.level,
    )
