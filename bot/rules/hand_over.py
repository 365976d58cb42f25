"""A branch that a person committed to is theirs: we neither push to it nor merge it."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, denied

WANTED = "only commits of ours on the branch"


@rule(stage="merge")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no when a person's commit is on the branch."""
    if facts.pull_request is not None and facts.pull_request.taken_over:
        who = "Whoever took it can merge it; `/selfheal retry` starts a new branch."
        return denied("hand_over", "merge", "a person committed to the branch", WANTED, unblock=who)
    return allowed("hand_over", "merge", "only our commits", WANTED)
