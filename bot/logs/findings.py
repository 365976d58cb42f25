"""What a parser says about a log: a failure it found, or a stretch of lines that one tool owns."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

from bot.model import FailureClass, Frame


class Weight(IntEnum):
    """How much a finding says: a cause stands alone, an umbrella yields to causes in its span, a hint to all."""

    HINT = 0
    UMBRELLA = 1
    CAUSE = 2


Scope = Literal["own", "machine", "all"]


@dataclass(frozen=True)
class Found:
    """One candidate failure, resting on line `index` of the log.

    `span` are the lines it explains (start, end). `scope` says where it counts: `own` not inside the claim of another
    tool, `machine` (trouble of the machine itself) also inside one that never ended, `all` everywhere. `proof` says
    that the line alone shows that the run failed.
    """

    index: int
    klass: FailureClass
    tool: str
    message: str = ""
    exception: str | None = None
    test_id: str | None = None
    file: str | None = None
    line: int | None = None
    frames: tuple[Frame, ...] = ()
    code: str = ""
    details: dict[str, str] = field(default_factory=dict)
    confidence: float = 0.9
    weight: Weight = Weight.CAUSE
    span: tuple[int, int] | None = None
    scope: Scope = "own"
    proof: bool = True

    def covers(self, index: int) -> bool:
        """Return whether the lines this finding explains include `index`."""
        return self.span is not None and self.span[0] <= index < self.span[1]


@dataclass(frozen=True)
class Claim:
    """A tool ran over the lines from `start` to before `end` and ended well, badly, or nobody knows.

    Inside a claim only the findings of the tools that made it count; inside one that ended well, none.
    """

    start: int
    end: int
    tool: str
    ok: bool | None = None

    def holds(self, index: int) -> bool:
        """Return whether `index` lies in the claim."""
        return self.start <= index < self.end
