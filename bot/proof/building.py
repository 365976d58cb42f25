"""A build that failed: the project's own backend builds a wheel with the patch, and does not without it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from bot.errors import Declined
from bot.model import CheckRecord, Run, Trial, digest
from bot.ports import Job
from bot.proof.ground import Found, Ground
from bot.scratch import scratch

# what a frontend does: https://peps.python.org/pep-0517/#build-wheel and, without a table, PEP 518's default
_BUILD = """\
import importlib, os, sys, tempfile
sys.path[:0] = [os.path.abspath(one) for one in sys.argv[2:]]
module, _, attribute = sys.argv[1].partition(":")
backend = importlib.import_module(module)
for name in filter(None, attribute.split(".")):
    backend = getattr(backend, name)
backend.build_wheel(tempfile.mkdtemp())
"""
_DEFAULT: dict[str, Any] = {"requires": ["setuptools>=40.8.0"], "build-backend": "setuptools.build_meta:__legacy__"}


def prove_build(trial: Trial, ground: Ground) -> Found:
    """Return whether a wheel can be built with the patch and not without it, where the build is the cause."""
    if ground.klass != "packaging":
        return Found()
    ground.say("building the project before and after")
    before, after = _built(ground.before, ground), _built(ground.after(trial), ground)
    if before.exit_code == 0 and after.exit_code == 0:
        return Found(not_checked=("build: a wheel can be built without the patch too",))
    works = "a wheel is built" if after.exit_code == 0 else "no wheel is built"
    record = CheckRecord(
        name="command",
        passed=before.exit_code != 0 and after.exit_code == 0,
        seen=f"{works} with the patch" + ("" if before.exit_code else ", and one is without it"),
        wanted="building a wheel fails without the patch and works with it",
        why="The build is what failed.",
        runs=(before, after),
    )
    return Found((record,), before=(before,), after=(after,))


def _built(tree: Path, ground: Ground) -> Run:
    """Return the run of the tree's build backend, in an environment of what it asks for; 1 where that can't be had."""
    system = _system(tree)
    backend, requires = system.get("build-backend", _DEFAULT["build-backend"]), system.get("requires", [])
    command = f"build a wheel with {backend}"
    try:
        with scratch() as empty:
            made = ground.tools.environments.prepare(empty, tuple(map(str, requires)), fresh=True)
    except Declined as reason:
        said = str(reason).encode()
        return Run(command=command, exit_code=1, seconds=0.0, digest=digest(said), sandbox="none")
    paths = [str(path) for path in system.get("backend-path", [])]
    argv = ("python", "-c", _BUILD, str(backend), *paths)
    done = ground.sandbox.run(Job(argv, tree=tree, environment=made.folder, limits=ground.limits()))
    return Run(
        command=command,
        exit_code=done.exit_code,
        seconds=done.seconds,
        digest=digest(done.output),
        sandbox=done.level,
    )


def _system(tree: Path) -> dict[str, Any]:
    """Return the table `[build-system]` of a tree, the default where there is none or it can't be read."""
    path = tree / "pyproject.toml"
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        found = {}
    return dict(found.get("build-system") or _DEFAULT)
