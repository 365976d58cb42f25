"""Takes patches through the steps of the proof: best first, cheapest step first, the first proven one wins."""

from __future__ import annotations

from collections.abc import Callable

from bot.codebase import Codebase
from bot.model import CheckRecord, Diagnosis, Patch, Run, Trial, Trials
from bot.policy import RepoPolicy
from bot.proof.added import prove_added
from bot.proof.asked import asked
from bot.proof.building import prove_build
from bot.proof.cause import prove_cause, prove_same_code
from bot.proof.change import Change, Refusal, file_changes
from bot.proof.documents import prove_documents
from bot.proof.findings import KINDS, prove_findings
from bot.proof.gate import judge, rules
from bot.proof.ground import Found, Ground
from bot.proof.installing import prove_install
from bot.proof.order import prove_order
from bot.proof.reach import prove_coverage
from bot.proof.speed import prove_speed
from bot.proof.testing import prove_tests
from bot.proof.workflow import ONLY_FORGE, prove_workflow

Prove = Callable[[Trial, Ground], Found]


def gated(patch: Patch, change: Change) -> Trial:
    """Return a patch as a trial that starts with the answer of the diff gate."""
    found = judge(change, rules())
    return Trial(patch=patch, records=_gate_records(found), steps=("gate",))


def change_of(patch: Patch, codebase: Codebase, diagnosis: Diagnosis, policy: RepoPolicy) -> Change:
    """Return a patch as the diff gate sees it, with the bounds of the policy and what the cause asks for."""
    return Change(
        files=file_changes(patch.edits, codebase.files, codebase.is_test, codebase.good),
        touches=patch.touches,
        allow=policy.paths.allow,
        deny=policy.paths.deny,
        max_files=policy.limits.files,
        max_lines=policy.limits.lines,
        diff=patch.diff,
        asked=asked(diagnosis, codebase),
        tests=_tests_of(diagnosis, codebase),
        is_documentation=diagnosis.type == "documentation",
        is_static=diagnosis.details.get("class", "") in ("lint", "format"),
    )


def _tests_of(diagnosis: Diagnosis, codebase: Codebase) -> dict[str, str]:
    """Return the test files that show the cause, by path."""
    failing = (*diagnosis.failing_tests, *(failure.file or "" for failure in diagnosis.failures))
    paths = dict.fromkeys(name.partition("::")[0] for name in failing)
    modules = {codebase.modules.get(name.rpartition(".")[0].rpartition(".")[0], "") for name in failing}
    return {
        path: codebase.files[path] for path in (*paths, *modules) if path in codebase.files and codebase.is_test(path)
    }


_APART = {
    "broken_syntax": ("syntax", "every changed file can be read by its language"),
    "secret": ("secret scan", "the patch brings no password, token or key"),
    "new_dependency": ("dependency audit", "no dependency that the cause does not call for, none from elsewhere"),
}
"""Rules of the gate that are told as checks of their own: what they are called, and what they want."""


def _gate_records(found: tuple[Refusal, ...]) -> tuple[CheckRecord, ...]:
    known = rules()
    rest = [each for each in found if each.rule not in _APART]
    apart = [
        CheckRecord(
            name=name,
            passed=not any(each.rule == rule for each in found),
            seen="; ".join(str(each) for each in found if each.rule == rule) or "nothing found",
            wanted=wanted,
            why="It is read off the patch, before anything is run.",
        )
        for rule, (name, wanted) in _APART.items()
        if rule in known
    ]
    gate = CheckRecord(
        name="diff gate",
        passed=not rest,
        seen="; ".join(str(each) for each in rest[:5]) or f"{len(known) - len(apart)} rules, none refuses",
        wanted="no test weakened, no check silenced, nothing outside the policy",
        why="The cheapest way to green is to cheat.",
    )
    return (gate, *apart)


def _tests(trial: Trial, ground: Ground) -> Found:
    """Prove the cause first, then that nothing else got worse."""
    if trial.patch.touches == "workflows":
        return prove_workflow(trial, ground)
    own_first = (prove_findings, prove_tests) if ground.klass in KINDS else (prove_tests, prove_findings)
    found = _in_turn(trial, ground, (prove_same_code, prove_install, prove_build, *own_first))
    for prove in (_added, prove_order, prove_cause):
        found += Found() if found.refused else prove(trial, ground, found)
    return found


def _added(trial: Trial, ground: Ground, found: Found) -> Found:
    placed = trial.model_copy(update={"environment": found.environment or trial.environment})
    names = found.facts.get("added")
    return prove_added(placed, ground, tuple(names) if isinstance(names, list) else ())


def _in_turn(trial: Trial, ground: Ground, proofs: tuple[Prove, ...]) -> Found:
    found = Found()
    for prove in proofs:
        if found.refused:
            return found
        placed = trial.model_copy(update={"environment": found.environment or trial.environment})
        found += prove(placed, ground)
    return found


STEPS: dict[str, Prove] = {
    "tests": _tests,
    "coverage": prove_coverage,
    "performance": prove_speed,
    "documentation": prove_documents,
}
"""The steps in order of cost; each beat of `validation.run` is named for the last one it takes a patch to."""


def advance(trials: Trials, upto: str, ground: Ground) -> Trials:
    """Return the trials with the best one not refused taken up to a step, and those refused on the way as they ended.

    A patch that comes up because a better one was refused catches up on the earlier steps.
    """
    names = list(STEPS)[: list(STEPS).index(upto) + 1]
    ground.baseline.update(trials.baseline)
    moved = list(trials.trials)
    for index, trial in enumerate(moved):
        if trial.refused:
            continue
        moved[index] = _up_to(trial, names, ground)
        if not moved[index].refused:
            break
    return trials.model_copy(update={"trials": tuple(moved), "baseline": dict(ground.baseline)})


def _up_to(trial: Trial, names: list[str], ground: Ground) -> Trial:
    for name in names:
        if name not in trial.steps and not trial.refused:
            ground.say(f"{trial.patch.title}: {name}")
            trial = _grown(trial, name, STEPS[name](trial, ground))
    return trial


def _grown(trial: Trial, step: str, found: Found) -> Trial:
    return trial.model_copy(
        update={
            "records": (*trial.records, *found.records),
            "steps": (*trial.steps, step),
            "before": _once((*trial.before, *found.before)),
            "after": (*trial.after, *found.after),
            "not_checked": (*trial.not_checked, *found.not_checked),
            "environment": found.environment or trial.environment,
            "facts": {**trial.facts, **found.facts},
        }
    )


def _once(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    kept: list[Run] = []
    for run in runs:
        if run not in kept:
            kept.append(run)
    return tuple(kept)


def unused(trial: Trial) -> bool:
    """Return whether a patch was never needed: nothing refused it, and a better one was taken."""
    return not trial.refused and not proven(trial)


def proven(trial: Trial) -> bool:
    """Return whether every step was taken, none refused, and the proof rests on something."""
    rests = any(record.runs or record.name == "same code" for record in trial.records)
    return not trial.refused and set(STEPS) <= set(trial.steps) and rests


def offered(trial: Trial) -> bool:
    """Return whether a patch is worth a comment though it can't be proven here: nothing but the forge is wanting."""
    refusals = [record for record in trial.records if not record.passed]
    return [record.name for record in refusals] == [ONLY_FORGE.name]
