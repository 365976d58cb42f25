"""Nothing is merged within a freeze."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, by_policy, denied

FORM = "%Y-%m-%d %H:%M UTC"


@rule(stage="merge")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no when now lies in a span of `freeze`; its start belongs to it, its end does not."""
    now = datetime.fromtimestamp(facts.now, UTC)
    for span in policy.freeze:
        if span.from_ <= now < span.to:
            until = span.to.astimezone(UTC).strftime(FORM)
            seen = f"a freeze until {until}"
            return denied("freeze", "merge", seen, "no freeze", unblock=f"It ends by itself. {by_policy('freeze')}")
    return allowed("freeze", "merge", "no freeze now", "no freeze")
