"""The search: candidates in order of likelihood, tried until plausible ones are found or a bound is reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from bot.search.choose import choose
from bot.search.generate import candidates
from bot.search.localise import suspicion
from bot.search.values import Candidate, Evaluate, Findings, Problem

BATCH = 100
FURTHER = 2_000  # candidates still tried after the first plausible one: likelier patches are not always found first
ENOUGH = 40


@dataclass
class _Search:
    problem: Problem
    evaluate: Evaluate
    tried: int = 0
    until: int = 0
    plausible: list[Candidate] = field(default_factory=list)
    later: list[Candidate] = field(default_factory=list)

    def run(self, stream: Iterator[Candidate]) -> None:
        self.until = self.problem.max_candidates
        while self.tried < self.until and len(self.plausible) < ENOUGH:
            if self.evaluate.seconds() > self.problem.budget_seconds:
                return
            batch = list(islice(stream, min(BATCH, self.until - self.tried)))
            if not batch:
                return
            self.take(batch)

    def take(self, batch: list[Candidate]) -> None:
        verdicts = self.evaluate.screen(batch)
        self.tried += len(batch)
        passed = [one for one, verdict in zip(batch, verdicts, strict=True) if verdict.status == "passed"]
        self.later += [one for one, verdict in zip(batch, verdicts, strict=True) if verdict.status == "over"]
        if passed:
            confirmed = self.evaluate.confirm(passed)
            sound = [one for one, verdict in zip(passed, confirmed, strict=True) if verdict.status == "passed"]
            if sound and not self.plausible:
                self.until = min(self.until, self.tried + FURTHER)
            self.plausible += sound
        self.problem.progress(self.tried, len(self.plausible))


def repair(problem: Problem, evaluate: Evaluate) -> Findings:
    """Return the plausible patches for a problem, best first; raises `Declined` when its tests don't fail here."""
    observations = evaluate.observe()
    search = _Search(problem, evaluate)
    search.run(candidates(problem, suspicion(problem, observations)))
    return choose(problem, search.plausible, search.tried)
