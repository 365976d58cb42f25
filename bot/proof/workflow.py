"""What can be said of a changed workflow without the forge: it is YAML, it has the shape GitHub reads, its parts exist.

Whether the job passes only the forge can show; a patch that fails here is not even offered.
The shape is that of https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import re2

from bot.checks.discovery.from_workflows import yaml_values
from bot.model import CheckRecord, Trial
from bot.proof.ground import Found, Ground

FOLDER = ".github/workflows/"
_TOP = frozenset("name run-name on permissions env defaults concurrency jobs".split())
_JOB = frozenset(
    "name permissions needs if runs-on environment concurrency outputs env defaults steps timeout-minutes strategy"
    " continue-on-error container services uses with secrets snapshot".split()
)
_STEP = frozenset("id if name uses run working-directory shell with env continue-on-error timeout-minutes".split())
_ACTION = re2.compile(r"^[\w.-]+/[\w.-]+(/[\w./-]+)?@[^\s@]+$")


def prove_workflow(trial: Trial, ground: Ground) -> Found:
    """Return whether the changed workflow files are well formed, and that only the forge can run them."""
    files = {edit.path: edit.text for edit in trial.patch.edits if edit.text is not None}
    known = {*ground.codebase.files, *files}
    wrong = [
        f"{path}: {problem}"
        for path, text in files.items()
        if path.startswith(FOLDER)
        for problem in dict.fromkeys(problems(text, known))
        if problem not in set(problems(ground.codebase.files.get(path, "on: push\njobs: {}\n"), known))
    ]
    shape = CheckRecord(
        name="workflow file",
        passed=not wrong,
        seen="; ".join(wrong[:5]) or f"{len(files)} file(s): well-formed, known keys, jobs and actions that exist",
        wanted="the changed files are workflows as GitHub reads them, with no new mistake",
        why="A broken file would stop every job.",
    )
    return Found((shape, ONLY_FORGE), not_checked=("workflow: its jobs run on the forge only",))


ONLY_FORGE = CheckRecord(
    name="workflow",
    passed=False,
    seen="only the forge can run a workflow",
    wanted="the failing job runs and passes",
    why="What was not run counts as failed; the patch is offered as a comment.",
)


def problems(text: str, files: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with a workflow's text; `files` are the paths of the repository, for local actions."""
    whole = yaml_values(text)
    if not isinstance(whole, Mapping):
        yield "it is no YAML mapping"
        return
    yield from _unknown(whole, _TOP, "")
    jobs = whole.get("jobs")
    if "on" not in whole and True not in whole:
        yield "`on` is missing"
    if not isinstance(jobs, Mapping):
        yield "`jobs` is missing"
        return
    for name, job in jobs.items():
        if isinstance(job, Mapping):
            yield from _job(str(name), job, jobs, files)
        else:
            yield f"job {name} is no mapping"


def _unknown(found: Mapping[Any, Any], known: frozenset[str], where: str) -> Iterator[str]:
    for key in found:
        if key is not True and key not in known:  # YAML 1.1 reads the key `on` as true
            yield f"{where}unknown key {key}"


def _job(name: str, job: Mapping[str, Any], jobs: Mapping[str, Any], files: Collection[str]) -> Iterator[str]:
    where = f"job {name}: "
    yield from _unknown(job, _JOB, where)
    needs = job.get("needs") or ()
    for other in (needs,) if isinstance(needs, str) else needs:
        if other not in jobs:
            yield f"{where}needs {other}, which is no job"
    if "uses" in job:
        yield from _uses(where, job["uses"], files)
        return
    if not job.get("runs-on"):
        yield f"{where}`runs-on` is missing"
    steps = job.get("steps")
    if not isinstance(steps, list) or not steps:
        yield f"{where}there are no steps"
        return
    for number, step in enumerate(steps, start=1):
        yield from _step(f"{where}step {number}: ", step, files)


def _step(where: str, step: Any, files: Collection[str]) -> Iterator[str]:
    if not isinstance(step, Mapping):
        yield f"{where}no mapping"
        return
    yield from _unknown(step, _STEP, where)
    if ("uses" in step) == ("run" in step):
        yield f"{where}it needs one of `uses` and `run`"
    if "uses" in step:
        yield from _uses(where, step["uses"], files)


def _uses(where: str, action: Any, files: Collection[str]) -> Iterator[str]:
    text = str(action)
    if text.startswith("docker://") or "${{" in text:
        return
    if text.startswith("./"):
        local = text.removeprefix("./").rstrip("/")
        if not any(name in files for name in (local, f"{local}/action.yml", f"{local}/action.yaml")):
            yield f"{where}{text} is not in the repository"
    elif not _ACTION.search(text):
        yield f"{where}{text} names no action at a version"
