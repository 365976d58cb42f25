"""Check the repository out before a job uses its files: the step is missing, or stands behind those that need it."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._workflow_jobs import JobAt, each_job, inserted, moved
from bot.strategies._workflows import USES, known, told

CHECKOUT = "actions/checkout"
_NOTHING_THERE = re2.compile(
    r"[Nn]either '?setup\.py'? (?:n?or) '?pyproject\.toml'?|does not appear to be a Python project|is not installable\."
    r"|not a git repository|Did you forget to run actions/checkout|make sure you have checked out"
    r"|could not find a pyproject\.toml|[Nn]o `?pyproject\.toml`? found|No rule to make target"
)
_ABSENT = re2.compile(
    r"(?:No such file or directory:?|can't open file|file or directory not found:|[Cc]an(?:not|'t) (?:find|open)"
    r"(?: file)?:?) ['\"]?([\w./-]+)|([\w./-]+): No such file or directory|E902 ([\w./-]+)"
)  # fmt: skip
_OWN = re2.compile(r"git clone|git init|actions/download-artifact|gh repo clone")
# what a step does with the files of the repository
_USES_FILES = re2.compile(
    r"(?:install|sync)\b.*(?:\s\.|-r\s)|\b(?:pytest|tox|nox|ruff|flake8|black|mypy|make|unittest|uv sync|poetry install"
    r"|pre-commit run|python -m build|sphinx-build|mkdocs|pip install (?:-e )?\.)|\bpython3? [\w./-]+\.py"
)


def _absent_files(said: str) -> list[str]:
    """Return the names of files that a log says are not there, as they are in the repository: no leading folders."""
    names = [next(name for name in groups if name) for groups in _ABSENT.findall(said)]
    cut = [str(re2.sub(r"^/home/runner/work/[^/]+/[^/]+/", "", name)) for name in names]
    return list(dict.fromkeys(name.removeprefix("./") for name in cut))


def _wanted(said: str, codebase: Codebase) -> bool:
    """Return whether a log misses what the repository has."""
    return bool(_NOTHING_THERE.search(said)) or any(name in codebase.files for name in _absent_files(said))


def _late(text: str, job: JobAt) -> str:
    """Return the text with the job's checkout in front of what needs it; unchanged where it is there already."""
    needs = [step for step in job.steps if _USES_FILES.search(step.run) or step.values.get("uses", "").startswith("./")]
    needs += [step for step in job.steps if "cache" in (step.values.get("with") or {}) and "setup-" in step.uses]
    first = min(needs, key=lambda step: step.line, default=None)
    if first is None or any(_OWN.search(f"{step.run} {step.uses}") for step in job.steps):
        return text
    checkout = job.first(CHECKOUT)
    if checkout is None:
        return inserted(text, job.steps[0], f"uses: {CHECKOUT}@{_version(text)}")
    return moved(text, checkout, job.steps[0]) if checkout.line > first.line else text


def _version(text: str) -> str:
    """Return the version of the checkout that the file's other jobs use, else the newest one known."""
    found = (USES.search(line) for line in text.splitlines())
    used = [one.group(3) for one in found if one and one.group(2) == CHECKOUT]
    return used[0] if used else str(known()["latest"][CHECKOUT])


@strategy(
    causes=("actions-config", "packaging", "missing-dependency", "dependency-conflict", "data-missing", "none", "lint",
            "no-tests-collected"),
    trust="glance", touches="workflows", prior=0.9,
)  # fmt: skip
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for the jobs that use files of the repository without having them."""
    if not _wanted(told(diagnosis, codebase), codebase):
        return
    edits = each_job(codebase, _late)
    if edits:
        yield Proposal(
            strategy="workflow_checkout",
            title="Check the repository out before its files are used",
            edits=edits,
            confidence=0.92,
            why="the runner starts with an empty folder; what the log misses is in the repository.",
        )
