"""Which approvals count: of the head as it is now, by somebody who may."""

from __future__ import annotations

from bot.model import Approval, PullRequestFacts
from bot.policy import ApprovalPolicy, RepoPolicy, may


def current(facts: PullRequestFacts) -> tuple[Approval, ...]:
    """Return each person's newest word on the head commit as it is now; comments alone say nothing."""
    if facts.pull_request is None:
        return ()
    head = facts.pull_request.head_sha
    newest = {each.user.lower(): each for each in facts.approvals if each.sha == head and each.state != "commented"}
    return tuple(newest.values())


def counting(facts: PullRequestFacts, policy: RepoPolicy) -> tuple[Approval, ...]:
    """Return the approvals that count under the policy."""
    return tuple(each for each in current(facts) if each.state == "approved" and _accepted(each, policy.approvals))


def stale(facts: PullRequestFacts) -> tuple[Approval, ...]:
    """Return the approvals that were given for an earlier head."""
    head = facts.pull_request.head_sha if facts.pull_request else ""
    return tuple(each for each in facts.approvals if each.state == "approved" and each.sha != head)


def _accepted(approval: Approval, policy: ApprovalPolicy) -> bool:
    if not may(approval.permission, policy.permission):
        return False
    if not policy.users and not policy.teams:
        return True
    named = approval.user.lower() in {user.lower() for user in policy.users}
    return named or same_team(approval.teams, policy.teams)


def same_team(mine: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Return whether a team is in both; `@org/team`, `org/team` and `team` name the same one."""
    return bool({_team(name) for name in mine} & {_team(name) for name in wanted})


def _team(name: str) -> str:
    return name.lstrip("@").lower().rpartition("/")[2]
