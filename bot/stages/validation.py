"""Sequence 5, `validation.run`: run everything that could refute a patch, cheapest first."""

from __future__ import annotations

from pathlib import Path

from bot.codebase import Codebase
from bot.detectors.documentation import drift
from bot.errors import Misconfigured, Refused
from bot.model import (
    CheckRecord,
    Completed,
    DiagnosisSet,
    Evidence,
    FixRecommendation,
    Known,
    PatchSet,
    Request,
    Start,
    Stored,
    Trial,
    Trials,
    ValidationRequest,
    ValidationResult,
)
from bot.policy import RepoPolicy
from bot.ports import Clock, Environments, Progress, Sandbox, Store
from bot.proof.evidence import evidence_of, refusal_of, result_id, told
from bot.proof.flow import advance, change_of, gated, offered, proven, unused
from bot.proof.ground import Ground, Tools
from bot.proof.trees import patched
from bot.registry import handler


@handler(returns="validation_request")
def validate_requested(request: Request, known: Known | None) -> ValidationRequest | Known:
    """Accept a request to prove the patches of a record; a request answered before gives its stored result."""
    if not request.request_id.strip():
        raise Misconfigured("Invalid request ID", hint="Give the request an id that is not empty.")
    if known is not None:
        return known
    return ValidationRequest(
        request_id=request.request_id,
        record_id=request.record_id,
        subject=request.subject,
        deadline=request.deadline,
    )


@handler(returns=("patches", "recommendation", "codebase"))
def load_patch(validation_request: ValidationRequest, store: Store) -> tuple[PatchSet, FixRecommendation, Codebase]:
    """Load the patches, the cause they are for, and the code; raises `Misconfigured` for an unknown cause."""
    patches = store.load(validation_request.record_id, PatchSet)
    diagnosis = store.load(patches.diagnosis_record, DiagnosisSet)
    for recommendation in diagnosis.recommendations:
        if recommendation.id == patches.subject:
            return patches, recommendation, Codebase(diagnosis.codebase)
    raise Misconfigured(
        f"diagnosis {patches.diagnosis_record} holds no cause {patches.subject!r}",
        hint="Run `selfheal heal` again: its stored parts do not belong together.",
    )


@handler(returns="trials")
def apply_patch(
    patches: PatchSet,
    recommendation: FixRecommendation,
    codebase: Codebase,
    policy: RepoPolicy,
    store: Store,
) -> Trials:
    """Judge every patch by the diff gate and the policy, and write the tree of each that passes."""
    workspace = store.folder(f"proof-{codebase.info.digest[:16]}-{patches.subject}")
    workspace.mkdir(parents=True, exist_ok=True)
    diagnosis = recommendation.assessed.diagnosis
    trials = []
    for patch in patches.patches:
        trial = gated(patch, change_of(patch, codebase, diagnosis, policy))
        trials.append(trial if trial.refused else _written(trial, codebase, workspace))
    return Trials(trials=tuple(trials), workspace=str(workspace))


@handler(returns="tested")
def run_tests(
    trials: Trials,
    recommendation: FixRecommendation,
    codebase: Codebase,
    validation_request: ValidationRequest,
    environments: Environments,
    sandbox: Sandbox,
    clock: Clock,
    progress: Progress,
) -> Trials:
    """Show that what failed fails without the patch and passes with it, and that no test or check got worse."""
    tools = Tools(sandbox, environments, clock, progress, drift)
    return advance(trials, "tests", _ground(trials, recommendation, codebase, validation_request, tools))


@handler(returns="covered")
def check_coverage(
    tested: Trials,
    recommendation: FixRecommendation,
    codebase: Codebase,
    validation_request: ValidationRequest,
    environments: Environments,
    sandbox: Sandbox,
    clock: Clock,
    progress: Progress,
) -> Trials:
    """Show that the tests run no less of the project than before, and more where that was the aim."""
    tools = Tools(sandbox, environments, clock, progress, drift)
    return advance(tested, "coverage", _ground(tested, recommendation, codebase, validation_request, tools))


@handler(returns="timed")
def verify_performance(
    covered: Trials,
    recommendation: FixRecommendation,
    codebase: Codebase,
    validation_request: ValidationRequest,
    environments: Environments,
    sandbox: Sandbox,
    clock: Clock,
    progress: Progress,
) -> Trials:
    """Show a speed-up, where that was the aim, by runs before and after in turns."""
    tools = Tools(sandbox, environments, clock, progress, drift)
    return advance(covered, "performance", _ground(covered, recommendation, codebase, validation_request, tools))


@handler(returns="documented")
def validate_documentation(
    timed: Trials,
    recommendation: FixRecommendation,
    codebase: Codebase,
    validation_request: ValidationRequest,
    environments: Environments,
    sandbox: Sandbox,
    clock: Clock,
    progress: Progress,
) -> Trials:
    """Show that the documentation builds as before and that the examples in changed files run."""
    tools = Tools(sandbox, environments, clock, progress, drift)
    return advance(timed, "documentation", _ground(timed, recommendation, codebase, validation_request, tools))


@handler(returns="validation")
def aggregate_validation_results(documented: Trials, patches: PatchSet) -> ValidationResult:
    """Give the verdict: the first patch that every step let pass, with its evidence, or why none is proven.

    A patch that only the forge could prove comes along unproven, to be offered as a comment.
    """
    winner = next((trial for trial in documented.trials if proven(trial)), None)
    comment = next((trial for trial in documented.trials if offered(trial)), None)
    chosen = winner or comment
    shown = chosen or next(iter(documented.trials), None)
    evidence = evidence_of(shown) if shown else Evidence()
    refusals = tuple(refusal_of(trial) for trial in documented.trials if trial is not winner and not unused(trial))
    return ValidationResult(
        id=result_id(patches.subject, evidence, winner.patch.id if winner else ""),
        subject=patches.subject,
        proven=winner is not None,
        patch=chosen.patch if chosen else None,
        evidence=evidence,
        refusals=refusals,
    )


@handler(returns="validation_stored")
def store_validation_results(
    validation: ValidationResult, validation_request: ValidationRequest, codebase: Codebase, store: Store
) -> Stored:
    """Keep the verdict with the record of its patches, and the request's answer."""
    kept = validation.model_copy(update={"patch_record": validation_request.record_id})
    record_id = store.save(kept, kind="validation", repository=codebase.info.repository, key=validation.subject)
    store.answer("validation.run", validation_request.request_id, record_id)
    return Stored(stored=True, record_id=record_id)


@handler(returns="completed")
def validate_completed(
    validation_request: ValidationRequest, validation_stored: Stored, validation: ValidationResult
) -> Completed:
    """Finish: a proven fix starts its delivery, and so does one that is only to be offered as a comment."""
    start = Start(
        event="deploy.requested",
        request_id=f"{validation_request.request_id}:deploy",
        record_id=validation_stored.record_id,
        subject=validation.subject,
    )
    starts = (start,) if validation.patch is not None else ()
    return Completed(record_id=validation_stored.record_id, summary=told(validation), starts=starts)


def _written(trial: Trial, codebase: Codebase, workspace: Path) -> Trial:
    """Return the trial with its tree written, or with the refusal when the patch can't be applied safely."""
    try:
        patched(Path(codebase.info.tree), trial.patch.edits, workspace / trial.patch.id)
    except Refused as reason:
        wanted = "every edit stays inside the repository"
        record = CheckRecord(name="apply", passed=False, seen=str(reason), wanted=wanted)
        return trial.model_copy(update={"records": (*trial.records, record)})
    return trial


def _ground(
    trials: Trials,
    recommendation: FixRecommendation,
    codebase: Codebase,
    validation_request: ValidationRequest,
    tools: Tools,
) -> Ground:
    diagnosis = recommendation.assessed.diagnosis
    made = next((trial.environment for trial in trials.trials if trial.environment), "")
    return Ground(codebase, diagnosis, tools, Path(trials.workspace), validation_request.deadline, made=made)
