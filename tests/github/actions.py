"""Runs: the checks of a commit are really run, with a check run, a log zip and the events that GitHub sends."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.github.standin import Repo, StandIn

CHECK = "tests"
SECONDS = 300  # one that hangs would hold all that comes after it


def stamp() -> str:
    """Return now as GitHub writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def run(standin: StandIn, repo: Repo, branch: str, sha: str) -> None:
    """Run pytest on a commit that has a workflow, and tell what came out; a script says it without running.

    A script that says `real` lets it run.
    """
    conclusion = repo.script(branch, sha) if repo.script is not None else "real"
    if conclusion != "real":
        if conclusion:
            tell(standin, repo, (branch, sha), conclusion)
        return
    if not repo.git.exists(f"{sha}:.github/workflows/ci.yml"):
        return
    number = standin.next_id()
    check = begun(standin, repo, sha, number)
    steps = steps_of(repo.git.git("show", f"{sha}:.github/workflows/ci.yml"))
    with tempfile.TemporaryDirectory() as folder:
        repo.git.checkout(sha, Path(folder))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments(steps)],
            cwd=folder,
            env={key: value for key, value in os.environ.items() if not key.startswith("COV")},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        for name, files in uploads(steps, Path(folder)):
            made = standin.next_id()
            repo.artifacts[made] = {"id": made, "run": number, "name": name, "expired": False, "data": packed(files)}
    repo.logs[number] = zipped(done.stdout + done.stderr, done.returncode)
    finish(standin, repo, (number, branch, sha), check, "success" if done.returncode == 0 else "failure")


def steps_of(workflow: str) -> list[dict[str, Any]]:
    """Return the steps of a workflow's jobs."""
    jobs = YAML(typ="safe").load(workflow)["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


def arguments(steps: list[dict[str, Any]]) -> list[str]:
    """Return what the steps give pytest."""
    told = [step["run"].split() for step in steps if "-m pytest" in step.get("run", "")]
    return [word for words in told for word in words[words.index("pytest") + 1 :]]


def uploads(steps: list[dict[str, Any]], folder: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Yield the name and the files of each artifact that the steps upload."""
    for step in steps:
        if step.get("uses", "").startswith("actions/upload-artifact@"):
            paths = [path for path in (folder / one for one in step["with"]["path"].split()) if path.is_file()]
            if paths:
                yield step["with"]["name"], {path.name: path.read_bytes() for path in paths}


def tell(standin: StandIn, repo: Repo, where: tuple[str, str], conclusion: str, name: str = CHECK) -> None:
    """Report a check of a commit as ended, without anything being run."""
    branch, sha = where
    number = standin.next_id()
    check = begun(standin, repo, sha, number, name)
    repo.logs[number] = zipped(repo.output, int(conclusion == "failure"))
    finish(standin, repo, (number, branch, sha), check, conclusion)


def rerun(standin: StandIn, repo: Repo, number: int) -> None:
    """Run a run's failed jobs once more, as another attempt of the same run."""
    run = repo.runs[number]
    run["run_attempt"] += 1
    where = (number, run["head_branch"], run["head_sha"])
    conclusion = repo.script(run["head_branch"], run["head_sha"]) if repo.script else "success"
    repo.logs[number] = zipped(repo.output, int(conclusion == "failure"))
    finish(standin, repo, where, begun(standin, repo, run["head_sha"], number), conclusion)


def begun(standin: StandIn, repo: Repo, sha: str, number: int, name: str = CHECK) -> dict[str, Any]:
    """Return a new check run of a commit that has begun."""
    check = {
        "id": standin.next_id(),
        "name": name,
        "head_sha": sha,
        "status": "in_progress",
        "conclusion": None,
        "started_at": stamp(),
        "completed_at": None,
        "html_url": f"{standin.url}/{repo.name}/runs/{number}",
        "app": {"slug": "github-actions"},
        "output": {},
    }
    repo.checks.append(check)
    return check


def finish(standin: StandIn, repo: Repo, what: tuple[int, str, str], check: dict[str, Any], conclusion: str) -> None:
    """Record a run that ended, and send its events."""
    from tests.github import merging

    number, branch, sha = what
    check |= {"status": "completed", "conclusion": conclusion, "completed_at": stamp()}
    repo.runs[number] = {
        "id": number,
        "run_attempt": repo.runs.get(number, {}).get("run_attempt", 1),
        "name": "CI",
        "head_sha": sha,
        "head_branch": branch,
        "status": "completed",
        "conclusion": conclusion,
        "head_repository": {"full_name": repo.forks.get(branch, repo.name)},
        "event": "push",
        "created_at": stamp(),
        "run_started_at": check["started_at"],
        "updated_at": stamp(),
    }
    standin.emit("check_run", {"action": "completed", "check_run": check}, repo, "github-actions[bot]")
    standin.emit(
        "workflow_run", {"action": "completed", "workflow_run": repo.runs[number]}, repo, "github-actions[bot]"
    )
    merging.by_itself(standin, repo)


def zipped(output: str, code: int) -> bytes:
    """Return a run-log zip as GitHub makes it: a BOM, a time before each line, an error at the end."""
    lines = ["##[group]Run python -m pytest", "##[endgroup]", *output.splitlines()]
    if code:
        lines.append(f"##[error]Process completed with exit code {code}.")
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
    text = "\ufeff" + "\n".join(f"{at} {line}" for line in lines) + "\n"
    return packed({"0_test.txt": text.encode(), "test/2_Run pytest.txt": text.encode()})


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()
