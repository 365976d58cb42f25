"""How far a repair may go without a person: only one that is trusted `auto` merges without a look."""

from __future__ import annotations

from bot.model import TRUSTS, PullRequestFacts, RuleResult, Trust
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, counted, denied
from bot.rules._people import counting


@rule(stage="merge")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no while a repair that claims less than `auto`, or may claim no more, has no person's approval."""
    trust = effective(facts.patch.trust, policy.trust)
    approvals = len(counting(facts, policy))
    seen = f"{facts.patch.strategy} is trusted `{trust}`, {counted(approvals, 'approval')}"
    if trust == "auto":
        return allowed("trust", "merge", seen, "no look needed for trust `auto`")
    wanted = f"a person's approval, as trust `{trust}` asks for"
    if approvals:
        return allowed("trust", "merge", seen, wanted)
    who = f"Anyone with {policy.approvals.permission} permission can approve it: `/selfheal approve`."
    return denied("trust", "merge", seen, wanted, unblock=who)


def effective(claimed: Trust, cap: Trust) -> Trust:
    """Return the trust that counts: what the strategy claims, but no more than the policy lets it."""
    return max(claimed, cap, key=TRUSTS.index)
