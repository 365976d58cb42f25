"""A fix must be small: at most so many files and changed lines."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, by_policy, counted, denied


@rule(stage="open")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no when the patch has more files or changed lines than the limits allow."""
    files, lines = len(facts.patch.files), changed_lines(facts.patch.diff)
    seen = f"{counted(files, 'file')}, {counted(lines, 'changed line')}"
    wanted = f"at most {counted(policy.limits.files, 'file')} and {counted(policy.limits.lines, 'changed line')}"
    if files > policy.limits.files:
        return denied("size", "open", seen, wanted, unblock=by_policy("limits.files"))
    if lines > policy.limits.lines:
        return denied("size", "open", seen, wanted, unblock=by_policy("limits.lines"))
    return allowed("size", "open", seen, wanted)


def changed_lines(diff: str) -> int:
    """Return how many lines a unified diff adds and removes; each hunk's own counts say where it ends."""
    count = old = new = 0
    for line in diff.split("\n"):
        if old <= 0 and new <= 0:
            old, new = _lengths(line) if line.startswith("@@ ") else (0, 0)
            continue
        count += line[:1] in ("+", "-")
        old -= line[:1] not in ("+", "\\")
        new -= line[:1] not in ("-", "\\")
    return count


def _lengths(header: str) -> tuple[int, int]:
    """Return the two lengths of a hunk header `@@ -start[,length] +start[,length] @@`."""
    sides = header.split(" ")[1:3]
    before, after = (int(side.partition(",")[2] or 1) for side in sides)
    return before, after
