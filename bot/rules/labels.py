"""Labels steer: some must be there, and some stop a merge."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, denied, listed


@rule(stage="merge")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no when a blocking label is set or a required one is missing; case does not matter."""
    there = {label.lower() for label in (*facts.labels, *(facts.pull_request.labels if facts.pull_request else ()))}
    blocking = [label for label in policy.labels.block if label.lower() in there]
    missing = [label for label in policy.labels.require if label.lower() not in there]
    parts = (("with", policy.labels.require), ("without", policy.labels.block))
    wanted = ", ".join(f"{word} {listed(names)}" for word, names in parts if names) or "any labels"
    if blocking:
        who = f"Anyone who may label can remove {listed(blocking)}."
        return denied("labels", "merge", f"has {listed(blocking)}", wanted, unblock=who)
    if missing:
        who = f"Anyone who may label can add {listed(missing)}."
        return denied("labels", "merge", f"lacks {listed(missing)}", wanted, unblock=who)
    return allowed("labels", "merge", f"labels: {listed(there)}", wanted)
