"""Every required check must have passed on the head; where none is required, every check that ran."""

from __future__ import annotations

from bot.model import CheckState, PullRequestFacts, RuleResult
from bot.policy import RepoPolicy
from bot.registry import rule
from bot.rules._answer import allowed, by_policy, denied, listed

NONE = "no check at all ran on this head"


@rule(stage="merge")
def judge(facts: PullRequestFacts, policy: RepoPolicy) -> RuleResult:
    """Return no when a required check is missing, a check still runs or did not pass, or there is none at all."""
    needed = {*policy.checks.required, *facts.required_checks}
    missing = needed - {check.name for check in facts.checks}
    # Where protection or policy says what is required, a red check beside it does not block; else every one counts,
    # but for our own.
    counting = [check for check in facts.checks if (check.name in needed if needed else not check.own)]
    running = [check.name for check in counting if check.status != "completed"]
    red = [_shown(check) for check in counting if _red(check, policy)]
    wanted = f"{listed(policy.checks.pass_)} for {listed(needed) if needed else 'every check'}"
    if red:
        who = "A new commit or a re-run that passes unblocks it."
        return denied("required_checks", "merge", f"did not pass: {listed(red)}", wanted, unblock=who)
    if missing:
        who = "It must run on this head; a check that never reports blocks for ever."
        return denied("required_checks", "merge", f"not reported: {listed(missing)}", wanted, unblock=who)
    if running:
        return denied("required_checks", "merge", f"still running: {listed(running)}", wanted, unblock="Wait for it.")
    if not counting and policy.checks.none == "block":
        return denied("required_checks", "merge", NONE, "at least one check", unblock=by_policy("checks.none"))
    seen = f"passed: {listed(check.name for check in counting)}" if counting else NONE
    return allowed("required_checks", "merge", seen, wanted)


def _red(check: CheckState, policy: RepoPolicy) -> bool:
    return check.status == "completed" and check.conclusion not in policy.checks.pass_


def _shown(check: CheckState) -> str:
    return f"{check.name} ({check.conclusion or 'no conclusion'})"
