"""Where changes cure: likely edits are tried on the failing tests to find the line at fault, before any repair.

An edit that makes failing tests pass tells more of a place than all that ran there (Moon, Kim, Kim, Yoo: "Ask the
Mutants: Mutating Faulty Programs for Fault Localization", 2014). It need not be the right repair for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from bot.errors import Declined
from bot.model import Cure
from bot.search.generate import candidates
from bot.search.hints import hints
from bot.search.localise import Place, suspicion
from bot.search.values import Candidate, Evaluate, Problem, Verdict

BATCH = 20
FURTHER = 60  # candidates that are still tried after the first cure: others may be likelier to be right
SHARP, LEAST = 2, 0.1  # the power of a suspect's score (from 0 to 1) that its edits are put off by, and the least score


@dataclass
class _Trial:
    evaluate: Evaluate
    end: float
    tried: int = 0
    until: int = 0

    def take(self, batch: list[Candidate]) -> list[Candidate]:
        """Return those of some candidates that cure: all tests that ran pass."""
        self.tried += len(batch)
        passed = _passed(batch, self.evaluate.screen(batch))
        cured = _passed(passed, self.evaluate.confirm(passed)) if passed else []
        if cured:
            self.until = min(self.until, self.tried + FURTHER)
        return cured

    @property
    def over(self) -> bool:
        return self.tried >= self.until or self.evaluate.seconds() > self.end


def _passed(some: list[Candidate], verdicts: Sequence[Verdict]) -> list[Candidate]:
    return [one for one, verdict in zip(some, verdicts, strict=True) if verdict.status == "passed"]


def _sharpened(problem: Problem, suspicious: Mapping[Place, float]) -> dict[Place, float]:
    """Return the suspicion with that of the suspects far ahead: time is short, and they are ranked by more."""
    scores = {(one.file, one.line): one.score for one in problem.suspects}
    rest = LEAST * min(scores.values(), default=1.0)
    return {place: value * max(scores.get(place, rest), LEAST) ** SHARP for place, value in suspicious.items()}


def cures(problem: Problem, evaluate: Evaluate) -> tuple[Cure, ...]:
    """Return where single edits cure the failing tests, the likeliest edits first; none when time ends before.

    At most `max_candidates` are tried, in `budget_seconds` after the tests were observed. Raises `Declined` when the
    tests do not fail here.
    """
    observations = evaluate.observe()
    failing = tuple(one.test for one in observations if one.outcome != "passed")
    told = hints(problem, failing, [one.fault for one in observations])
    stream = candidates(problem, _sharpened(problem, suspicion(problem, observations)), told)
    trial = _Trial(evaluate, evaluate.seconds() + problem.budget_seconds, until=problem.max_candidates)
    found: list[Candidate] = []
    with suppress(Declined):  # the box may end before; what was found until then holds
        while not trial.over and (batch := list(islice(stream, BATCH))):
            found += trial.take(batch)
    ordered = sorted(found, key=lambda one: one.cost)
    return tuple(Cure(tests=failing, file=one.files[0], line=one.line, cost=round(one.cost, 3)) for one in ordered)
