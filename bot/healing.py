"""The main job: look, find causes, repair and prove one after the other, look again, until nothing is left to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from time import perf_counter
from typing import cast

from bot.chain import Chain, Played
from bot.codebase import of
from bot.codebase.texts import FolderTexts, read_exact, write_exact
from bot.conductor import Outcome
from bot.detectors.documentation import drift
from bot.errors import Misconfigured
from bot.fixing.merge import merge_edits
from bot.healed import Fixed, Report, Seen, Wish
from bot.model import (
    Anomaly,
    AnomalySet,
    DiagnosisSet,
    FileEdit,
    Intake,
    Request,
    Start,
    TelemetryMetrics,
    ValidationResult,
)
from bot.ports import Progress, Sandbox, Source, Store
from bot.telemetry.standing import STATIC, Before

ROUNDS = 12
ATTEMPTS = 2
LEAST_SECONDS = 20.0
UNSEARCHED = 0.25  # of the time of a cause that a search may have to be made for
LOOK = "telemetry.parse.requested"
FROM_TELEMETRY = ("performance", "behavioral", "coverage", "error", "state", "documentation")


class Healer:
    """Works on a private copy of one checkout; the checkout itself is only read."""

    def __init__(self, wish: Wish, chain: Chain, source: Source, progress: Progress) -> None:
        self.wish = wish
        self.chain = chain
        self.source = source
        self.progress = progress
        self.report = Report()
        self.now: Callable[[], float] = chain.stage.now
        self.deadline = self.now() + wish.budget_seconds
        self.tree = wish.checkout
        self.before: dict[str, str | None] = {}
        self.tried: dict[str, int] = {}
        self.before_it = Before(
            lambda: cast(Sandbox, chain.stage.ports[Sandbox]), asked=bool(wish.good and not wish.logs)
        )

    @property
    def store(self) -> Store:
        """Return the journal."""
        return self.chain.store

    def heal(self) -> Report:
        """Look and repair in rounds until the checks pass, nothing helps or the budget is spent; returns the report."""
        seen = self.look(0)
        self.check_logs(seen)
        self.report.anomalies = list(seen.anomalies)
        if not self.causes(seen) and not seen.over:
            self.report.remaining = list(self.standing(seen))
            self.report.status = "unhealed" if self.report.remaining else "healthy"
            return self.report
        for number in range(1, ROUNDS):
            proven = len(self.report.proven)
            if not self.repair(seen) or self.late():
                break
            if self.settled(seen, self.report.proven[proven:]):
                seen = replace(seen, anomalies=())
                break
            with self.timed("look again"):
                seen = self.look(number)
            self.note(seen)
            if not self.causes(seen):
                break
        return self.finish(seen)

    def settled(self, seen: Seen, fixes: list[Fixed]) -> bool:
        """Return whether the proof of the one fix since the look ran all that another look at the same tree would."""
        checks = seen.diagnosis.codebase.checks if seen.diagnosis else ()
        stale = any(failure.klass == "docs" for one in seen.anomalies for failure in one.failures)
        if len(fixes) != 1 or not fixes[0].ran_clean(checks, pages=stale):
            return False
        now = drift(of(dict(FolderTexts(self.tree)))) if self.wish.good else ()
        return not any(self.drifted(one) for one in now)

    def check_logs(self, seen: Seen) -> None:
        """Raise `Misconfigured` when the logs name files and none of them is in this checkout."""
        absent = ("No such file or directory", "not found", "does not exist")  # said of a file: it is none of anybody's
        told = (one for one in seen.metrics.failures if not any(words in one.message for words in absent))
        named = {failure.file for failure in told if failure.file}
        tests = [failure.test_id or "" for failure in seen.metrics.failures]
        named |= {test.partition("::")[0] for test in tests if "::" in test}
        if self.wish.logs and named and not any((self.wish.checkout / name).exists() for name in named):
            raise Misconfigured(
                f"{', '.join(self.wish.logs)}: the log of another project, {sorted(named)[0]} is not in this checkout",
                hint="Give a log of this repository.",
            )

    def late(self) -> bool:
        """Return whether the budget is spent."""
        return self.now() >= self.deadline

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the seconds of the block to the report's timings under `name`."""
        started = perf_counter()
        try:
            yield
        finally:
            spent = perf_counter() - started
            self.report.timings[name] = round(self.report.timings.get(name, 0.0) + spent, 3)

    def look(self, number: int) -> Seen:
        """Play sequences 1 to 3 on the tree as it is now, and return what they found."""
        logs = self.wish.logs if number == 0 else ()
        telemetry = self.wish.telemetry if number == 0 else ()
        request = self.request(f"{self.wish.id}.{number}", logs=logs, telemetry=telemetry)
        start = Start(event=LOOK, request_id=request.request_id, record_id="")
        played: dict[str, Played] = {}
        for one in self.play(start, request):
            played[one.sequence] = one
        return self.seen(played)

    def play(self, start: Start, request: Request) -> Iterator[Played]:
        """Play sequences 1 to 3, each timed under its own name; the next starts only when something was found."""
        todo = [start]
        while todo:
            begin = todo.pop()
            sequence = self.chain.plans[begin.event].sequence.id
            with self.timed(sequence):
                done = self.chain.play(begin, request)
            yield done
            if done.outcome.completed is not None and sequence != "diagnosis.analyze":
                todo.extend(done.outcome.completed.starts)

    def request(self, request_id: str, *, logs: tuple[str, ...], telemetry: tuple[str, ...]) -> Request:
        """Return the request of one look."""
        intake = Intake(
            repository=self.wish.repository,
            checkout=str(self.tree),
            logs=logs,
            telemetry=telemetry,
            baseline=self.wish.baseline,
            sequences=self.wish.sequences,
            good=self.wish.good,
            seed=self.wish.seed,
            budget_seconds=self.wish.budget_seconds,
            measure=bool(telemetry),
        )
        return Request(
            request_id=request_id,
            repository=self.wish.repository,
            checkout=str(self.tree),
            good=self.wish.good,
            seed=self.wish.seed,
            deadline=self.deadline,
            intake=intake,
        )

    def seen(self, played: Mapping[str, Played]) -> Seen:
        """Return one look, read back from the records that the sequences left."""
        parsed = played["telemetry.parse"].outcome
        if not parsed.record_id:
            return Seen(TelemetryMetrics(), over=f"what is wrong was not found: {said(parsed)}")
        metrics = self.store.load(parsed.record_id, TelemetryMetrics)
        self.report.checks = tuple(f"{check.name}: {check.command}" for check in metrics.checks) or self.report.checks
        detected = played.get("anomaly.detect")
        if detected is None:
            return Seen(metrics)
        if not detected.outcome.record_id:
            return Seen(metrics, over=f"what is wrong was not found: {said(detected.outcome)}")
        anomalies = tuple(one for one in self.store.load(detected.outcome.record_id, AnomalySet).all_anomalies)
        analyzed = played.get("diagnosis.analyze")
        if analyzed is None:
            return Seen(metrics, anomalies)
        if not analyzed.outcome.record_id:
            return Seen(metrics, anomalies, over=f"the cause was not found: {said(analyzed.outcome)}")
        found = self.store.load(analyzed.outcome.record_id, DiagnosisSet)
        starts = analyzed.outcome.completed.starts if analyzed.outcome.completed else ()
        self.report.diagnoses += [
            one.assessed.diagnosis
            for one in found.recommendations
            if one.assessed.diagnosis not in self.report.diagnoses
        ]
        return Seen(metrics, anomalies, found, starts)

    def causes(self, seen: Seen) -> tuple[Anomaly, ...]:
        """Return what calls for a repair: failing checks, what a log or telemetry shows, documentation gone wrong."""
        standing = self.standing(seen)
        every = (one for one in seen.anomalies if one not in standing)
        return tuple(one for one in every if one.failures or self.from_telemetry(one) or self.drifted(one))

    def standing(self, seen: Seen) -> tuple[Anomaly, ...]:
        """Return what static checks said of the good version that was named already, and tell of it once."""
        info = seen.diagnosis.codebase if seen.diagnosis else None
        failed = [check.name for check in seen.metrics.checks if check.exit_code]
        found = self.before_it.among(seen.anomalies, info, failed)
        told = f"left alone, {self.wish.good} has it too: "
        if found and not any(reason.startswith(told) for reason in self.report.reasons):
            self.report.reasons.append(
                told + "; ".join(one.description for one in found[:3]) + " ..." * (len(found) > 3)
            )
        return found

    def drifted(self, anomaly: Anomaly) -> bool:
        """Return whether documentation went wrong since the good version that was named."""
        named = bool(self.wish.good) and anomaly.type == "documentation"
        return named and anomaly.id not in self.drift_before

    @cached_property
    def drift_before(self) -> frozenset[str]:
        """Return the ids of what was wrong with the documentation of the good version already."""
        good = of(dict(self.source.at(self.wish.checkout, self.wish.good)))
        return frozenset(one.id for one in drift(good))

    def from_telemetry(self, anomaly: Anomaly) -> bool:
        """Return whether an anomaly rests on telemetry that was given."""
        return bool(self.wish.telemetry) and anomaly.type in FROM_TELEMETRY and anomaly.severity != "low"

    def repair(self, seen: Seen) -> bool:
        """Try every cause of one look once, apply what is proven, and return whether anything was.

        A guess waits: where a fix that is more than that was applied beside it, the next look may need no guess, or a
        better one.
        """
        wanted = {anomaly.id: anomaly for anomaly in self.causes(seen)}
        looked_at: dict[str, str | None] = {}
        mended: set[tuple[str, str]] = set()
        passing: set[str] = set()
        guesses: list[tuple[Start, Fixed]] = []
        todo = [start for start in seen.starts if self.wanted(seen, start, wanted)]
        for number, start in enumerate(todo):
            if self.late():
                self.report.reasons.append("the budget is spent")
                break
            if (place := self.observed_in(seen, start, wanted)) in mended:
                continue  # what telemetry showed there is to be looked for in the telemetry to come
            if (shows := self.shows(seen, start)) and shows <= passing:
                continue  # mended with another cause, as the next look will confirm
            weights = [self.weight(seen, one) for one in todo[number:]]
            share = max(LEAST_SECONDS, (self.deadline - self.now()) * weights[0] / sum(weights))
            fixed = self.attempt(seen, start, min(self.deadline, self.now() + share))
            if fixed.guessed:
                guesses.append((start, fixed))
            elif self.take(start, fixed, looked_at):
                mended.update([place] if place[1] else [])
                passing.update(fixed.healed, fixed.clean)
        if looked_at:
            self.wait(guesses)
        else:
            for start, fixed in guesses:
                self.take(start, fixed, looked_at)
        return bool(looked_at)

    def weight(self, seen: Seen, start: Start) -> float:
        """Return how much time a cause needs beside others: what no failing test shows is not searched for."""
        return 1.0 if self.failing(seen, start) else UNSEARCHED

    def failing(self, seen: Seen, start: Start) -> frozenset[str]:
        """Return the ids of the tests that fail of a cause."""
        found = seen.recommendation(start.subject)
        return frozenset(found.assessed.diagnosis.failing_tests if found else ())

    def shows(self, seen: Seen, start: Start) -> frozenset[str]:
        """Return what shows a cause: the tests that fail of it, else the tool that finds it without running code."""
        found = seen.recommendation(start.subject)
        details = found.assessed.diagnosis.details if found else {}
        tool = details.get("tool", "").removeprefix("pre-commit/") if details.get("class") in STATIC else ""
        return self.failing(seen, start) or frozenset([tool] if tool else [])

    def wait(self, guesses: Iterable[tuple[Start, Fixed]]) -> None:
        """Leave the causes of guesses to the next look; say so when there is no time for it."""
        for start, fixed in guesses:
            self.tried[start.subject] -= 1
            if self.late():
                where = fixed.recommendation.assessed.diagnosis.function or "the project"
                self.report.reasons.append(f"{where}: a guess is left out, give more time to see whether it is needed")

    def take(self, start: Start, fixed: Fixed, looked_at: dict[str, str | None]) -> bool:
        """Report what came of a cause and apply it; returns whether it changed anything.

        What clashes with a patch applied since the look is neither: the cause is tried once more at the next.
        """
        edits = self.beside(fixed, looked_at)
        if edits is None:
            self.tried[start.subject] -= 1
            return False
        self.report.fixes.append(fixed)
        self.apply(edits, looked_at)
        return bool(edits)

    def observed_in(self, seen: Seen, start: Start, wanted: Mapping[str, Anomaly]) -> tuple[str, str]:
        """Return the function in which telemetry showed a cause, by file and name; ('', '') for another cause."""
        found = seen.recommendation(start.subject)
        diagnosis = found.assessed.diagnosis if found else None
        anomaly = wanted.get(diagnosis.anomaly_id) if diagnosis else None
        if (
            diagnosis is None
            or anomaly is None
            or anomaly.failures
            or anomaly.type not in ("performance", "behavioral")
        ):
            return "", ""
        return diagnosis.file, diagnosis.function

    def beside(self, fixed: Fixed, looked_at: Mapping[str, str | None]) -> tuple[FileEdit, ...] | None:
        """Return the edits of a proven patch together with those applied since the look, None when they clash.

        `looked_at` holds the texts, as they were when looked at, of the files that changed since. The next look judges
        what the patches do together.
        """
        patch = fixed.result.patch if fixed.result is not None and fixed.result.proven else None
        edits = patch.edits if patch else ()
        applied = tuple(
            FileEdit(path=edit.path, text=read_exact(self.tree / edit.path)) for edit in edits if edit.path in looked_at
        )
        mine = {edit.path for edit in edits}
        merged = merge_edits(dict(looked_at), applied, edits)
        return None if merged is None else tuple(edit for edit in merged if edit.path in mine)

    def wanted(self, seen: Seen, start: Start, wanted: Mapping[str, Anomaly]) -> bool:
        """Return whether a cause is to be tried: it calls for a repair and was not tried twice already."""
        found = seen.recommendation(start.subject)
        if found is None or found.assessed.diagnosis.anomaly_id not in wanted:
            return False
        return self.tried.get(start.subject, 0) < ATTEMPTS

    def attempt(self, seen: Seen, start: Start, deadline: float) -> Fixed:
        """Play sequences 4 and 5 for one cause and return what came of it."""
        recommendation = seen.recommendation(start.subject)
        if recommendation is None:
            raise Misconfigured(f"there is no cause {start.subject}", hint="Run `selfheal heal` again.")
        self.tried[start.subject] = self.tried.get(start.subject, 0) + 1
        diagnosis = recommendation.assessed.diagnosis
        self.progress.say(f"cause: {diagnosis.pattern} in {diagnosis.function or diagnosis.file or 'the project'}")
        request = self.request(start.request_id, logs=(), telemetry=()).model_copy(update={"deadline": deadline})
        with self.timed("fix.generate"):
            written = self.chain.play(start, request)
        anomaly = next((one for one in seen.anomalies if one.id == diagnosis.anomaly_id), None)
        if written.outcome.completed is None:
            return Fixed(recommendation, anomaly, None, reason=written.outcome.reason or written.outcome.state)
        with self.timed("validation.run"):
            proof = self.chain.play(written.outcome.completed.starts[0], request)
        if not proof.outcome.record_id:
            return Fixed(recommendation, anomaly, None, reason=proof.outcome.reason or proof.outcome.state)
        result = self.store.load(proof.outcome.record_id, ValidationResult)
        reason = "proven" if result.proven else "; ".join(result.refusals[:3]) or "not proven"
        self.progress.say(reason if result.proven else f"refused: {reason}")
        return Fixed(recommendation, anomaly, result, record_id=proof.outcome.record_id, reason=reason)

    def apply(self, edits: tuple[FileEdit, ...], looked_at: dict[str, str | None]) -> None:
        """Write proven edits into the private copy, made when first needed; the texts before are put in `looked_at`."""
        if edits and self.tree == self.wish.checkout:
            self.tree = self.store.folder(f"work-{self.wish.id}") / "checkout"
            self.source.shadow(self.wish.checkout, self.tree)
        for edit in edits:
            target = self.tree / edit.path
            text = read_exact(target)
            looked_at.setdefault(edit.path, text)
            self.before.setdefault(edit.path, text)
            self.report.edits[edit.path] = edit.text
            write_exact(target, edit.text)

    def note(self, seen: Seen) -> None:
        """Add the anomalies that only this look showed to the report."""
        known = {anomaly.id for anomaly in self.report.anomalies}
        self.report.anomalies += [one for one in seen.anomalies if one.id not in known]

    def finish(self, seen: Seen) -> Report:
        """Return the report with its status: healed only when the last look found nothing left to repair."""
        report = self.report
        proven = {one.recommendation.assessed.diagnosis.anomaly_id for one in report.proven}
        left = [one for one in self.causes(seen) if one.id not in proven or self.tree != self.wish.checkout]
        report.remaining = [*left, *self.standing(seen)]
        report.reasons += [seen.over] if seen.over else []
        whole = report.proven and not report.remaining and not seen.over
        report.status = "healed" if whole else "partly" if report.proven else "unhealed"
        report.patch = self.source.diff(self.before, report.edits) if report.edits else ""
        return report


def said(ended: Outcome) -> str:
    """Return why a sequence left nothing, and what helps."""
    if ended.state == "timed-out":
        return "the time is spent; give more with --budget"
    return ended.reason or ended.state
