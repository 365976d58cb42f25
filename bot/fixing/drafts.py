"""Run the strategies of one cause and turn what they propose into drafts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from bot.codebase import Codebase
from bot.errors import Declined
from bot.fixing.asking import SILENT, line_of, question, spelt
from bot.fixing.asking import edits as edits_of
from bot.fixing.commands import changed_by
from bot.fixing.newtests import Judge, worth_keeping
from bot.fixing.searching import finds, runner_up, search
from bot.fixing.settle import Again, all_pass, can_look, look, settled
from bot.fixing.tidy import Tidy
from bot.fixing.work import is_open, worth_bounding
from bot.model import TRUSTS, Diagnosis, Draft, FileEdit, Proposal, Trust
from bot.policy import RepoPolicy
from bot.ports import Advisor, Progress, Sandbox
from bot.registry import Unit, units

# classes of failures that another set of installed packages may end; of others, a search may still find the cause
INSTALLED = frozenset({"missing-dependency", "dependency-conflict", "import-error", "python-version", "packaging"})
MOST_OF_ONE = 5  # proposals taken from one strategy: more would only push the others out of the five patches
# what a strategy may raise on code nobody foresaw: the other strategies must still get their turn
_SLIPS = (ArithmeticError, AttributeError, LookupError, RecursionError, SyntaxError, TypeError, ValueError)


@dataclass(frozen=True)
class Bench:
    """What the strategies of one cause work with; `seconds` is what is left of the budget."""

    codebase: Codebase
    sandbox: Sandbox
    progress: Progress
    policy: RepoPolicy
    seed: int = 0
    seconds: float = 0.0
    advisor: Advisor = SILENT


def most_careful(*trusts: Trust) -> Trust:
    """Return the trust that asks for the most attention (`review` before `glance` before `auto`)."""
    return max(trusts, key=TRUSTS.index)


def allowed(names: Iterable[str], policy: RepoPolicy) -> tuple[Unit, ...]:
    """Return the strategies of these names in order, each once, those switched off and unknown ones left out."""
    known, off = units("strategy"), set(policy.strategies.off)
    return tuple(known[name] for name in dict.fromkeys(names) if name in known and name not in off)


def proposals(strategy: Unit, diagnosis: Diagnosis, codebase: Codebase) -> Iterator[Proposal | str]:
    """Yield what one strategy proposes, at most five; a text instead tells why it could not go on."""
    try:
        for count, proposal in enumerate(strategy(diagnosis, codebase), 1):
            yield proposal
            if count == MOST_OF_ONE:
                return
    except _SLIPS as slip:
        yield f"stopped at {type(slip).__name__}: {slip}"


def draft(strategy: Unit, proposal: Proposal, policy: RepoPolicy, edits: tuple[FileEdit, ...]) -> Draft:
    """Return the draft of a proposal; the policy caps the trust that the strategy claims."""
    about = strategy.about
    return Draft(
        strategy=strategy.name,
        trust=most_careful(about.get("trust", "review"), policy.trust),
        touches=about.get("touches", "code"),
        kind=about.get("kind", "code"),
        title=proposal.title,
        why=proposal.why,
        edits=edits,
        confidence=proposal.confidence,
    )


def in_vain(strategy: Unit, why: str) -> Draft:
    """Return a draft without edits: a strategy that was run and gave nothing, with the reason."""
    return Draft(strategy=strategy.name, trust="review", title="", why=why, edits=(), confidence=0.0)


def tried(one: Draft, why: str) -> Draft:
    """Return a draft without its edits: it was tried, with the reason why it is not offered."""
    return one.model_copy(update={"edits": (), "why": f"{one.title}: {why}", "confidence": 0.0})


def drafts(names: Iterable[str], diagnosis: Diagnosis, bench: Bench) -> Iterator[Draft]:
    """Yield the drafts of the strategies `names`: first those by rule, in order, then of a search, then of a model.

    Each kind gets its turn only when none before it helps.

    Where failing tests can be run, a draft by rule that does not make them pass is told as tried in vain; one that
    changes what is installed can only be judged in a new environment, and is left to the proof.
    """
    strategies = allowed(names, bench.policy)
    looking = can_look(diagnosis, bench.codebase)
    helps = offered = False
    klass = diagnosis.details.get("class", "")
    for one in _by_rule(strategies, diagnosis, bench):
        if not looking or not one.edits:
            offered = offered or bool(one.edits)
            yield one
            continue
        installs = any(edit.path in bench.codebase.metadata.files for edit in one.edits)
        again = _again(strategies, bench)
        good = one if installs else settled(one, diagnosis, bench.codebase, bench.sandbox, again)
        helps = helps or (good is not None and (not installs or klass in INSTALLED))
        yield good or tried(one, "the failing tests still fail with it")
    for strategy, proposal in () if helps else _later(strategies, diagnosis, bench, "search"):
        for one in _searched(strategy, proposal, diagnosis, bench):
            helps = helps or (bool(one.edits) and not one.abstained)
            yield one
    on = bench.advisor.on
    for strategy, proposal in _later(strategies, diagnosis, bench, "ask") if on and not (helps or offered) else ():
        yield _asked(strategy, proposal, diagnosis, bench)


def _by_rule(strategies: Iterable[Unit], diagnosis: Diagnosis, bench: Bench) -> Iterator[Draft]:
    """Yield the drafts of proposals that hold edits or a command, each change once."""
    tidy, seen = Tidy(bench.codebase, bench.sandbox), set()
    for strategy in strategies:
        for proposal in proposals(strategy, diagnosis, bench.codebase):
            if isinstance(proposal, str):
                yield in_vain(strategy, proposal)
                continue
            if proposal.search or proposal.ask:
                continue
            bench.progress.say(f"{strategy.name} proposes: {proposal.title}")
            made = _drafted(strategy, proposal, bench, tidy)
            if made is not None and made.edits not in seen:
                seen.update([made.edits] if made.edits else [])
                yield made


def _drafted(strategy: Unit, proposal: Proposal, bench: Bench, tidy: Tidy) -> Draft | None:
    if proposal.command:
        edits, said = changed_by(proposal.command, bench.codebase, bench.sandbox)
        vain = f"`{' '.join(proposal.command)}` changed nothing ({said})"
        return draft(strategy, proposal, bench.policy, edits) if edits else in_vain(strategy, vain)
    return draft(strategy, proposal, bench.policy, tidy.tidied(proposal.edits)) if proposal.edits else None


def _again(strategies: Iterable[Unit], bench: Bench) -> Again:
    """Return the pure part of the strategies, to be asked about the next error on a codebase with edits."""

    def asked(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[Draft]:
        for strategy in strategies:
            for proposal in proposals(strategy, diagnosis, codebase):
                if not isinstance(proposal, str) and proposal.edits:
                    yield draft(strategy, proposal, bench.policy, proposal.edits)

    return asked


def _later(
    strategies: Iterable[Unit], diagnosis: Diagnosis, bench: Bench, kind: Literal["search", "ask"]
) -> Iterator[tuple[Unit, Proposal]]:
    for strategy in strategies:
        for proposal in proposals(strategy, diagnosis, bench.codebase):
            if not isinstance(proposal, str) and getattr(proposal, kind):
                yield strategy, proposal


def _asked(strategy: Unit, proposal: Proposal, diagnosis: Diagnosis, bench: Bench) -> Draft:
    """Return the draft of what the model answers; one that leaves a failing test failing is told as tried."""
    bench.progress.say("asking the model")
    asked = question(diagnosis, bench.codebase)
    try:
        answer = bench.advisor.ask(asked, spelt(asked))
        edits = edits_of(answer, asked, bench.codebase)
    except Declined as declined:
        return in_vain(strategy, str(declined))
    if not edits:
        return in_vain(strategy, "the model is not sure of any change")
    said = proposal.model_copy(update={"title": line_of(answer.title) or proposal.title, "why": line_of(answer.why)})
    one = draft(strategy, said, bench.policy, Tidy(bench.codebase, bench.sandbox).tidied(edits))
    if not can_look(diagnosis, bench.codebase):
        return one
    run = look(one.edits, diagnosis, bench.codebase, bench.sandbox)
    return one if run is not None and all_pass(run) else tried(one, "the failing tests still fail with it")


def _searched(strategy: Unit, proposal: Proposal, diagnosis: Diagnosis, bench: Bench) -> Iterator[Draft]:
    try:
        bounds = (bench.seed, bench.seconds)
        findings = search(diagnosis, bench.codebase, bench.sandbox, bench.progress, bounds)
    except Declined as declined:
        yield in_vain(strategy, str(declined))
        return
    if not findings.plausible:
        yield in_vain(strategy, f"none of {findings.tried} edits makes the failing tests pass")
    tidy = Tidy(bench.codebase, bench.sandbox)
    for patch, found in zip(findings.plausible, finds(findings, proposal), strict=False):
        update = {
            "alternatives": len(findings.plausible) - 1,
            "abstained": findings.abstained,
            "told_apart_by": patch.apart,
            "runner_up": runner_up(findings, patch, bench.codebase),
        }
        yield draft(strategy, found, bench.policy, tidy.tidied(found.edits)).model_copy(update=update)


def pure_drafts(names: Iterable[str], diagnosis: Diagnosis, codebase: Codebase, policy: RepoPolicy) -> Iterator[Draft]:
    """Yield the drafts of strategies that need no sandbox; a proposal that would run something is left out."""
    for strategy in allowed(names, policy):
        for proposal in proposals(strategy, diagnosis, codebase):
            if isinstance(proposal, str):
                yield in_vain(strategy, proposal)
            elif proposal.edits:
                yield draft(strategy, proposal, policy, proposal.edits)


def best_of(code_drafts: Iterable[Draft]) -> Draft | None:
    """Return the surest draft that has edits, or None."""
    return max((one for one in code_drafts if one.edits), key=lambda one: one.confidence, default=None)


def with_fix(diagnosis: Diagnosis, code_drafts: tuple[Draft, ...]) -> Diagnosis:
    """Return the diagnosis with `details["fix"]`, the title of the best code draft (empty when there is none)."""
    best = best_of(code_drafts)
    return diagnosis.model_copy(update={"details": {**diagnosis.details, "fix": best.title if best else ""}})


def judged(made: Iterable[Draft], diagnosis: Diagnosis, judge: Judge) -> Iterator[Draft]:
    """Yield the test drafts that are worth keeping, of a fix one a strategy, and the others as tried in vain."""
    known, enough = units("strategy"), set[str]()
    for one in made:
        counts = any(is_open(edit) for edit in one.edits)
        if one.strategy in enough or (counts and not judge.can_run):
            continue  # one draft that tells the fix is enough, and without a run there is no bound
        kept: Draft | str = one
        if one.edits and judge.can_run:
            kept = worth_bounding(one, judge) if counts else worth_keeping(one, diagnosis, judge)
        enough.update([one.strategy] if judge.fix and isinstance(kept, Draft) else [])
        yield kept if isinstance(kept, Draft) else in_vain(known[one.strategy], kept)
