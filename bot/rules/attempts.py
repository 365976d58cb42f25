"""One cause is not tried for ever: after so many pull requests that did not help, people take over."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, by_policy, counted, denied


@rule(stage="open")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no when the cause had its attempts and none of them is still at work."""
    seen = f"{counted(facts.attempts, 'earlier attempt')} for this cause"
    wanted = f"fewer than {policy.limits.attempts}"
    if facts.pull_request is None and facts.attempts >= policy.limits.attempts:
        return denied("attempts", "open", seen, wanted, unblock=by_policy("limits.attempts"))
    return allowed("attempts", "open", seen, wanted)
