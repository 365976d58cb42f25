"""A person who said `/selfheal hold` is heard until somebody says `/selfheal resume`."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, denied, listed


@rule(stage="merge")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no while a hold is in force."""
    if facts.holds:
        who = "Anyone with write permission can comment `/selfheal resume`."
        return denied("holds", "merge", f"held by {listed(facts.holds)}", "no hold", unblock=who)
    return allowed("holds", "merge", "no hold", "no hold")
