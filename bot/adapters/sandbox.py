"""Picks the strongest sandbox that this machine allows, by trying to break out of it, and never lowers it silently."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.adapters.sandbox_base import BaseSandbox
from bot.adapters.sandbox_bubblewrap import Bubblewrap
from bot.adapters.sandbox_janitor import sweep
from bot.adapters.sandbox_landlock import Landlock
from bot.adapters.sandbox_launcher import landlock_abi
from bot.adapters.sandbox_none import HINT, NoSandbox
from bot.adapters.sandbox_probes import ProbeResult, explain
from bot.adapters.sandbox_probes import probe as break_out
from bot.adapters.sandbox_profile import Shape
from bot.adapters.sandbox_seccomp import supported
from bot.adapters.sandbox_trusted import Trusted
from bot.ports import Sandbox, SandboxLevel

_SHAPES = (Shape(), Shape(disable_userns=False), Shape(proc=False), Shape(proc=False, disable_userns=False))


@dataclass(frozen=True)
class SelfTest:
    """What the self-test found: the level, how it is made, every probe at that level, and why no better one works."""

    level: SandboxLevel
    program: str = ""
    shape: Shape = field(default_factory=Shape)
    probes: tuple[ProbeResult, ...] = ()
    why: tuple[str, ...] = ()

    def explained(self) -> str:
        """Return the result for people: the level, what got through, and why no better level works."""
        blocked = sum(result.blocked for result in self.probes)
        lines = [f"level {self.level}"]
        if self.probes:
            lines[0] += f", {blocked} of {len(self.probes)} attempts to break out blocked"
        lines += [f"not blocked: {result.name} ({result.seen})" for result in self.probes if not result.blocked]
        return "; ".join((*lines, *self.why))


def candidates() -> Iterator[SelfTest | str]:
    """Yield the levels worth trying here, strongest first, or why one is out of the question."""
    program = shutil.which("bwrap")
    if program is None:
        yield "bubblewrap: it is not installed"
    else:
        yield from (SelfTest(shape.level, program, shape) for shape in _SHAPES)
    if landlock_abi() < 1:
        yield "landlock: this kernel has none, or it is off"
    elif not supported():
        yield "landlock: no filter of system calls is known for this processor"
    else:
        yield SelfTest("landlock")


def build(found: SelfTest) -> BaseSandbox:
    """Return the sandbox that a self-test stands for; its level must not be `none` or `trusted`."""
    return Landlock() if found.level == "landlock" else Bubblewrap(found.program, found.shape)


def self_test() -> SelfTest:
    """Return the strongest level that blocks every needed probe here, with what kept the stronger ones from it."""
    why: list[str] = []
    for candidate in candidates():
        if isinstance(candidate, str):
            why.append(candidate)
            continue
        probes = break_out(build(candidate))
        reason = explain(probes)
        if not reason:
            return replace(candidate, probes=probes, why=tuple(dict.fromkeys(why)))
        why.append(f"{candidate.level}: {reason}")
    return SelfTest("none", why=tuple(dict.fromkeys(why)))


def pick(trust: bool = False, known: SelfTest | None = None) -> Sandbox:
    """Return the best sandbox there is; `known` is an earlier self-test's result.

    What killed runs left behind is removed first. Where no sandbox works the result refuses every job, unless
    `trust` says that the code may run without one.
    """
    sweep()
    found = known or self_test()
    if found.level != "none":
        return build(found)
    return Trusted() if trust else NoSandbox("; ".join(found.why))


def probe() -> tuple[ProbeResult, ...]:
    """Return the self-test as a report, for people: the level, what is missing for a better one, then every probe."""
    found = self_test()
    usable = found.level != "none"
    verdict = ProbeResult(f"sandbox level {found.level}", usable, "; ".join(found.why) or ("" if usable else HINT))
    return (verdict, *found.probes)
