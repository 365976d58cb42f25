"""Every file that the fix touches must be allowed, and none denied."""

from __future__ import annotations

from bot.globs import any_match
from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, by_policy, denied, listed


@rule(stage="open")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no when a touched path is denied, or is not allowed."""
    files = facts.patch.files
    banned = [file for file in files if any_match(policy.paths.deny, file)]
    outside = [file for file in files if not any_match(policy.paths.allow, file)]
    if banned:
        seen, wanted = f"touches {listed(banned)}", f"nothing under {listed(policy.paths.deny)}"
        return denied("paths", "open", seen, wanted, unblock=by_policy("paths.deny"))
    if outside:
        seen, wanted = f"touches {listed(outside)}", f"only paths under {listed(policy.paths.allow)}"
        return denied("paths", "open", seen, wanted, unblock=by_policy("paths.allow"))
    return allowed("paths", "open", f"touches {listed(files)}", f"paths under {listed(policy.paths.allow)}")
