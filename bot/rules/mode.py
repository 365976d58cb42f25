"""The mode says how far we go: `observe` looks, `propose` opens pull requests, `auto` merges without a person."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy, mode_of
from bot.registry import rule
from bot.rules._answer import allowed, by_policy, denied


@rule(stage="open")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no when the mode for this anomaly type and these paths is `observe`, or the policy is broken."""
    mode = mode_of(policy, facts.patch.type, facts.patch.files)
    wanted = "mode `propose` or `auto`"
    if facts.policy_broken:
        seen = f"the policy is broken, so the mode is `observe`: {facts.policy_broken}"
        return denied("mode", "open", seen, wanted, unblock="A maintainer can correct .github/selfheal.yml.")
    if mode == "observe":
        seen = f"mode `observe` for {facts.patch.type} in these paths"
        return denied("mode", "open", seen, wanted, unblock=by_policy("mode"))
    return allowed("mode", "open", f"mode `{mode}`", wanted)
