"""Runs a project's checks through the sandbox and reads what came out, believing no exit code alone."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, TypedDict, Unpack

from bot.checks import clock_driver, worker
from bot.checks.paths import roots_of, up, variables
from bot.codebase import import_roots
from bot.errors import Misconfigured
from bot.model import Check, CheckResult, Frame, Run
from bot.ports import Done, Job, Limits, Sandbox

_WORKER, _ORDERS, _REPORT = "selfheal_worker.py", "orders.json", "report.jsonl"
_CLOCK, _CLOCKED = "selfheal_clock.py", "clocked.json"
_NOT_CODE = {"__pycache__", "node_modules", "site-packages"}
_RUNNERS = {"pytest": ("pytest", "py.test"), "unittest": ("unittest",)}


@dataclass(frozen=True)
class TestError:
    """Why a test failed: the exception as printed, and the innermost project line it came from."""

    __test__: ClassVar[bool] = False
    exception: str
    message: str
    file: str | None = None
    line: int | None = None
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True)
class TestRun:
    """What a test command did, test by test.

    `collected` are the ids that were about to run, `outcomes` those that came to an end (passed, failed, error,
    skipped, xfailed, xpassed; a module that can't be imported counts as one id in error), `durations` are seconds,
    `coverage` the lines of each file that ran in each test, `imported` those that ran while collecting. `complete`
    is true only when the runner came to its own end and every collected test has an outcome; `unfinished` are the
    tests that had begun when it did not.
    """

    __test__: ClassVar[bool] = False
    run: Run
    collected: tuple[str, ...] = ()
    outcomes: Mapping[str, str] = field(default_factory=dict)
    durations: Mapping[str, float] = field(default_factory=dict)
    errors: Mapping[str, TestError] = field(default_factory=dict)
    coverage: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)
    imported: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    complete: bool = False
    unfinished: tuple[str, ...] = ()
    stopped: str = ""
    output: bytes = b""


class How(TypedDict, total=False):
    """The options of `run_tests`: only these test ids, coverage by test, a seed for a random order, other limits."""

    ids: Iterable[str]
    coverage: bool
    seed: int | None
    limits: Limits


class Watching(How, total=False):
    """The options of `watch_function`: those of `run_tests`, and the names of the functions that are steps."""

    steps: Iterable[str]


def run_tests(sandbox: Sandbox, tree: Path, environment: Path, check: Check, **how: Unpack[How]) -> TestRun:
    """Run a project's test command in a copy of `tree` and return what each test did.

    The report comes from the project's own process, so it orders candidates and explains failures; a verdict also
    compares it with `collect_tests` of the tree. Raises `Misconfigured` when `check` is no test command, or its
    runner is not installed in `environment`.
    """
    job, key = _job(tree, environment, check, _orders(tree, check, how))
    done = sandbox.run(replace(job, limits=how.get("limits", Limits())))
    return _read(_lines(done, key, check, environment), done, check)


@dataclass(frozen=True)
class Watched:
    """What one function did in a run of tests: seconds of processor and clock, and how often it took which steps.

    `usual` are the seconds of the processor that the median call took.
    """

    run: Run
    cpu: float
    seconds: float
    orders: Mapping[tuple[str, ...], int]
    usual: float = 0.0


def watch_function(
    sandbox: Sandbox,
    tree: Path,
    environment: Path,
    check: Check,
    function: tuple[str, str],
    **how: Unpack[Watching],
) -> Watched | None:
    """Run tests and return what one function (file, qualified name) did in them.

    None when the tests never called it. Raises as `run_tests` does.
    """
    job, key = _job(tree, environment, check, _orders(tree, check, how))
    at = job.argv.index(f"{{box}}/{_WORKER}")
    driver = (f"{{box}}/{_CLOCK}", f"{{box}}/{_CLOCKED}", *function, ",".join(how.get("steps", ())))
    timed = replace(
        job,
        argv=(*job.argv[:at], *driver, *job.argv[at:]),
        files={**job.files, _CLOCK: Path(clock_driver.__file__).read_bytes()},
        collect=(*job.collect, f"box:{_CLOCKED}"),
        limits=how.get("limits", Limits()),
    )
    done = sandbox.run(timed)
    run = _read(_lines(done, key, check, environment), done, check).run
    told = json.loads(done.files.get(f"box:{_CLOCKED}", b"{}") or b"{}")
    if not told.get("calls"):
        return None
    orders = {tuple(name for name in text.split(",") if name): int(count) for text, count in told["orders"].items()}
    return Watched(run, float(told["cpu"]), float(told["seconds"]), orders, float(told["usual"]))


def collect_tests(
    sandbox: Sandbox, tree: Path, environment: Path, check: Check, limits: Limits | None = None
) -> tuple[str, ...]:
    """Return the ids of the tests there are in `tree`, from a process of its own that runs none of them.

    Modules that can't be imported hold no ids. Raises as `run_tests` does.
    """
    job, key = _job(tree, environment, check, _orders(tree, check, {}) | {"mode": "collect"})
    lines = _lines(sandbox.run(replace(job, limits=limits or Limits())), key, check, environment)
    return tuple(test for line in lines if line["kind"] == "collected" for test in line["ids"])


def run_check(
    sandbox: Sandbox, tree: Path, environment: Path, check: Check, limits: Limits | None = None
) -> tuple[CheckResult, bytes]:
    """Run any check's own command in a copy of `tree` and return the result and the raw output.

    The tool is taken from the environment, else the one that comes with the bot. The exit code is None when the
    command was stopped at a limit, 127 when the tool is not there.
    """
    job = Job(
        argv=check.argv,
        tree=tree,
        environment=environment,
        cwd=check.cwd,
        env={"COLUMNS": "200", **variables(check, import_roots(_python_files(tree)))},
        limits=limits or Limits(),
    )
    done = sandbox.run(job)
    result = CheckResult(
        name=check.name,
        kind=check.kind,
        command=shlex.join(check.argv),
        exit_code=None if done.stopped else done.exit_code,
        seconds=done.seconds,
        digest=hashlib.sha256(done.output).hexdigest(),
        sandbox=done.level,
    )
    return result, done.output


def _roots(tree: Path, check: Check) -> tuple[str, ...]:
    return roots_of(check, import_roots(_python_files(tree)))


def _python_files(tree: Path) -> Iterator[str]:
    """Yield the paths of a tree's Python files, leaving out folders that hold no code of its own."""
    for folder, folders, names in os.walk(tree):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _NOT_CODE]
        above = os.path.relpath(folder, tree)
        yield from (os.path.normpath(os.path.join(above, name)) for name in names if name.endswith(".py"))


def _orders(tree: Path, check: Check, how: How) -> dict[str, Any]:
    if not check.runner:
        raise Misconfigured(f"check {check.name!r} names no test runner", hint="Use pytest or unittest.")
    arguments = _arguments(check)
    # Settings of Django projects look there for the word `test`.
    as_django = check.name.rpartition(":")[2] == "django"
    return {
        "mode": "run",
        "runner": check.runner,
        "args": arguments,
        "argv": ["manage.py", "test"] if as_django else [check.runner, *arguments],
        "tree": up(check),
        "roots": _roots(tree, check),
        "ids": tuple(how.get("ids", ())),
        "coverage": how.get("coverage", False),
        "seed": how.get("seed"),
    }


def _arguments(check: Check) -> list[str]:
    """Return what follows the runner's name in the check's command."""
    for place, text in enumerate(check.argv):
        if text.rpartition("/")[2] in _RUNNERS[check.runner]:
            return list(check.argv[place + 1 :])
    return []


def _interpreter_options(check: Check) -> tuple[str, ...]:
    """Return what stands between `python` and `-m` in the check's command."""
    if check.argv[0] != "python" or "-m" not in check.argv:
        return ()
    return check.argv[1 : check.argv.index("-m")]


def _job(tree: Path, environment: Path, check: Check, orders: Mapping[str, Any]) -> tuple[Job, str]:
    """Return the job that carries the orders out, and the key that its report will be sealed with."""
    key = secrets.token_hex(16)
    job = Job(
        argv=("python", *_interpreter_options(check), f"{{box}}/{_WORKER}", f"{{box}}/{_ORDERS}"),
        tree=tree,
        environment=environment,
        cwd=check.cwd,
        env={name: value for name, value in check.env.items() if name != "PYTHONPATH"},  # roots, once pytest is there
        files={_WORKER: Path(worker.__file__).read_bytes(), _ORDERS: json.dumps({**orders, "key": key}).encode()},
        collect=(f"box:{_REPORT}",),
    )
    return job, key


def _lines(done: Done, key: str, check: Check, environment: Path) -> tuple[dict[str, Any], ...]:
    """Return the report's lines; raises `Misconfigured` when they say that the runner is missing."""
    lines = tuple(_sealed(done.files.get(f"box:{_REPORT}", b""), key))
    if any(line["kind"] == "missing" for line in lines):
        raise Misconfigured(
            f"{check.runner} is not installed in {environment}", hint=f"Install {check.runner} in that environment."
        )
    return lines


def _sealed(report: bytes, key: str) -> Iterator[dict[str, Any]]:
    """Yield the report's lines up to the first whose seal is wrong: from there on somebody else wrote."""
    for number, text in enumerate(report.splitlines()):
        sealed, _, line = text.partition(b" ")
        if not hmac.compare_digest(sealed, worker.seal(key, number, line)):
            return
        yield json.loads(line)


def _read(lines: tuple[dict[str, Any], ...], done: Done, check: Check) -> TestRun:
    collected = tuple(test for line in lines if line["kind"] == "collected" for test in line["ids"])
    results = {line["id"]: line for line in lines if line["kind"] == "result"}
    outcomes = {test: str(line["outcome"]) for test, line in results.items()}
    covered = {line["id"]: _covered(line["files"]) for line in lines if line["kind"] == "coverage"}
    ended = any(line["kind"] == "end" and line["code"] == done.exit_code for line in lines)
    return TestRun(
        run=Run(
            command=shlex.join(check.argv),
            exit_code=None if done.stopped else done.exit_code,
            seconds=done.seconds,
            digest=hashlib.sha256(done.output).hexdigest(),
            sandbox=done.level,
            outcomes=outcomes,
        ),
        collected=collected,
        outcomes=outcomes,
        durations={test: float(line["seconds"]) for test, line in results.items()},
        errors={test: _error(line["error"]) for test, line in results.items() if line["error"]},
        coverage={test: files for test, files in covered.items() if test},
        imported=covered.get("", {}),
        complete=ended and not done.stopped and bool(collected or outcomes) and set(collected) <= set(outcomes),
        unfinished=tuple(line["id"] for line in lines if line["kind"] == "begin" and line["id"] not in outcomes),
        stopped=done.stopped,
        output=done.output,
    )


def _covered(files: Mapping[str, list[int]]) -> dict[str, tuple[int, ...]]:
    return {file: tuple(line for line in lines if line > 0) for file, lines in files.items()}


def _error(error: Mapping[str, Any]) -> TestError:
    frames = tuple(
        Frame(file=file, line=line or 0, function=name, project=ours) for file, line, name, ours in error["frames"]
    )
    return TestError(error["exception"], error["message"], error["file"], error["line"], frames)
