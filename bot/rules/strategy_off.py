"""A strategy that the repository switched off is not used."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, by_policy, denied, listed


@rule(stage="open")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no when the patch comes from a strategy in `strategies.off`."""
    wanted = f"none of {listed(policy.strategies.off)}"
    if facts.patch.strategy in policy.strategies.off:
        seen = f"{facts.patch.strategy} is switched off"
        return denied("strategy_off", "open", seen, wanted, unblock=by_policy("strategies.off"))
    return allowed("strategy_off", "open", f"made by {facts.patch.strategy}", wanted)
