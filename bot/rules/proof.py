"""Nothing is proposed that was not proven: failing before, passing after, on the same command."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, denied

WANTED = "a proof: the check fails before and passes after, and nothing else breaks"


@rule(stage="open")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no when the fix is not proven, or when equally good fixes disagree."""
    if facts.patch.abstained:
        seen = f"{facts.patch.alternatives} fixes pass the tests and disagree"
        return denied("proof", "open", seen, WANTED, unblock="A test that tells the fixes apart unblocks it.")
    if not facts.proven:
        return denied("proof", "open", "not proven", WANTED, unblock="`/selfheal retry` runs the proof again.")
    return allowed("proof", "open", "proven", WANTED)
