"""How far a repair may go by itself: one not trusted for `auto` waits for a person, in mode `auto` too.

A strategy claims `auto`, `glance` (a person looks at it first) or `review`. The policy's `trust` is the most it may
claim; below `auto` the repository wants a person to look at every fix.
"""

from __future__ import annotations

from bot.model import TRUSTS, PullRequestFacts, RuleResult, Trust
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, counted, denied
from bot.rules._people import counting


@rule(stage="merge")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no while a fix that needs a person's look by its strategy or by the policy has no approval."""
    trust = effective(facts.patch.trust, policy.trust)
    approvals = len(counting(facts, policy))
    seen = f"{facts.patch.strategy} is trusted `{trust}`, {counted(approvals, 'approval')}"
    if trust == "auto":
        return allowed("trust", "merge", seen, "no approval for trust `auto`")
    wanted = f"a person's approval, as trust `{trust}` asks for"
    if approvals:
        return allowed("trust", "merge", seen, wanted)
    who = f"Anyone with {policy.approvals.permission} permission can approve it: `/selfheal approve`."
    return denied("trust", "merge", seen, wanted, unblock=who)


def effective(claimed: Trust, cap: Trust) -> Trust:
    """Return the trust that counts: what the strategy claims, but no more than the policy lets it."""
    return max(claimed, cap, key=TRUSTS.index)
