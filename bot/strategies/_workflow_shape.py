"""The shape that a workflow file must have: which keys stand where, and which events and runners there are.

Source: https://docs.github.com/en/actions/writing-workflows/workflow-syntax-for-github-actions and the page
"Events that trigger workflows" beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

TOP = frozenset("name run-name on true permissions env defaults concurrency jobs".split())
JOB = frozenset(
    "name permissions needs if runs-on snapshot environment concurrency outputs env defaults steps timeout-minutes"
    " strategy continue-on-error container services uses with secrets".split()
)
STEP = frozenset("id if name uses run working-directory shell with env continue-on-error timeout-minutes".split())
EVENTS = frozenset(
    "branch_protection_rule check_run check_suite create delete deployment deployment_status discussion"
    " discussion_comment fork gollum image_version issue_comment issues label merge_group milestone page_build public"
    " pull_request pull_request_review pull_request_review_comment pull_request_target push registry_package release"
    " repository_dispatch schedule status watch workflow_call workflow_dispatch workflow_run".split()
)
CONTEXTS = frozenset("github env vars job jobs steps runner secrets strategy matrix needs inputs".split())
# https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
FUNCTIONS = frozenset(
    "contains startsWith endsWith format join toJSON fromJSON hashFiles success always cancelled failure case".split()
)


def sound(data: Any) -> bool:
    """Return whether the values of a workflow file have a shape that GitHub runs: no stray keys, nothing missing."""
    if not isinstance(data, dict) or {str(key).lower() for key in data} - TOP or not isinstance(data.get("jobs"), dict):
        return False
    return all(_job(job) for job in data["jobs"].values())


def _job(job: Any) -> bool:
    if not isinstance(job, dict) or set(job) - JOB:
        return False
    if "uses" in job:
        return True
    steps = job.get("steps")
    return "runs-on" in job and isinstance(steps, list) and all(_step(step) for step in steps)


def _step(step: Any) -> bool:
    return isinstance(step, dict) and not set(step) - STEP and ("uses" in step) != ("run" in step)


def jobs(data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the jobs of a workflow file's values by name; whatever is none is left out."""
    found = data.get("jobs") if isinstance(data, dict) else None
    for name, job in found.items() if isinstance(found, dict) else ():
        if isinstance(job, dict):
            yield str(name), job
