"""Decides what the findings of the parsers come to: which of them count, in what order, and the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.logs.causes import cause_key, last_own_frame
from bot.logs.commands import KINDS, kind_at
from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.steps import Step, ended, finished, steps_of
from bot.model import Failure, Verdict

TIERS: tuple[frozenset[str], ...] = (
    frozenset({"disk-full", "actions-config", "lockfile", "dependency-conflict", "python-version", "packaging"}),
    frozenset({"oom", "crash"}),
    frozenset({"syntax-error", "missing-dependency", "import-error", "network-flake", "no-tests-collected"}),
    frozenset({"test-failure", "data-missing", "timeout", "type", "lint", "format", "docs"}),
    frozenset({"coverage"}),
    frozenset({"gate-job", "none"}),
)


MOST = 5_000  # findings weighed and told of one log
UNSURE = 0.4  # what is told with less may be told by the command that ran
REPORT_LINE = 500  # a report may be one line as long as the file


@dataclass(frozen=True)
class Judged:
    """What one log comes to: the verdict, the findings that count with the root cause first, and its steps.

    `left_out` is how many lines and findings of one kind were too many to be read and weighed.
    """

    log: Log
    verdict: Verdict
    found: tuple[Found, ...]
    steps: tuple[Step, ...]
    left_out: int = 0


def judge(log: Log, said: Iterable[Found | Claim], exit_code: int | None = None) -> Judged:
    """Return what the parsers' words come to; `exit_code` is known for a check that was run here."""
    said = list(said)
    steps = steps_of(log)
    every = sorted((s for s in said if isinstance(s, Found)), key=lambda f: f.index)
    found = every if len(every) <= MOST else [*every[: MOST // 2], *every[-MOST // 2 :]]
    claims = [s for s in said if isinstance(s, Claim)][:MOST]
    failed = _failed(log, steps, exit_code)
    if failed is False:
        return Judged(log, "passed", (), steps)
    kept = [f for f in found if _counts(f, claims) and (exit_code or _in_failed_step(f, steps))]
    kept = [_by_command(one, log, steps, claims) for one in _own_doing(_strongest(kept, steps), steps)]
    good = any(claim.ok for claim in claims)
    if failed is None and not _proven(kept, good):
        return Judged(log, "passed" if good else "unknown", (), steps)
    return Judged(log, "failed", tuple(_ranked(_one_a_line(kept))), steps, len(every) - len(found) + log.passed_over)


def judge_report(log: Log, said: Sequence[Found | Claim]) -> Judged:
    """Return what a report comes to: all its findings count, and it passed when it ran something and has none."""
    found = [replace(one, details={**one.details, "report": log.name}) for one in said if isinstance(one, Found)]
    ran = any(isinstance(one, Claim) for one in said)
    verdict: Verdict = "failed" if found else "passed" if ran else "unknown"
    return Judged(log, verdict, tuple(_ranked(found)), ())


def named(judged: Judged, tool: str) -> Judged:
    """Return what a failed check came to, told by the tool that ran where its output tells nothing."""
    if judged.verdict != "failed" or tool not in KINDS or any(f.klass != "none" for f in judged.found):
        return judged
    index = judged.found[0].index if judged.found else max(0, len(judged.log) - 1)
    message = judged.log.line(index).strip() or f"{tool} failed"
    return replace(judged, found=(Found(index, KINDS[tool], tool, message, confidence=0.4),))


def _by_command(one: Found, log: Log, steps: Sequence[Step], claims: Sequence[Claim]) -> Found:
    """Return what nothing explains as a failure of the kind that the command is for, where one is known to have run.

    Tests that all passed are not what failed.
    """
    if one.klass != "none" or one.weight != Weight.HINT or one.confidence > UNSURE:
        return one
    kind = kind_at(log, steps, one.index)
    step = next((step for step in steps if step.holds(one.index)), None)
    well = {c.tool for c in claims if c.ok and step and step.holds(c.start)}
    return replace(one, klass=kind[1], tool=kind[0]) if kind and kind[0] not in well else one


def _proven(kept: Sequence[Found], good: bool) -> bool:
    """Where the log does not say how it ended, a hint proves a failure only when no tool says that it went well."""
    return any(one.proof and (one.weight != Weight.HINT or not good) for one in kept)


def _failed(log: Log, steps: Sequence[Step], exit_code: int | None) -> bool | None:
    if exit_code is not None:
        return exit_code != 0
    said = ended(log)
    if said is not None:
        return not said
    if any(step.failed for step in steps):
        return True
    if finished(log) and any(step.name and step.name != "Post job cleanup" for step in steps):
        return False
    return None


def _counts(found: Found, claims: Sequence[Claim]) -> bool:
    if found.scope == "all":
        return True
    around = [c for c in claims if c.holds(found.index) and not (found.scope == "machine" and c.ok is None)]
    if any(c.ok for c in around):
        return False
    return not around or any(c.tool == found.tool for c in around)


def _in_failed_step(found: Found, steps: Sequence[Step]) -> bool:
    if not any(step.failed for step in steps):
        return True
    return any(step.failed for step in steps if step.holds(found.index)) or (found.scope == "machine" and found.proof)


def _strongest(found: list[Found], steps: Sequence[Step]) -> list[Found]:
    """An umbrella yields to causes in its span; a hint counts only in a step with nothing better."""
    causes = [f for f in found if f.weight == Weight.CAUSE]
    kept = [f for f in found if f.weight != Weight.UMBRELLA or not any(f.covers(c.index) for c in causes)]
    strong = [f for f in kept if f.weight != Weight.HINT]
    hints = [f for f in kept if f.weight == Weight.HINT]
    for step in steps:
        if not any(step.holds(f.index) for f in strong):
            inside = [f for f in hints if step.holds(f.index)]
            strong.extend(sorted(inside, key=lambda f: (f.confidence, f.index))[-1:])
    return strong


def cancelled(one: Found) -> bool:
    """Return whether nothing but a bare cancellation is told."""
    return one.klass == "timeout" and one.weight == Weight.HINT and "cancel" in one.message


def _own_doing(found: list[Found], steps: Sequence[Step]) -> list[Found]:
    """A job that is only cancelled was stopped since another failed, where another did."""
    job = {id(one): next((step.job for step in steps if step.holds(one.index)), "") for one in found}
    broken = {job[id(one)] for one in found if not cancelled(one)}
    return [one for one in found if not cancelled(one) or broken <= {job[id(one)]}]


def _one_a_line(found: Sequence[Found]) -> list[Found]:
    """A line that several parsers know is told by the one that is surest of it, a crashed test by its crash."""
    best: dict[int, Found] = {}
    tests = []
    crashed = {one.test_id for one in found if one.klass == "crash" and one.test_id}
    for one in found:
        if one.test_id in crashed and one.klass == "test-failure" and not one.message:
            continue
        if one.test_id is not None:
            tests.append(one)
        elif one.index not in best or one.confidence > best[one.index].confidence:
            best[one.index] = one
    return [*tests, *best.values()]


def _ranked(found: Iterable[Found]) -> list[Found]:
    """Order by what stops what: the machine and the installation before imports, these before tests."""
    seen: dict[tuple[object, ...], Found] = {}
    for one in sorted(found, key=lambda f: f.index):
        key = (one.klass, one.test_id, one.file, one.line, one.code, one.message, one.details.get("module"))
        seen.setdefault(key, one)
    return sorted(seen.values(), key=lambda f: (tier(of_test(f.klass, f.test_id)), f.index))


def of_test(klass: str, test_id: str | None) -> str:
    """Return the class that decides the rank: network trouble inside of a test stops no other test."""
    return "test-failure" if test_id and klass == "network-flake" else klass


def tier(klass: str) -> int:
    """Return how early a class of failure stops a run: what has a smaller number is the cause of what has a larger."""
    return next(i for i, tier in enumerate(TIERS) if klass in tier)


def failures(judged: Judged) -> tuple[Failure, ...]:
    """Return the findings as failures; those with one type and message, or one own frame, share a cause."""
    merged: dict[str, str] = {}
    made: list[Failure] = []
    for one in judged.found:
        key = cause_key(one.klass, one.exception, one.message or one.code)
        frame = last_own_frame(one.frames)
        if frame:
            place = f"{one.klass}:{one.exception}:{frame}"
            key = merged.setdefault(place, key)
        made.append(_failure(one, judged.log, key))
    return tuple(made)


def _failure(one: Found, log: Log, key: str) -> Failure:
    return Failure.model_validate(
        {
            "class": one.klass,
            "tool": one.tool,
            "test_id": one.test_id,
            "exception": one.exception,
            "message": one.message,
            "file": one.file,
            "line": one.line,
            "frames": one.frames,
            "log": log.name,
            "root_line": log.raw(one.index)[: REPORT_LINE if "report" in one.details else None],
            "root_line_no": log.number(one.index),
            "confidence": one.confidence,
            "cause_key": key,
            "code": one.code,
            "details": tuple(sorted(one.details.items())),
        }
    )
