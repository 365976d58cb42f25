"""What a run shows: the project's lines that ran, and exceptions with their frames in the project."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from .swap import ROOT, Json, absolute


def inside(filename: str) -> bool:
    """Return whether a file belongs to the project rather than to what is installed."""
    path = absolute(filename)
    return path.startswith(ROOT + os.sep) and "site-packages" not in path and os.path.exists(path)


def describe(error: BaseException | None) -> Json | None:
    """Return an exception as its type, message and the frames `[path, line, function]` in the project."""
    if error is None:
        return None
    frames, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if inside(code.co_filename):
            frames.append([os.path.relpath(absolute(code.co_filename), ROOT), trace.tb_lineno, code.co_name])
        trace = trace.tb_next
    try:
        message = str(error)[:2000]
    except Exception:  # noqa: BLE001  a stranger's __str__ may raise anything
        message = ""
    return {"type": type(error).__name__, "message": message, "frames": frames[-30:]}


class Lines:
    """Collects the project's lines that run, by file."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.local: dict[str, Any] = {}

    def _watch(self, frame: Any, event: str, _arg: object) -> Any:
        name = frame.f_code.co_filename
        if name not in self.local:
            self.local[name] = self._recorder(name) if inside(name) else None
        local = self.local[name]
        return local and local(frame, event, None)

    def _recorder(self, name: str) -> Any:
        seen = self.seen.setdefault(os.path.relpath(absolute(name), ROOT), set())

        def record(frame: Any, _event: str, _arg: object) -> Any:
            seen.add(frame.f_lineno)
            return record

        return record

    def __enter__(self) -> Lines:
        threading.settrace(self._watch)
        sys.settrace(self._watch)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        threading.settrace(None)

    def take(self) -> dict[str, list[int]]:
        """Return the lines since the last call, sorted."""
        out = {name: sorted(lines) for name, lines in self.seen.items() if lines}
        for lines in self.seen.values():
            lines.clear()
        return out
