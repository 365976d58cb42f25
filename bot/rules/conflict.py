"""The pull request must merge cleanly into the base branch as it is now."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, denied


@rule(stage="merge")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no while there is a conflict, while that is still being worked out, or while it is not open."""
    pull = facts.pull_request
    if pull is None:
        return denied("conflict", "merge", "no pull request yet", "an open one", unblock="It is opened next.")
    if pull.state != "open":
        return denied("conflict", "merge", f"it is {pull.state}", "an open one", unblock="Reopen it to go on.")
    if pull.mergeable is None:
        return denied("conflict", "merge", "not known yet whether it merges", "a clean merge", unblock="Wait a moment.")
    if not pull.mergeable:
        who = "The fix is made again on the new base; `/selfheal retry` does it now."
        return denied("conflict", "merge", f"conflicts with {pull.base}", "a clean merge", unblock=who)
    return allowed("conflict", "merge", f"merges cleanly into {pull.base}", "a clean merge")
