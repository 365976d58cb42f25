"""Give a job the permissions that its steps need and its token was refused, and no more than those.

Sources: https://docs.github.com/en/actions/writing-workflows/choosing-what-your-workflow-does/controlling-permissions-for-github_token
and the readme of each action in the table.
"""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.checks.discovery.from_workflows import as_dict, yaml_values
from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._text import edit, indent_of, newline_of
from bot.strategies._workflow_jobs import JobAt, jobs_at
from bot.strategies._workflows import known, told, workflows

_REFUSED = re2.compile(
    r"Resource not accessible by integration|denied to github-actions|installation not allowed to|permission_denied"
)
_TOKEN = re2.compile(r"ACTIONS_ID_TOKEN_REQUEST|OIDC token|OpenID Connect token|Trusted publishing exchange failure")
_PUSHED = re2.compile(r"denied to github-actions|[Ww]rite access to repository not granted")
_PACKAGES = re2.compile(r"installation not allowed to|denied: permission_denied")
# what a script asks of GitHub's API, and the permission that it takes
_CALLS = (
    (re2.compile(r"\bgit push\b|gh release (?:create|upload)|repos\.(?:createRelease|uploadReleaseAsset)"), "contents"),
    (re2.compile(r"\bissues\.(?:create|update|add|remove)|\bgh issue (?:create|comment|edit|close)"), "issues"),
    (re2.compile(r"\bpulls\.(?:create|update|merge)|\bgh pr (?:create|comment|edit|merge|review)"), "pull-requests"),
    (re2.compile(r"\bchecks\.(?:create|update)"), "checks"),
    (re2.compile(r"docker push ghcr\.io"), "packages"),
)  # fmt: skip
_ON_PULLS = re2.compile(r"\bissues\.(?:create|add|remove|update)")


def _needed(job: JobAt, events: set[str], said: str) -> list[str]:
    """Return the permissions to write that the steps of a job take and the log says were refused, in order."""
    table: dict[str, list[str]] = known()["permissions"]
    if _TOKEN.search(said):
        asks = any("id-token" in table.get(step.uses, ()) for step in job.steps)
        return ["id-token"] if asks else []
    if not _REFUSED.search(said):
        return []
    found: list[str] = []
    for step in job.steps:
        script = f"{step.run}\n{as_dict(step.values.get('with')).get('script', '')}"
        found += table.get(step.uses, ())
        found += [scope for pattern, scope in _CALLS if pattern.search(script)]
        found += ["pull-requests"] if _ON_PULLS.search(script) and "pull_request" in events else []
    only = "contents" if _PUSHED.search(said) else "packages" if _PACKAGES.search(said) else ""
    return [one for one in dict.fromkeys(found) if not only or one == only]


def _events(data: dict[object, object]) -> set[str]:
    on = data.get("on", data.get(True))
    return {on} if isinstance(on, str) else {str(one) for one in on} if isinstance(on, dict | list) else set()


def _granted(text: str, job: JobAt, wanted: list[str], whole: object) -> str:
    """Return the text with the permissions granted to the job; those that the file grants to all jobs are kept."""
    lines, end = split_lines(text), newline_of(text)
    own = job.values.get("permissions")
    lacking = [one for one in wanted if not (isinstance(own, dict) and own.get(one) == "write")]
    if not lacking or (own is not None and not isinstance(own, dict)):
        return text
    at = job.keys.get("permissions")
    if at is not None and lines[at].rstrip().endswith(":"):
        indent = indent_of(lines[at + 1])
        kept = [line for line in lines if not _grants(line, lacking, indent)]
        return "".join([*kept[: at + 1], *(f"{indent}{one}: write{end}" for one in lacking), *kept[at + 1 :]])
    if at is not None:
        return text
    indent = indent_of(lines[job.line + 1])
    common = {str(key): value for key, value in as_dict(whole).items()} or {"contents": "read"}
    rows = [f"{indent}permissions:{end}"]
    rows += [f"{indent}  {key}: {value}{end}" for key, value in (common | dict.fromkeys(lacking, "write")).items()]
    place = job.keys.get("steps", job.line + 1)
    return "".join([*lines[:place], *rows, *lines[place:]])


def _grants(line: str, scopes: list[str], indent: str) -> bool:
    return any(line.startswith(f"{indent}{one}: ") for one in scopes)


@strategy(causes=("actions-config", "packaging", "none"), trust="review", touches="workflows", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for the jobs whose steps need what the token was refused."""
    said = told(diagnosis, codebase)
    edits: list[FileEdit] = []
    names: list[str] = []
    for path in workflows(codebase) if _REFUSED.search(said) or _TOKEN.search(said) else ():
        text = codebase.text(path)
        data = as_dict(yaml_values(text))
        for job in reversed(jobs_at(text)):
            wanted = _needed(job, _events(data), said)
            new = _granted(text, job, wanted, data.get("permissions")) if wanted else text
            names += [] if new == text else [f"{one}: write for {job.name}" for one in wanted]
            text = new
        edits += edit(path, codebase.text(path), text)
    if edits:
        yield Proposal(
            strategy="workflow_permission",
            title=f"Grant {', '.join(names)}",
            edits=tuple(edits),
            confidence=0.85,
            why="GitHub refused the job's token; these are the permissions that its steps are documented to need.",
        )
