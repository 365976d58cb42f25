"""Picks the strongest sandbox that this machine allows, by trying, and never lowers it silently."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.adapters.sandbox_base import BaseSandbox
from bot.adapters.sandbox_bubblewrap import Bubblewrap, Shape
from bot.adapters.sandbox_landlock import Landlock
from bot.adapters.sandbox_launcher import landlock_abi
from bot.adapters.sandbox_none import NoSandbox
from bot.adapters.sandbox_seccomp import supported
from bot.adapters.sandbox_trusted import Trusted
from bot.errors import BotError
from bot.ports import Job, Limits, Sandbox, SandboxLevel


@dataclass(frozen=True)
class SelfTest:
    """What the self-test found: the level, how bubblewrap must be shaped for it, and why nothing better worked."""

    level: SandboxLevel
    program: str = ""
    shape: Shape = field(default_factory=Shape)
    why: tuple[str, ...] = ()


_SHAPES = (Shape(), Shape(disable_userns=False), Shape(proc=False), Shape(proc=False, disable_userns=False))


def _candidates() -> Iterator[tuple[str, BaseSandbox | str]]:
    """Yield the levels in order of strength, or why one is out of the question."""
    program = shutil.which("bwrap")
    if program is None:
        yield "bubblewrap", "bubblewrap is not installed"
    else:
        for shape in _SHAPES:
            yield shape.level, Bubblewrap(program, shape)
    if landlock_abi() < 1:
        yield "landlock", "this kernel has no Landlock"
    elif not supported():
        yield "landlock", "no system call filter is known for this processor"
    else:
        yield "landlock", Landlock()


def _works(sandbox: BaseSandbox) -> str:
    """Return why a sandbox can't run a plain Python here, or an empty text."""
    with tempfile.TemporaryDirectory(prefix="selfheal-test-") as folder:
        try:
            done = sandbox.run(Job(("python", "-c", "print('here')"), Path(folder), limits=Limits(seconds=20.0)))
        except (BotError, OSError) as error:
            return str(error)
    return "" if done.output == b"here\n" else done.output.decode(errors="replace").strip()[:300] or "no output"


def self_test() -> SelfTest:
    """Return the strongest level that runs a program here, with what kept the stronger ones from it."""
    why: list[str] = []
    for name, candidate in _candidates():
        reason = candidate if isinstance(candidate, str) else _works(candidate)
        if not reason:
            shape = candidate.shape if isinstance(candidate, Bubblewrap) else Shape()
            program = candidate.program if isinstance(candidate, Bubblewrap) else ""
            return SelfTest(candidate.level, program, shape, tuple(why))  # type: ignore[union-attr]
        why.append(f"{name}: {reason}")
    return SelfTest("none", why=tuple(why))


def pick(trust: bool = False, known: SelfTest | None = None) -> Sandbox:
    """Return the best sandbox there is; `known` is an earlier self-test's result.

    Where none works the result refuses every job, unless `trust` says that the code may run without one.
    """
    found = known or self_test()
    if found.level in ("bubblewrap", "bubblewrap-noproc"):
        return Bubblewrap(found.program, found.shape)
    if found.level == "landlock":
        return Landlock()
    return Trusted() if trust else NoSandbox("; ".join(found.why))
