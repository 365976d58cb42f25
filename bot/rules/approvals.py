"""Enough people who may must have approved the head as it is now, unless the mode is `auto`."""

from __future__ import annotations

from bot.model import Approval, PullRequestFacts, RuleResult
from bot.policy import RepoPolicy, mode_of
from bot.registry import rule
from bot.rules._answer import allowed, counted, denied, listed
from bot.rules._people import counting, current, stale


@rule(stage="merge")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no while fewer people than wanted approved the current head; approvals of earlier heads are void."""
    given = counting(facts, policy)
    names = listed(each.user for each in given)
    seen = f"{counted(len(given), 'approval')} of this head ({names})"
    if mode_of(policy, facts.patch.type, facts.patch.files) == "auto":
        return allowed("approvals", "merge", seen, "none, the mode is `auto`")
    needed = max(1, policy.approvals.count)
    wanted = f"{counted(needed, 'approval')} by {_who(policy)}"
    if len(given) >= needed:
        return allowed("approvals", "merge", seen, wanted)
    return denied("approvals", "merge", seen + _void(facts, given), wanted, unblock=_unblock(policy))


def _void(facts: PullRequestFacts, given: tuple[Approval, ...]) -> str:
    lapsed = listed(each.user for each in stale(facts))
    outside = listed(each.user for each in current(facts) if each.state == "approved" and each not in given)
    parts = ((lapsed, "approved an earlier head"), (outside, "may not approve here"))
    return "".join(f"; {names} {what}" for names, what in parts if names != "none")


def _who(policy: RepoPolicy) -> str:
    named = [*policy.approvals.users, *(f"team {team}" for team in policy.approvals.teams)]
    who = f"{listed(named)}, with " if named else "somebody with "
    return f"{who}{policy.approvals.permission} permission"


def _unblock(policy: RepoPolicy) -> str:
    named = [*policy.approvals.users, *(f"team {team}" for team in policy.approvals.teams)]
    who = listed(named) if named else f"Anyone with {policy.approvals.permission} permission"
    return f"{who} can approve: a review, or the comment `/selfheal approve`."
