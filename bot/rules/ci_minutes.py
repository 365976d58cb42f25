"""The CI minutes that our branches used within a day have a budget."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, by_policy, counted, denied


@rule(stage="open")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no when the minutes of the last day reach the limit and this fix has no pull request yet."""
    seen = f"{counted(round(facts.ci_minutes, 1), 'CI minute')} in the last day"
    wanted = f"fewer than {counted(policy.limits.ci_minutes, 'CI minute')} a day"
    if facts.pull_request is None and facts.ci_minutes >= policy.limits.ci_minutes:
        who = f"It frees up within a day. {by_policy('limits.ci_minutes')}"
        return denied("ci_minutes", "open", seen, wanted, unblock=who)
    return allowed("ci_minutes", "open", seen, wanted)
