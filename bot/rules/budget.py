"""Pull requests have a budget: how many are open, and how many were opened within an hour and a day."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, by_policy, denied


@rule(stage="open")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no when one more pull request would exceed a limit; one that is open already costs nothing more."""
    limits = policy.limits
    counts = (
        ("open", facts.open_count, limits.open),
        ("per_hour", facts.opened_last_hour, limits.per_hour),
        ("per_day", facts.opened_last_day, limits.per_day),
    )
    seen = (
        f"{facts.open_count} open, {facts.opened_last_hour} opened in the last hour, {facts.opened_last_day} in a day"
    )
    wanted = f"fewer than {limits.open} open, {limits.per_hour} an hour, {limits.per_day} a day"
    if facts.pull_request is not None:
        return allowed("budget", "open", "this pull request is there already", wanted)
    for key, count, limit in counts:
        if count >= limit:
            who = f"A merged or closed pull request, or time, makes room. {by_policy(f'limits.{key}')}"
            return denied("budget", "open", seen, wanted, unblock=who)
    return allowed("budget", "open", seen, wanted)
