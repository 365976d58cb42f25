"""The fix must be at least as sure as the repository wants."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, by_policy, denied


@rule(stage="open")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no when the patch's confidence, between 0 and 1, is below the policy's."""
    seen, wanted = f"confidence {facts.patch.confidence:.2f}", f"at least {policy.confidence:.2f}"
    if facts.patch.confidence < policy.confidence:
        return denied("confidence", "open", seen, wanted, unblock=by_policy("confidence"))
    return allowed("confidence", "open", seen, wanted)
