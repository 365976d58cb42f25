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
    """Return how many lines a unified diff adds and removes, its file headers not counted."""
    count, in_hunk = 0, False
    for line in diff.split("\n"):
        if line.startswith("@@ "):
            in_hunk = True
        elif line.startswith("diff --git ") or (line.startswith("--- ") and not in_hunk):
            in_hunk = False
        elif in_hunk and line[:1] in ("+", "-"):
            count += 1
    return count
