"""The owners of every touched path must have approved, where the policy asks for them."""

from __future__ import annotations

from bot.model import Approval, PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, denied, listed
from bot.rules._people import counting, same_team

WANTED = "an approval by an owner of every touched path"


@rule(stage="merge")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no while a touched path with owners has no approval by one of them; holds in mode `auto` too."""
    if not policy.approvals.code_owners:
        return allowed("code_owners", "merge", "not asked for", "nothing")
    given = counting(facts, policy)
    open_ = {path: owners for path, owners in facts.owners_by_path.items() if owners and not _by(owners, given)}
    if not open_:
        return allowed("code_owners", "merge", "every owned path is approved", WANTED)
    owners = listed(owner for each in open_.values() for owner in each)
    seen = f"no owner of {listed(open_)} has approved"
    return denied("code_owners", "merge", seen, WANTED, unblock=f"{owners} can approve.")


def _by(owners: tuple[str, ...], given: tuple[Approval, ...]) -> bool:
    people = {owner.lstrip("@").lower() for owner in owners}
    teams = tuple(owner for owner in owners if "/" in owner)
    return any(each.user.lower() in people or same_team(each.teams, teams) for each in given)
