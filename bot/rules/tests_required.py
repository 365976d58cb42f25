"""A fix must come with a test that would have caught it, or heal one that did."""

from __future__ import annotations

from bot.model import PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, by_policy, denied

# The types whose proof is something else than a test.
OTHERWISE = {
    "performance": "a measurement before and after",
    "documentation": "the documentation's own checks",
    "dependency": "a clean installation",
}


@rule(stage="open")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no when `tests: required` holds, no test is added and no existing check went from red to green."""
    wanted = "a new test, or an existing check that failed before and passes after"
    if facts.existing_test_proves:
        return allowed("tests_required", "open", "an existing check failed before and passes after", wanted)
    if facts.adds_tests:
        return allowed("tests_required", "open", "the fix adds a test", wanted)
    if facts.patch.type in OTHERWISE:
        return allowed("tests_required", "open", f"proven by {OTHERWISE[facts.patch.type]}", wanted)
    if policy.tests == "optional":
        return allowed("tests_required", "open", "no test", "nothing: tests are optional here")
    return denied("tests_required", "open", "no test", wanted, unblock=by_policy("tests"))
