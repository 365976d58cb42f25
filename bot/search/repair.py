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
FURTHER = 2_000  # at most so many candidates are still tried after the first plausible one,
MARGIN = 2.5  # and none that is e^2.5 times less likely: what separates patches is rarely worth more
ENOUGH = 40
RETRY = 1_000  # after so many candidates without a find, those that ran out of ticks get another go
EFFORTS = (1, 30, 2_000)


@dataclass
class _Search:
    problem: Problem
    evaluate: Evaluate
    tried: int = 0
    until: int = 0
    plausible: list[Candidate] = field(default_factory=list)
    later: dict[int, list[tuple[int, Candidate]]] = field(default_factory=lambda: {1: [], 2: []})

    def run(self, stream: Iterator[Candidate]) -> None:
        self.until = self.problem.max_candidates
        while not self.done:
            batch = list(islice(stream, min(BATCH, self.until - self.tried)))
            if not batch or (self.plausible and batch[0].cost > self.plausible[0].cost + MARGIN):
                break
            self.take(batch, 0)
            if not self.plausible:
                self.promising()
                if self.tried % RETRY < BATCH:
                    self.again(1, 2 * BATCH)
        for level in (1, 2):
            while self.later[level] and not self.done and not self.plausible:
                self.again(level, BATCH)

    @property
    def done(self) -> bool:
        late = self.evaluate.seconds() > self.problem.budget_seconds
        return late or self.tried >= self.until or len(self.plausible) >= ENOUGH

    def promising(self) -> None:
        """Try again at once what made a failing test pass and only then ran out of ticks."""
        far = [row for row in self.later[1] if row[0]]
        self.later[1] = [row for row in self.later[1] if not row[0]]
        if far:
            self.take([candidate for _, candidate in far], 1)

    def again(self, level: int, most: int) -> None:
        """Try those that ran out of ticks with more of them: first those that got furthest, then the likeliest."""
        waiting = sorted(self.later[level], key=lambda row: (-row[0], row[1].cost))
        self.later[level] = waiting[most:]
        chosen = [candidate for _, candidate in waiting[:most]]
        for start in range(0, len(chosen), BATCH):
            if not self.done:
                self.take(chosen[start : start + BATCH], level)

    def take(self, batch: list[Candidate], level: int) -> None:
        verdicts = self.evaluate.screen(batch, EFFORTS[level])
        self.tried += len(batch) if level == 0 else 0
        passed = [one for one, verdict in zip(batch, verdicts, strict=True) if verdict.status == "passed"]
        if level < len(EFFORTS) - 1:
            judged = zip(batch, verdicts, strict=True)
            self.later[level + 1] += [
                (verdict.passed_tests, one) for one, verdict in judged if verdict.status == "over"
            ]
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
