"""The search: candidates in order of likelihood, tried until plausible ones are found or a bound is reached."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from bot.search import history
from bot.search.choose import choose
from bot.search.generate import candidates
from bot.search.hints import hints
from bot.search.localise import Place, suspicion
from bot.search.minimal import minimal
from bot.search.pairs import Step, gain, pairs
from bot.search.values import Candidate, Evaluate, Findings, Observation, Problem, Verdict

BATCH, SMALL = 100, 20
TOGETHER = 10.0  # seconds that candidates tried together may take
FURTHER = 2_000  # at most so many candidates are still tried after the first plausible one,
EFFORT, EACH = 6_000_000, 500  # nor more ticks than that, each candidate by itself being worth some
MARGIN = 4.0  # and none that is e^4 times less likely: what separates patches is rarely worth more
ENOUGH = 40
SOON, RETRY = 300, 1_000  # after so many candidates without a find, those that ran out of ticks get another go
LEAST_SHARE = 0.5  # of the budget that candidates get, however long it took to see what the tests do
HALF = 0.5  # what getting further within a test counts as
EFFORTS = (1, 30, 2_000)
SLOW = 1  # how many of the most promising may now and then take very long
SINGLES, PAIRS = 12_000, 12_000  # single edits tried before pairs on the way, and such pairs before other single edits


@dataclass
class _Search:
    problem: Problem
    evaluate: Evaluate
    first: Observation
    tried: int = 0
    until: int = 0
    spent: int = 0
    enough: float = math.inf
    end: float = 0.0
    plausible: list[Candidate] = field(default_factory=list)
    later: dict[int, list[tuple[float, Candidate]]] = field(default_factory=lambda: {1: [], 2: []})
    steps: list[Step] = field(default_factory=list)
    likely: list[Candidate] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.until = self.problem.max_candidates
        budget = self.problem.budget_seconds
        self.end = max(budget, self.evaluate.seconds() + LEAST_SHARE * budget)

    @property
    def done(self) -> bool:
        late = self.evaluate.seconds() > self.end
        return late or self.tried >= self.until or self.spent >= self.enough or len(self.plausible) >= ENOUGH

    def singles(self, stream: Iterator[Candidate], most: int, size: int = BATCH) -> None:
        """Try up to `most` candidates of a stream in its order, and now and then those that ran out of ticks."""
        end = self.tried + most
        while not self.done and self.tried < end:
            before = self.evaluate.seconds()
            batch = list(islice(stream, min(size, self.until - self.tried)))
            if not batch or (self.plausible and batch[0].cost > self.plausible[0].cost + MARGIN):
                return
            self.take(batch, 0)
            size = fewer(size, self.evaluate.seconds() - before)
            if not self.plausible:
                self.again(1, BATCH, least=HALF)
                if self.tried % RETRY < size or self.tried == SOON:
                    self.again(1, BATCH)
                    self.again(2, SLOW, least=HALF)

    def rest(self) -> None:
        """Try what ran out of ticks with as many as it takes, as long as nothing is found."""
        for level, few in ((1, SMALL), (2, SLOW)):
            while self.later[level] and not self.done and not self.plausible:
                self.again(level, few)

    def go_back(self, suspicious: Mapping[Place, float]) -> None:
        """Try what the last good version offers: single steps back, then the fewest changes undone together."""
        self.singles(history.candidates(self.problem, suspicious), self.until, SMALL)
        changed = history.stretches(self.problem, suspicious)
        if not self.plausible and len(changed) > 1 and not self.done:
            self.undo(changed)

    def undo(self, changed: tuple[history.Stretch, ...]) -> None:
        """Find the fewest changes that must be undone together."""

        def passes(chosen: tuple[history.Stretch, ...]) -> bool:
            self.tried += 1
            return self.evaluate.screen([history.together(self.problem, chosen)])[0].status == "passed"

        if passes(changed):
            fewest = minimal(changed, lambda chosen: not self.done and passes(chosen))
            self.take([history.together(self.problem, fewest)], 0)

    def again(self, level: int, most: int, least: float = 0) -> None:
        """Give those that ran out of ticks more of them: who got furthest first, of these the likeliest."""
        waiting = sorted(self.later[level], key=lambda row: (-row[0], row[1].cost))
        chosen = [row for row in waiting if row[0] >= least][:most]
        self.later[level] = [row for row in waiting if row not in chosen]
        if chosen and not self.done:
            self.take([candidate for _, candidate in chosen], level)

    def take(self, batch: Sequence[Candidate], level: int) -> None:
        """Try candidates, confirm those that pass, and remember what is worth another try."""
        judged = list(zip(batch, self.evaluate.screen(batch, EFFORTS[level]), strict=True))
        self.tried += len(batch) if level == 0 else 0
        self.spent += sum(EACH + verdict.ticks for _, verdict in judged)
        self.confirm([one for one, verdict in judged if verdict.status == "passed"])
        last = len(EFFORTS) - 1
        for one, verdict in judged:
            if verdict.status == "over" and level < last:
                self.later[last if verdict.slow else level + 1].append((gain(self.first, verdict), one))
        if level == 0 and not self.plausible:
            self.remember(judged)
        self.problem.progress(self.tried, len(self.plausible))

    def confirm(self, passed: Sequence[Candidate]) -> None:
        if not passed:
            return
        confirmed = self.evaluate.confirm(passed)
        sound = [one for one, verdict in zip(passed, confirmed, strict=True) if verdict.status == "passed"]
        if sound and not self.plausible:
            self.until = min(self.until, self.tried + FURTHER)
            self.enough = self.spent + EFFORT
        self.plausible += sound

    def remember(self, judged: Sequence[tuple[Candidate, Verdict]]) -> None:
        """Keep the steps on the way, and all that compiles as the other half of a pair."""
        for candidate, verdict in judged:
            if verdict.status in ("failed", "over"):
                self.likely.append(candidate)
                got = gain(self.first, verdict)
                if got:
                    self.steps.append(Step(candidate, got))


def fewer(size: int, seconds: float) -> int:
    """Return how many candidates to try together after so many took so many seconds: in between the time is looked at.

    Never more than before, and one at the least.
    """
    return size if seconds <= TOGETHER else max(1, int(size * TOGETHER / seconds))


def repair(problem: Problem, evaluate: Evaluate) -> Findings:
    """Return the plausible patches for a problem, best first; raises `Declined` when its tests don't fail here."""
    observations = evaluate.observe()
    suspicious = suspicion(problem, observations)
    failing = tuple(one.test for one in observations if one.outcome != "passed")
    search = _Search(problem, evaluate, observations[0])
    if problem.changed:
        search.go_back(suspicious)
    told = hints(problem, failing, [one.fault for one in observations])
    stream = candidates(problem, suspicious, told)
    search.singles(stream, SINGLES)
    if not search.plausible:
        search.singles(pairs(search.steps, search.likely), PAIRS)
    if not search.plausible:
        search.singles(stream, problem.max_candidates)
        search.rest()
    if not search.plausible:
        search.singles(pairs([Step(one, 0.0) for one in search.likely], search.likely), problem.max_candidates)
    return choose(problem, search.plausible, search.tried, evaluate)
