"""A fix is merged into the files it was made on: when the base changed one of them since, it is made again first."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, denied, listed

WANTED = "no change of the touched files on the base since the fix was made"


@rule(stage="merge")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no when a touched file changed on the base since our branch left it, conflict or not."""
    if facts.base_touched:
        seen = f"{listed(facts.base_touched)} changed on the base"
        who = "The fix is made again on the new base; `/selfheal retry` does it now."
        return denied("base_moved", "merge", seen, WANTED, unblock=who)
    return allowed("base_moved", "merge", "the touched files are as the fix found them", WANTED)
