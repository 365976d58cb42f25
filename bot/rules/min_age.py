"""A pull request must have been open for a while, so that people can see it before it is merged."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, counted, denied


@rule(stage="merge")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no until the pull request is `min_age_minutes` old."""
    opened = facts.pull_request.opened_at if facts.pull_request else facts.now
    age = max(0, int((facts.now - opened) // 60))
    seen, wanted = f"open for {counted(age, 'minute')}", f"at least {counted(policy.min_age_minutes, 'minute')}"
    if facts.now - opened < 60 * policy.min_age_minutes:
        return denied("min_age", "merge", seen, wanted, unblock="It passes by itself.")
    return allowed("min_age", "merge", seen, wanted)
