"""Stage 4: edits, what proposes them, and the patches they become."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.model.anomaly import AnomalyType
from bot.model.base import Value

Trust = Literal["auto", "glance", "review"]
TRUSTS: tuple[Trust, ...] = ("auto", "glance", "review")
Touches = Literal["code", "tests", "workflows"]
PatchKind = Literal["code", "test", "docs"]


class FixRequest(Value):
    """An accepted request for fixes of one cause of the diagnosis record `record_id`."""

    request_id: str
    status: Literal["started"] = "started"
    record_id: str
    subject: str
    seed: int = 0
    deadline: float


class FileEdit(Value):
    """The whole new text of one file; None deletes it. `path` is POSIX, relative to the top of the tree."""

    path: str
    text: str | None


class Proposal(Value):
    """What a strategy offers: edits, or a command whose changes to the tree are the edits, or a search."""

    strategy: str
    title: str
    edits: tuple[FileEdit, ...] = ()
    command: tuple[str, ...] = ()
    search: bool = False
    ask: bool = False
    confidence: float
    why: str


class Question(Value):
    """What a model is asked: our instructions, blocks of others' text by name, the files it may change, the mark."""

    instructions: str
    blocks: tuple[tuple[str, str], ...]
    files: tuple[str, ...]
    mark: str


class TextChange(Value):
    """One place of a file, quoted exactly, and what takes its place."""

    path: str
    old: str
    new: str


class Answer(Value):
    """What a model answers; no changes means that it is not sure of any."""

    title: str
    why: str
    changes: tuple[TextChange, ...] = ()


class Draft(Value):
    """Edits that a strategy produced for one cause, not yet a patch.

    `runner_up` is the diff of the likeliest other fix that behaves differently, `told_apart_by` a call that shows it.
    """

    strategy: str
    trust: Trust
    touches: Touches = "code"
    kind: PatchKind = "code"
    title: str
    why: str
    edits: tuple[FileEdit, ...]
    confidence: float
    alternatives: int = 0
    abstained: bool = False
    told_apart_by: str = ""
    runner_up: str = ""


class Patch(Value):
    """One candidate fix: code, test and docs edits together, as edits and as a `git apply -p1` diff."""

    id: str
    anomaly_id: str
    type: AnomalyType
    strategy: str
    trust: Trust
    touches: Touches = "code"
    title: str
    why: str
    confidence: float
    edits: tuple[FileEdit, ...]
    kinds: dict[str, PatchKind] = Field(default_factory=dict)
    diff: str
    files: tuple[str, ...]
    alternatives: int = 0
    abstained: bool = False
    told_apart_by: str = ""
    runner_up: str = ""


class PatchSet(Value):
    """At most five patches for one cause, best first, with the files that parse and what was tried without success."""

    subject: str
    patches: tuple[Patch, ...]
    parsed: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    diagnosis_record: str = ""
