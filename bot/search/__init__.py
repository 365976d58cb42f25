"""The search-based repair: localise, mutate, evaluate, rank; pure but for the evaluation."""

from __future__ import annotations

from bot.search.evaluator import Bounds, Tests, evaluator
from bot.search.repair import repair
from bot.search.values import (
    Candidate,
    Edit,
    Evaluate,
    Fault,
    Findings,
    Observation,
    Plausible,
    Problem,
    Verdict,
)

__all__ = [
    "Bounds",
    "Candidate",
    "Edit",
    "Evaluate",
    "Fault",
    "Findings",
    "Observation",
    "Plausible",
    "Problem",
    "Tests",
    "Verdict",
    "evaluator",
    "repair",
]
