"""Sequence 4, `fix.generate`: write code, test and documentation fixes for one cause and make patches of them."""

from __future__ import annotations

from bot.codebase import Codebase
from bot.errors import Declined, Misconfigured
from bot.fixing import drafts as drafting
from bot.fixing.newtests import Judge
from bot.fixing.patches import patch_of, ranked
from bot.fixing.replay import mended
from bot.fixing.syntax import broken_by
from bot.model import (
    Completed,
    DiagnosisSet,
    Draft,
    FixRecommendation,
    FixRequest,
    Known,
    PatchSet,
    Request,
    Start,
    Stored,
)
from bot.policy import RepoPolicy
from bot.ports import Advisor, Clock, Progress, Sandbox, Store
from bot.registry import handler

UNBOUNDED = 300.0  # seconds to draft in when a request has no deadline


@handler(returns="fix_request")
def generate_fix_requested(request: Request, known: Known | None) -> FixRequest | Known:
    """Accept a request for fixes of one cause; a request answered before gives its stored result."""
    if not request.request_id.strip():
        raise Misconfigured("Invalid request ID", hint="Give the request an id that is not empty.")
    if known is not None:
        return known
    return FixRequest(
        request_id=request.request_id,
        record_id=request.record_id,
        subject=request.subject,
        seed=request.seed,
        deadline=request.deadline,
    )


@handler(returns=("recommendation", "codebase"))
def load_diagnosis(fix_request: FixRequest, store: Store) -> tuple[FixRecommendation, Codebase]:
    """Load the recommendation for the cause and the code it is about; raises `Misconfigured` for an unknown cause."""
    diagnosis = store.load(fix_request.record_id, DiagnosisSet)
    for recommendation in diagnosis.recommendations:
        if recommendation.id == fix_request.subject:
            return recommendation, Codebase(diagnosis.codebase)
    raise Misconfigured(
        f"diagnosis {fix_request.record_id} holds no cause {fix_request.subject!r}",
        hint="Give the id of one of its recommendations, as `selfheal explain` lists them.",
    )


@handler(returns="code_drafts")
def generate_code_fix(
    recommendation: FixRecommendation,
    codebase: Codebase,
    fix_request: FixRequest,
    policy: RepoPolicy,
    sandbox: Sandbox,
    clock: Clock,
    progress: Progress,
    advisor: Advisor,
) -> tuple[Draft, ...]:
    """Run the recommended strategies in order; a draft without edits tells what was tried in vain."""
    seconds = max(1.0, fix_request.deadline - clock.now()) if fix_request.deadline else UNBOUNDED
    bench = drafting.Bench(codebase, sandbox, progress, policy, fix_request.seed, seconds, advisor)
    return tuple(drafting.drafts(recommendation.code, recommendation.assessed.diagnosis, bench))


@handler(returns="test_drafts")
def generate_test_fix(
    recommendation: FixRecommendation,
    codebase: Codebase,
    code_drafts: tuple[Draft, ...],
    policy: RepoPolicy,
    sandbox: Sandbox,
    progress: Progress,
) -> tuple[Draft, ...]:
    """Write tests for the cause and keep those that pass again and again, and that fail when the code is broken."""
    diagnosis = drafting.with_fix(recommendation.assessed.diagnosis, code_drafts)
    best = drafting.best_of(code_drafts)
    if best is not None:
        where = (codebase.module_name(diagnosis.file), diagnosis.function)
        calls = mended(diagnosis.calls, where, best.edits, codebase, sandbox)
        diagnosis = diagnosis.model_copy(update={"mended": calls})
    judge = Judge(codebase, sandbox, best.edits if best else ())
    bench = drafting.Bench(codebase, sandbox, progress, policy)
    made = drafting.drafts(recommendation.test, diagnosis, bench)
    return tuple(drafting.judged(made, diagnosis, judge))


@handler(returns="docs_drafts")
def generate_documentation_fix(
    recommendation: FixRecommendation, codebase: Codebase, code_drafts: tuple[Draft, ...], policy: RepoPolicy
) -> tuple[Draft, ...]:
    """Write the documentation that the fix makes necessary: docstrings, pages, the changelog."""
    diagnosis = drafting.with_fix(recommendation.assessed.diagnosis, code_drafts)
    return tuple(drafting.pure_drafts(recommendation.docs, diagnosis, codebase, policy))


@handler(returns="patches")
def create_patch(
    recommendation: FixRecommendation,
    codebase: Codebase,
    code_drafts: tuple[Draft, ...],
    test_drafts: tuple[Draft, ...],
    docs_drafts: tuple[Draft, ...],
) -> PatchSet:
    """Join code, tests and documentation into at most five patches, best first, with what was tried in vain."""
    diagnosis = recommendation.assessed.diagnosis
    every = (*code_drafts, *test_drafts, *docs_drafts)
    tests, docs = ([d for d in part if d.edits] for part in (test_drafts, docs_drafts))
    main, companions = next(
        ((part, rest) for part, rest in (
            ([d for d in code_drafts if d.edits], [*tests, *docs]), (tests, docs), (docs, []),
        ) if part),
        ([], []),
    )  # fmt: skip
    patches = (patch_of(diagnosis, codebase.files, draft, companions) for draft in main)
    return PatchSet(
        subject=recommendation.id,
        patches=ranked(patch for patch in patches if patch is not None),
        tried=tuple(dict.fromkeys(f"{draft.strategy}: {draft.why}" for draft in every if not draft.edits)),
    )


@handler(returns="valid_patches")
def validate_syntax(patches: PatchSet, codebase: Codebase) -> PatchSet:
    """Drop the patches that leave a file which does not parse; say so, and which files do."""
    kept, tried = [], list(patches.tried)
    for patch in patches.patches:
        reasons = [(e.path, broken_by(e.path, codebase.files.get(e.path), e.text)) for e in patch.edits]
        wrong = [f"{path} would not parse ({reason})" for path, reason in reasons if reason]
        if wrong:
            tried.append(f"{patch.strategy}: {'; '.join(wrong)}")
        else:
            kept.append(patch)
    parsed = sorted({edit.path for patch in kept for edit in patch.edits})
    return patches.model_copy(update={"patches": tuple(kept), "parsed": tuple(parsed), "tried": tuple(tried)})


@handler(returns="patch_stored")
def store_patch(valid_patches: PatchSet, fix_request: FixRequest, store: Store) -> Stored:
    """Store the patches with the diagnosis they rest on."""
    record = valid_patches.model_copy(update={"diagnosis_record": fix_request.record_id})
    return Stored(stored=True, record_id=store.save(record, kind="patches", key=fix_request.subject))


@handler(returns="completed")
def generate_fix_completed(fix_request: FixRequest, patch_stored: Stored, valid_patches: PatchSet) -> Completed:
    """End the sequence and ask for the proof; raises `Declined` with what was tried when there is no patch."""
    count = len(valid_patches.patches)
    if not count:
        tried = "; ".join(valid_patches.tried) or "no strategy applies to this cause"
        raise Declined(f"no fix found: {tried}", hint="The diagnosis still says where the cause is.")
    start = Start(
        event="validate.requested",
        request_id=fix_request.request_id,
        record_id=patch_stored.record_id,
        subject=fix_request.subject,
    )
    title = valid_patches.patches[0].title
    summary = f"{count} candidate patch{'es' if count > 1 else ''}, best: {title}"
    return Completed(record_id=patch_stored.record_id, summary=summary, starts=(start,))
