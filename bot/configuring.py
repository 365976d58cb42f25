"""What `config` tells: whether a policy file is right, its schema, and what a policy would have done so far."""

from __future__ import annotations

from bot.model import (
    Approval,
    CheckState,
    DiagnosisSet,
    Patch,
    PatchSet,
    PullRequest,
    PullRequestFacts,
    ValidationResult,
    Value,
)
from bot.policy import FILE, RepoPolicy, load, problems
from bot.ports import Store
from bot.stages._delivery_base import decide, facts_of

HEAD = "0" * 40


class Told(Value):
    """What is wrong in a policy file, one line each; nothing when it is right."""

    file: str
    problems: tuple[str, ...] = ()


class Simulated(Value):
    """What a policy would have done with one proven fix: the verdict, and the rules that say no."""

    fix: str
    title: str
    type: str
    verdict: str
    blocking: tuple[str, ...] = ()


def validated(text: str, *, name: str = FILE, defaults: str = "") -> Told:
    """Return what is wrong with a policy file, each as `file:line: key: what`."""
    found = problems(text, defaults=defaults)
    return Told(file=name, problems=tuple(f"{each.file or name}:{each.line}: {each.text}" for each in found))


def simulated(text: str, store: Store, *, last: int = 50, now: float = 0.0) -> tuple[Simulated, ...]:
    """Return what a policy would have done with the last proven fixes of a state, newest first.

    Checks are taken to be green, budgets unspent and the pull request old enough, at `now` (UTC seconds): what differs
    is what the policy says about each fix. Raises `Misconfigured` when the file is broken.
    """
    policy = load(text)
    found = store.every(ValidationResult, kind="validation", limit=last)
    facts = (_facts(each, each.patch, store) for each in found if each.proven and each.patch is not None)
    return tuple(_one(_opened(each, now), policy) for each in facts)


def _one(facts: PullRequestFacts, policy: RepoPolicy) -> Simulated:
    alone = decide(facts, policy)
    approval = Approval(user="somebody", sha=HEAD, permission="admin")
    approved = decide(facts.model_copy(update={"approvals": (approval,)}), policy)
    if not alone.may_open:
        verdict, blocking = "would not open a pull request", [one for one in alone.blocking if one.stage == "open"]
    elif alone.may_merge:
        verdict, blocking = "would open a pull request and merge it by itself", []
    elif approved.may_merge:
        verdict, blocking = "would open a pull request and merge it once a person approves", []
    else:
        verdict, blocking = "would open a pull request and wait for more", list(approved.blocking)
    reasons = tuple(f"{one.rule}: {one.seen}; wanted: {one.wanted}" for one in blocking)
    patch = facts.patch
    return Simulated(fix=patch.id, title=patch.title, type=patch.type, verdict=verdict, blocking=reasons)


def _facts(validation: ValidationResult, patch: Patch, store: Store) -> PullRequestFacts:
    patches = store.load(validation.patch_record, PatchSet)
    diagnoses = store.load(patches.diagnosis_record, DiagnosisSet)
    return facts_of(patch, validation, diagnoses, validation.id)


def _opened(facts: PullRequestFacts, now: float) -> PullRequestFacts:
    pull = PullRequest(number=0, branch="", base="the base", head_sha=HEAD, mergeable=True)
    green = CheckState(name="checks", status="completed", conclusion="success")
    return facts.model_copy(update={"pull_request": pull, "checks": (green,), "now": now})
