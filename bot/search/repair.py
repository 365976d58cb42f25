"""The search: candidates in order of likelihood, tried until plausible ones are found or a bound is reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from bot.search import history
from bot.search.choose import choose
from bot.search.generate import candidates
from bot.search.localise import Place, suspicion
from bot.search.minimal import minimal
from bot.search.values import Candidate, Evaluate, Findings, Problem

BATCH, SMALL = 100, 20
FURTHER = 2_000  # at most so many candidates are still tried after the first plausible one,
MARGIN = 4.0  # and none that is e^4 times less likely: what separates patches is rarely worth more
ENOUGH = 40
RETRY = 1_000  # after so many candidates without a find, those that ran out of ticks get another go
EFFORTS = (1, 30, 2_000)
SLOW = 3  # how many of the most promising may now and then take very long


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
                self.again(1, BATCH, least=1)
                if self.tried % RETRY < BATCH:
                    self.again(1, BATCH)
                    self.again(2, SLOW, least=1)
        for level in (1, 2):
            while self.later[level] and not self.done and not self.plausible:
                self.again(level, BATCH)

    def go_back(self, suspicious: Mapping[Place, float]) -> None:
        """Try what the last good version offers: single steps back, then the fewest changes undone together."""
        self.until = self.problem.max_candidates
        steps = history.candidates(self.problem, suspicious)
        while not self.done:
            batch = list(islice(steps, SMALL))
            if not batch or (self.plausible and batch[0].cost > self.plausible[0].cost + MARGIN):
                break
            self.take(batch, 0)
        changed = history.stretches(self.problem, suspicious)
        if not self.plausible and len(changed) > 1 and not self.done:
            self.undo(changed)

    def undo(self, changed: tuple[history.Stretch, ...]) -> None:
        """Find the fewest changes that must be undone together (delta debugging: Zeller and Hildebrandt, 2002)."""

        def passes(chosen: tuple[history.Stretch, ...]) -> bool:
            self.tried += 1
            return self.evaluate.screen([history.together(self.problem, chosen)])[0].status == "passed"

        if passes(changed):
            fewest = minimal(changed, lambda chosen: not self.done and passes(chosen))
            self.take([history.together(self.problem, fewest)], 0)

    @property
    def done(self) -> bool:
        late = self.evaluate.seconds() > self.problem.budget_seconds
        return late or self.tried >= self.until or len(self.plausible) >= ENOUGH

    def again(self, level: int, most: int, least: int = 0) -> None:
        """Give those that ran out of ticks more of them: who passed most tests first, of these the likeliest."""
        waiting = sorted(self.later[level], key=lambda row: (-row[0], row[1].cost))
        chosen = [row for row in waiting if row[0] >= least][:most]
        self.later[level] = [row for row in waiting if row not in chosen]
        if chosen and not self.done:
            self.take([candidate for _, candidate in chosen], level)

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
    suspicious = suspicion(problem, observations)
    search = _Search(problem, evaluate)
    if problem.changed:
        search.go_back(suspicious)
    search.run(candidates(problem, suspicious))
    return choose(problem, search.plausible, search.tried, evaluate)
