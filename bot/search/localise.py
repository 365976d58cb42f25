"""How suspicious each line is: Ochiai's coefficient over the tests seen, raised where exceptions passed through."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from bot.codebase.changes import changed_lines
from bot.codebase.localise import ochiai
from bot.codebase.spectrum import Spectrum
from bot.search.values import Observation, Problem

Place = tuple[str, int]
INNERMOST, CALLERS, ELSEWHERE, GIVEN, CHANGED, SUPPORT = 4.0, 2.0, 0.4, 2.0, 8.0, 0.1


def suspicion(problem: Problem, observations: Sequence[Observation]) -> dict[Place, float]:
    """Return the suspicion of each line of project code that a failing test ran, the highest being 1."""
    failing = [one for one in observations if one.outcome != "passed"]
    seen = Spectrum({one.test: one.lines for one in observations}, {one.test: one.outcome for one in observations})
    score = {
        place: value for place, value in ochiai(seen, [one.test for one in failing]).items() if _ours(problem, place[0])
    }
    for one in failing:
        _raise_frames(problem, score, one)
    for suspect in problem.suspects:
        if (suspect.file, suspect.line) in score:
            score[suspect.file, suspect.line] *= 1 + (GIVEN - 1) * suspect.score
    _raise_changes(problem, score)
    for place in score:
        if _support(problem, place[0]):
            score[place] *= SUPPORT
    top = max(score.values(), default=1.0)
    return {place: value / top for place, value in score.items()}


def _ours(problem: Problem, file: str) -> bool:
    return file in problem.codebase.python_files and not problem.codebase.is_test(file)


def _raise_changes(problem: Problem, score: dict[Place, float]) -> None:
    """Raise the lines that changed since the last good version, and the functions that hold them."""
    for file in (path for path in problem.changed if path.endswith(".py")):
        lines = set(changed_lines(problem.good.get(file), problem.text(file)))
        functions = {problem.codebase.function_at(file, line) for line in lines} - {None}
        for place in score:
            if place[0] == file:
                within = place[1] in lines or problem.codebase.function_at(*place) in functions
                score[place] *= CHANGED if within else 1.0


def _support(problem: Problem, file: str) -> bool:
    """Return whether a file only helps tests: most modules in its folder are tests."""
    folder = posixpath.dirname(file)
    around = [path for path in problem.codebase.python_files if posixpath.dirname(path) == folder]
    tests = sum(problem.codebase.is_test(path) for path in around)
    return tests >= 3 and tests > len(around) / 2


def _raise_frames(problem: Problem, score: dict[Place, float], failed: Observation) -> None:
    """Raise the lines an exception passed through; where project code raised it, lower what was not on the stack."""
    every = failed.fault.frames if failed.fault else ()
    frames = [(file, line) for file, line, _ in every if _ours(problem, file)]
    places = list(dict.fromkeys(reversed(frames)))
    seen = max(score.values(), default=1.0)
    for rank, place in enumerate(places[:6]):
        # a line that raised did run, even where the code under test put its own tracer in the place of ours
        score[place] = score.get(place, seen) * (INNERMOST if rank == 0 else CALLERS)
    if every and _ours(problem, every[-1][0]):
        near = {(file, name) for file, _, name in every}
        for place in score:
            if place not in places and not _within(problem, place, near):
                score[place] *= ELSEWHERE


def _within(problem: Problem, place: Place, functions: set[tuple[str, str]]) -> bool:
    around = problem.codebase.function_at(*place)
    return around is not None and (place[0], around.name) in functions
