"""A person who asked for changes is heard: nothing is merged until they approve or take it back."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy, may
from bot.registry import rule
from bot.rules._answer import allowed, denied, listed


@rule(stage="merge")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no while somebody with write permission has asked for changes, on whichever head."""
    newest = {each.user.lower(): each for each in facts.approvals if each.state != "commented"}
    against = [
        each.user for each in newest.values() if each.state == "changes_requested" and may(each.permission, "write")
    ]
    if against:
        who = f"{listed(against)} can approve, or dismiss the review."
        seen = f"changes requested by {listed(against)}"
        return denied("objections", "merge", seen, "no changes requested", unblock=who)
    return allowed("objections", "merge", "no changes requested", "no changes requested")
