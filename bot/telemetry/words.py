"""Counts in plain words."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, which takes an s where there is not exactly one."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


JOB_FAILED, STEP_FAILED = "JobFailed", "StepFailed"  # what the errors of a CI run's own beats are called
