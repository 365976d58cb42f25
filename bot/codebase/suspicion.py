"""What speaks against each line: coverage by test, tracebacks, changes, what the tests and the errors say.

The spectrum's score is Ochiai's coefficient (Abreu, Zoeteweij, van Gemund: "An evaluation of similarity coefficients
for software fault localization", 2006): failing runs of a line / sqrt(all failing runs * all runs of the line).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from bot.codebase import clues
from bot.codebase.absent import UNBOUND, makers
from bot.codebase.lines import MAYBE_FORGOTTEN, Lines, lines_of
from bot.codebase.repository import Codebase
from bot.codebase.spectrum import Spectrum
from bot.codebase.symbols import Symbol
from bot.model import Frame

Place = tuple[str, int]
_NEAR = 3
_OTHERS = 0.5  # what it counts that an edit cured other tests than those in question
_UNLIKELY = 4.0  # how much less likely (by its logarithm) an edit must be to count a third


class Signs(NamedTuple):
    """What speaks against one line, each between 0 and 1; as `WEIGHTS`, what each of it counts for.

    `own` is Ochiai over the failing tests in question, `every` over all failing tests, `whole` the function's best of
    the first two, `only` that no passing test runs the line. `frame` is its place in the tracebacks, `fed` that what
    it makes is used where these end. A `change` since the last good version outweighs everything else. `said` and
    `named` tell of its function that the failing tests look at it and are named after it, `inner` that it calls no
    other as suspicious, `plain` that it does more than to tell of errors. `kind`, `parts` and `idle` are how apt the
    statement is to be wrong, `branch` that failing tests decide it otherwise than passing ones, `words` that the
    error's message names something in it. `few` is Op2: failing tests run it and few of the passing ones do.
    `absent` tells that it should have made what the error says is not there, `cured` that an edit there, tried out,
    made the failing tests pass.
    """

    own: float = 0.0
    every: float = 0.0
    whole: float = 0.0
    frame: float = 0.0
    change: float = 0.0
    said: float = 0.0
    named: float = 0.0
    kind: float = 0.0
    parts: float = 0.0
    branch: float = 0.0
    only: float = 0.0
    inner: float = 0.0
    words: float = 0.0
    idle: float = 0.0
    plain: float = 0.0
    fed: float = 0.0
    few: float = 0.0
    absent: float = 0.0
    cured: float = 0.0


def ochiai(spectrum: Spectrum, failing: Iterable[str]) -> Mapping[Place, float]:
    """Return Ochiai's coefficient of every line that a failing test ran, between 0 and 1."""
    failed = spectrum.mask(failing)
    return {place: _coefficient(mask & failed, failed, mask) for place, mask in _run_by(spectrum, failed)}


def _run_by(spectrum: Spectrum, tests: int) -> Iterator[tuple[Place, int]]:
    for file, lines in spectrum.masks.items():
        yield from (((file, line), mask) for line, mask in lines.items() if mask & tests)


def _coefficient(hit: int, failed: int, mask: int) -> float:
    """Return Ochiai's coefficient: failing tests that hit, all failing tests, and all that run the line, as bits."""
    return hit.bit_count() / math.sqrt(failed.bit_count() * mask.bit_count()) if hit else 0.0


@dataclass
class Evidence:
    """What speaks against each line that failing tests ran, that a traceback names, or that changed."""

    spectrum: Spectrum
    failing: tuple[str, ...]
    codebase: Codebase
    stacks: tuple[tuple[Frame, ...], ...] = ()
    messages: tuple[str, ...] = ()
    _lines: dict[str, Lines] = field(default_factory=dict)
    _named: dict[Symbol, float] = field(default_factory=dict)

    @cached_property
    def _masks(self) -> dict[Place, int]:
        return {place: mask for place, mask in _run_by(self.spectrum, self._own) if place[0] in self.codebase.files}

    @cached_property
    def _own(self) -> int:
        """Return the failing tests in question; where they left no trace of what they ran, the others stand in."""
        run = [test for test in self.failing if test in self.spectrum.coverage]
        mine = self.spectrum.mask(test for test in run if self.spectrum.coverage[test])
        return self.spectrum.mask(self.spectrum.failing) if run and not mine else mine

    @cached_property
    def _every(self) -> int:
        return self._own | self.spectrum.mask(self.spectrum.failing)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Return all lines that anything speaks against, in order."""
        known = self.codebase.files
        return tuple(
            sorted(place for place in {*self._masks, *self._frames, *self._changes, *self._cured} if place[0] in known)
        )

    @cached_property
    def _around(self) -> dict[Place, Symbol | None]:
        return {place: self.codebase.function_at(*place) for place in self.places}

    @cached_property
    def _ochiai(self) -> dict[Place, tuple[float, float]]:
        known: dict[int, tuple[float, float]] = {}
        own, every = self._own, self._every
        for mask in set(self._masks.values()):
            mine = mask & ~(every & ~own)  # other failing tests tell nothing of this cause
            known[mask] = (_coefficient(mine & own, own, mine), _coefficient(mask & every, every, mask))
        return {place: known[mask] for place, mask in self._masks.items()}

    @cached_property
    def _whole(self) -> dict[Symbol | None, float]:
        found: dict[Symbol | None, float] = {}
        for place, (own, every) in self._ochiai.items():
            around = self._around[place]
            found[around] = max(found.get(around, 0.0), (own + every) / 2)
        return found

    @cached_property
    def _said(self) -> Mapping[str, float]:
        return clues.mentioned(self.codebase, self.failing, (frame for stack in self.stacks for frame in stack))

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(word for message in self.messages for word in clues.quoted(message))

    def lines(self, file: str) -> Lines:
        """Return what the lines of a file do; nothing of test code, which is seldom at fault."""
        if file not in self._lines:
            self._lines[file] = lines_of(None if self.codebase.is_test(file) else self.codebase.tree(file))
        return self._lines[file]

    def signs(self, place: Place) -> Signs:
        """Return what speaks against a line."""
        own, every = self._ochiai.get(place, (0.0, 0.0))
        function, line = self._around[place], self.lines(place[0])
        code = function is not None and not self.codebase.is_test(place[0])
        return Signs(
            own=own,
            every=every,
            whole=self._whole.get(function, 0.0) if function else 0.0,
            frame=self._frames.get(place, 0.0),
            change=self._changes.get(place, 0.0),
            said=min(1.0, self._said_of(function)) if code and function else 0.0,
            named=self._named_of(function) if code and function else 0.0,
            kind=line.kinds.get(place[1], 0.0),
            parts=line.parts.get(place[1], 0.0),
            branch=self._branch(place, line),
            only=float(bool(own) and not self._masks[place] & ~self._every),
            inner=self._inner(function),
            words=float(bool(self._words & line.words.get(place[1], frozenset()))) if code else 0.0,
            idle=self._idle(line.idle.get(place[1], 0.0)) * every,
            plain=self._plain(function),
            fed=self._fed(place, function) if code and function else 0.0,
            few=self._few(place),
            absent=self._absent(place, function) if code and function else 0.0,
            cured=self._cured.get(place, 0.0),
        )

    @cached_property
    def _cured(self) -> dict[Place, float]:
        """Return for each line where edits cured failing tests how likely these are beside the likeliest.

        Where none cured the tests in question, what cured others counts on lines that these run as well: one fault is
        often behind several causes.
        """
        every = self.codebase.info.cures
        own = [one for one in every if not {*one.tests}.isdisjoint(self.failing)]
        cures = own or [one for one in every if (one.file, one.line) in self._masks]
        least = min((one.cost for one in cures), default=0.0)
        found: dict[Place, float] = {}
        for one in cures:
            place, weight = (one.file, one.line), math.exp((least - one.cost) / _UNLIKELY)
            found[place] = max(found.get(place, 0.0), weight if own else weight * _OTHERS)
        return found

    def _few(self, place: Place) -> float:
        """Return Op2 on the share of failing tests (Naish, Lee, Ramamohanarao: "A model for spectra-based software
        diagnosis", 2011), 0 where passing tests alone run a line."""
        file, line = place
        mask = self._masks.get((file, self.lines(file).guards.get(line, line)), 0)  # a raise is seldom wrong itself
        failed = (mask & self._own).bit_count() / max(1, self._own.bit_count())
        return max(0.0, failed - (mask & ~self._every).bit_count() / (1 + self._passing))

    @cached_property
    def _passing(self) -> int:
        return (self.spectrum.mask(self.spectrum.outcomes) & ~self._every).bit_count()

    @cached_property
    def _makers(self) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
        return makers(self.codebase, self.stacks, self.messages)

    @cached_property
    def _ended(self) -> frozenset[Symbol | None]:
        """Return the functions in which failures end: what such a one works on, another of its name has made."""
        return frozenset(self._end(stack) for stack in self.stacks)

    def _end(self, stack: tuple[Frame, ...]) -> Symbol | None:
        own = [frame for frame in stack if frame.project]
        return self.codebase.function_at(own[-1].file, own[-1].line) if own else None

    @cached_property
    def _unbound(self) -> frozenset[Symbol | None]:
        """Return the functions that failed to give a local variable of theirs a value: nobody else can."""
        pairs = zip(self.stacks, self.messages, strict=False)
        return frozenset(self._end(stack) for stack, message in pairs if UNBOUND.search(message))

    def _absent(self, place: Place, function: Symbol) -> float:
        """Return 1 for who gave a useless value, or a variable or attribute none; half that in the rest of a class."""
        gave, lacking = self._makers
        owner = function.qualname.rpartition(".")[0].rpartition(".")[2]
        names = {name for kind, name in lacking if kind == owner}
        sets = self.lines(place[0]).sets.get(place[1], frozenset())
        gives = function.name in gave and function not in self._ended
        if function in self._unbound or gives or names & sets or (names and function.name in {"__init__", "__new__"}):
            return 1.0
        return 0.5 if names else 0.0

    def _branch(self, place: Place, lines: Lines) -> float:
        """Return by how much failing tests differ from passing ones in what they do at a condition."""
        body, mask = lines.bodies.get(place[1]), self._masks.get(place, 0)
        passing = mask & ~self._every
        if body is None or not mask or not passing:
            return 0.0
        inside = self._masks_at(place[0], body)
        failed = (inside & self._own).bit_count() / (mask & self._own).bit_count()
        return abs(failed - (inside & passing).bit_count() / passing.bit_count())

    def _masks_at(self, file: str, line: int) -> int:
        return self.spectrum.masks.get(file, {}).get(line, 0)

    @cached_property
    def _callees(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """Return for each suspected function the names it calls."""
        files = {place[0] for place in self.places}
        found: dict[tuple[str, str], set[str]] = {}
        for file in files:
            for call in self.codebase.calls(file):
                found.setdefault((file, call.caller), set()).add(call.name.rpartition(".")[2])
        return {key: frozenset(names) for key, names in found.items()}

    @cached_property
    def _strong(self) -> Mapping[str, float]:
        """Return the suspicion of suspected functions by name."""
        return {one.name: score for one, score in self._whole.items() if one}

    def _inner(self, function: Symbol | None) -> float:
        """Return 1 for a function that calls no other as suspicious as itself: what is wrong is wrong in it."""
        if function is None:
            return 0.0
        called = self._callees.get((function.file, function.qualname), frozenset()) - {function.name}
        own = self._whole.get(function, 0.0)
        return float(not any(self._strong.get(name, 0.0) >= own for name in called))

    def _idle(self, how: float) -> float:
        """A last call in a function that returns nothing anywhere is suspicious only where None turned up."""
        return how if how > MAYBE_FORGOTTEN or any("None" in message for message in self.messages) else 0.0

    def _plain(self, function: Symbol | None) -> float:
        """Return 0 for what only tells of a fault elsewhere: exceptions' own methods and texts for people."""
        if function is None or (function.name in ("__repr__", "__str__") and not self._said_of(function)):
            return 0.0
        owner = function.qualname.rpartition(".")[0]
        return float((function.file, owner) not in self._exceptions)

    @cached_property
    def _exceptions(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            (file, name)
            for file in {place[0] for place in self.places}
            for name in clues.exception_classes(self.codebase.tree(file))
        )

    @cached_property
    def _crashed(self) -> Mapping[str, float]:
        """Return the names that the innermost project lines of the failures use, by how many failures do."""
        found: dict[str, float] = {}
        for stack in self.stacks:
            own = [one for one in stack if one.project and one.file in self.codebase.files]
            last = own[-1] if own else None
            if last and not self.codebase.is_test(last.file):
                for name in self.lines(last.file).uses.get(last.line, ()):
                    found[name] = found.get(name, 0.0) + 1 / len(self.stacks)
        return found

    def _fed(self, place: Place, function: Symbol) -> float:
        """Return how often what a line sets, or its function returns, is used where the failures end."""
        if not self._crashed:
            return 0.0
        sets = self.lines(place[0]).sets.get(place[1], frozenset())
        return max([self._crashed.get(name, 0.0) for name in (function.name, *sets)])

    def _said_of(self, function: Symbol) -> float:
        """A class's name stands for its constructor, half as strongly as a method's own name for the method."""
        owner = function.qualname.rpartition(".")[0].rpartition(".")[2]
        made = self._said.get(owner, 0.0) / 2 if function.name in {"__init__", "__new__"} else 0.0
        return max(self._said.get(function.name, 0.0), made)

    def _named_of(self, function: Symbol) -> float:
        if function not in self._named:
            self._named[function] = clues.named_after(function, self._test_words)
        return self._named[function]

    @cached_property
    def _test_words(self) -> frozenset[str]:
        return clues.words_of(self.failing)

    @cached_property
    def _frames(self) -> dict[Place, float]:
        """The innermost frame of the project's own code weighs 1, each frame further out a third less."""
        found: dict[Place, float] = {}
        for stack in self.stacks:
            for place, weight in self._stack(stack).items():
                found[place] = found.get(place, 0.0) + weight / len(self.stacks)
        return found

    def _stack(self, stack: tuple[Frame, ...]) -> dict[Place, float]:
        own = [frame for frame in stack if frame.project and frame.file in self.codebase.files]
        weight = 1.0
        found: dict[Place, float] = {}
        for frame in reversed([frame for frame in own if not self.codebase.is_test(frame.file)] or own):
            guard = self.lines(frame.file).guards.get(frame.line)
            if guard and not found:
                found[frame.file, guard] = weight  # a raise is seldom wrong, the condition that leads to it may be
            found.setdefault((frame.file, frame.line), weight)
            weight *= 2 / 3
        return found

    @cached_property
    def _changes(self) -> dict[Place, float]:
        """A changed line weighs 1, a suspected line within three lines of a change or in a changed function half."""
        changed = self.codebase.changed
        exact = {(file, line) for file, lines in changed.items() for line in lines if file.endswith(".py")}
        functions = {(s.file, s.qualname) for file, line in exact if (s := self.codebase.function_at(file, line))}
        found = dict.fromkeys(exact, 1.0)
        for file, line in {*self._masks, *self._frames} - exact if exact else ():
            around = self.codebase.function_at(file, line)
            near = any((file, other) in exact for other in range(line - _NEAR, line + _NEAR + 1))
            if near or (around and (file, around.qualname) in functions):
                found[file, line] = 0.5
        return found
