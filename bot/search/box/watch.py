"""What a run shows: the project's lines that ran, and exceptions with their frames in the project."""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import Any, Iterator

from .swap import ROOT, Json, OverBudget, absolute

GRACE = 0.2  # seconds more for what can't be interrupted
MOST_FRAMES = 15  # outermost, and as many innermost


@functools.lru_cache(None)
def inside(filename: str) -> bool:
    """Return whether a file belongs to the project rather than to what is installed."""
    path = absolute(filename)
    return path.startswith(ROOT + os.sep) and "site-packages" not in path and os.path.exists(path)


def loaded() -> list[str]:
    """Return the project's files that are imported, in order."""
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return sorted({os.path.relpath(absolute(file), ROOT) for file in files if isinstance(file, str) and inside(file)})


def forget_project() -> None:
    """Drop the project's own modules, so that the next import runs their text as it is on disk now."""
    for name, module in list(sys.modules.items()):
        places = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", ())]
        if any(isinstance(place, str) and place and inside(place) for place in places):
            del sys.modules[name]
    importlib.invalidate_caches()


def describe(error: BaseException | None) -> Json | None:
    """Return an exception as its type, message and the frames `[path, line, function]` in the project."""
    if error is None:
        return None
    frames, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if inside(code.co_filename):
            frames.append((code, trace.tb_lineno))
        trace = trace.tb_next
    frames = frames[:MOST_FRAMES] + frames[MOST_FRAMES:][-MOST_FRAMES:]
    try:
        message = str(error)[:2000]
    except Exception:  # noqa: BLE001  a stranger's __str__ may raise anything
        message = ""
    shown = [[os.path.relpath(absolute(code.co_filename), ROOT), line, code.co_name] for code, line in frames]
    return {"type": type(error).__name__, "message": message, "frames": shown}


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


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise OverBudget in the block after so many seconds of the processor, or four times as many by the clock.

    It ends what does not tick. Processor time depends less on what else the machine does. What can't be interrupted,
    as one operation on huge numbers, ends the whole process a little later.
    """

    def ring(_number: int, _frame: object) -> None:
        raise OverBudget

    kept = [(number, signal.signal(number, ring)) for number in (signal.SIGALRM, signal.SIGPROF)]
    kept.append((signal.SIGVTALRM, signal.signal(signal.SIGVTALRM, signal.SIG_DFL)))
    signal.setitimer(signal.ITIMER_VIRTUAL, 2 * seconds + GRACE)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 4 * seconds)
    try:
        yield
    finally:
        for timer in (signal.ITIMER_VIRTUAL, signal.ITIMER_PROF, signal.ITIMER_REAL):
            signal.setitimer(timer, 0)
        for number, before in kept:
            signal.signal(number, before)
