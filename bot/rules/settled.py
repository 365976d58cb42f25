"""After the last check a quiet time must pass, because late checks appear after early ones are green."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, counted, denied


@rule(stage="merge")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no until `merge.settle_seconds` have passed since the last check that tells its time."""
    wanted = f"{counted(policy.merge.settle_seconds, 'second')} of quiet after the last check"
    last = max((check.completed_at for check in facts.checks), default=0.0)
    if not last:
        return allowed("settled", "merge", "no check is recent", wanted)
    quiet = facts.now - last
    seen = f"{counted(max(0, int(quiet)), 'second')} since the last check"
    if quiet < policy.merge.settle_seconds:
        return denied("settled", "merge", seen, wanted, unblock="It passes by itself.")
    return allowed("settled", "merge", seen, wanted)
