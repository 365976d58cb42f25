"""Red after green: what the last good version offers as a fix.

Each stretch that changed since then can be put back as a whole, in part (a removed statement, an added line, one line
of several, the part of a line that differs), or together with others. This is how most regressions were repaired by
Tan and Roychoudhury ("relifix: automated repair of software regressions", 2015). What is put back never brings in more
than the good version had.
"""

from __future__ import annotations

import ast
import difflib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.codebase.changes import Hunk, hunks, split_lines
from bot.search.localise import Place
from bot.search.values import Candidate, Edit, Problem

NAME = "restore"
WHOLE, PART, LINE, WORDS = 1.0, 1.6, 1.8, 1.4  # costs: minus the logarithm of how likely each kind is
ALIKE = 0.5  # lines with at least so much in common are one line changed, not one removed and one added
MOST_HUNKS = 200


@dataclass(frozen=True)
class Stretch:
    """One changed stretch of a file, with its place in the text as it is now and how suspicious it is."""

    file: str
    hunk: Hunk
    start: int
    end: int
    suspicion: float

    @property
    def whole(self) -> Edit:
        """Return the edit that puts the stretch back."""
        return Edit(self.file, self.start, self.end, "".join(self.hunk.before))


def stretches(problem: Problem, suspicion: Mapping[Place, float]) -> tuple[Stretch, ...]:
    """Return what changed in the project's own files since the good version, the most suspicious first."""
    found: list[Stretch] = []
    for file in sorted(problem.changed):
        now, before = problem.text(file), problem.good.get(file, "")
        starts = [0]
        for line in split_lines(now):
            starts.append(starts[-1] + len(line))
        for hunk in hunks(before, now):
            first = hunk.after_line - 1 if hunk.after else hunk.after_line
            last = first + len(hunk.after)
            lines = range(first, last + 2)
            score = max((suspicion.get((file, line), 0.0) for line in lines), default=0.0)
            found.append(Stretch(file, hunk, starts[first], starts[last], score))
    return tuple(sorted(found, key=lambda one: -one.suspicion)[:MOST_HUNKS])


def candidates(problem: Problem, suspicion: Mapping[Place, float]) -> Iterator[Candidate]:
    """Yield single steps back, the likeliest first."""
    changed = stretches(problem, suspicion)
    found: dict[tuple[Edit, ...], Candidate] = {}
    for one in changed:
        rare = math.log(len(changed)) if len(changed) > 1 else 0.0
        base = rare * 0.5 - math.log(0.3 + 0.7 * one.suspicion)
        for edit, cost in _steps(one, problem.text(one.file)):
            candidate = _candidate(problem, (edit,), base + cost)
            if candidate.edits not in found or found[candidate.edits].cost > candidate.cost:
                found[candidate.edits] = candidate
    yield from sorted(found.values(), key=lambda candidate: candidate.cost)


def together(problem: Problem, chosen: tuple[Stretch, ...]) -> Candidate:
    """Return the candidate that puts several stretches back at once."""
    return _candidate(problem, tuple(sorted(one.whole for one in chosen)), WHOLE + 1.5 * math.log(1 + len(chosen)))


def _candidate(problem: Problem, edits: tuple[Edit, ...], cost: float) -> Candidate:
    edit = edits[0]
    line = problem.text(edit.file).count("\n", 0, edit.start) + 1
    around = problem.codebase.function_at(edit.file, line)
    return Candidate(edits, NAME, cost, around.qualname if around else "", line)


def _steps(one: Stretch, text: str) -> Iterator[tuple[Edit, float]]:
    yield one.whole, WHOLE + 0.05 * (len(one.hunk.before) + len(one.hunk.after))
    if one.hunk.before and one.hunk.after:
        yield from _lines_back(one)
    if len(one.hunk.after) > 1:
        yield from _lines_gone(one)
    if one.hunk.before:
        yield from _statements_back(one, text)


def _pairs(one: Stretch) -> Iterator[tuple[int, int, str, str]]:
    """Yield, for each line as it is, where it stands and the line of before that it is most alike."""
    at = one.start
    for line in one.hunk.after:
        end = at + len(line)
        alike = [(difflib.SequenceMatcher(None, old.strip(), line.strip()).ratio(), old) for old in one.hunk.before]
        best = max(alike, default=(0.0, ""), key=lambda row: row[0])
        if line.strip() and best[0] >= ALIKE and best[1].strip() != line.strip():
            yield at, end, line, best[1]
        at = end


def _lines_back(one: Stretch) -> Iterator[tuple[Edit, float]]:
    """Yield each changed line as it was, and each differing part of it as it was."""
    for start, end, line, old in _pairs(one):
        yield Edit(one.file, start, end, old), LINE
        new_words, old_words = list(_words(line)), list(_words(old))
        matcher = difflib.SequenceMatcher(None, [w for _, w in new_words], [w for _, w in old_words], autojunk=False)
        changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
        for _, j1, j2, i1, i2 in changes if len(changes) > 1 else ():
            first = start + (new_words[j1][0] if j1 < len(new_words) else len(line))
            last = start + (new_words[j2][0] if j2 < len(new_words) else len(line))
            yield Edit(one.file, first, last, "".join(word for _, word in old_words[i1:i2])), WORDS


def _words(line: str) -> Iterator[tuple[int, str]]:
    """Yield names, numbers, stretches of blanks and single other characters, with their places."""
    at = 0
    while at < len(line):
        end = at + 1
        for kind in (str.isalnum, str.isspace):
            if kind(line[at]) or (kind is str.isalnum and line[at] == "_"):
                while end < len(line) and (kind(line[end]) or (kind is str.isalnum and line[end] == "_")):
                    end += 1
                break
        yield at, line[at:end]
        at = end


def _lines_gone(one: Stretch) -> Iterator[tuple[Edit, float]]:
    """Yield the stretch without each of its added lines."""
    at = one.start
    kept = {line.strip() for line in one.hunk.before}
    for line in one.hunk.after:
        if line.strip() and line.strip() not in kept:
            yield Edit(one.file, at, at + len(line), ""), PART
        at += len(line)


def _statements_back(one: Stretch, text: str) -> Iterator[tuple[Edit, float]]:
    """Yield each run of removed lines that parses by itself, put before, between and after the lines there are now."""
    places = [one.start]
    for line in one.hunk.after:
        places.append(places[-1] + len(line))
    alike = {old for _, _, _, old in _pairs(one)} if one.hunk.after else set()
    for block in _blocks(one.hunk.before):
        if set(block) & alike or (not one.hunk.after and len(block) == len(one.hunk.before)):
            continue
        for place in places:
            yield Edit(one.file, place, place, "".join(block)), PART


def _blocks(lines: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the statements that lie wholly in the lines, each with what is indented below it."""
    for first in range(len(lines)):
        indent = len(lines[first]) - len(lines[first].lstrip())
        if not lines[first].strip():
            continue
        for last in range(first + 1, len(lines) + 1):
            deeper = last < len(lines) and len(lines[last]) - len(lines[last].lstrip()) > indent
            block = "".join(line[indent:] if line.strip() else line for line in lines[first:last])
            if not deeper and _parses(block):
                yield lines[first:last]
                break


def _parses(block: str) -> bool:
    try:
        ast.parse(block)
    except (SyntaxError, ValueError):
        return False
    return True
