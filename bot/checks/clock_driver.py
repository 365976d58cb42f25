"""Runs another script, times the calls of one function in it and notes which steps it takes, in their order.

Copied into the box and run there under the project's own Python (3.8 or later): it may import nothing of this project.
Its arguments are the file to write, the function's file and qualified name, the names of the steps with commas between
them, and the script with its own arguments.
"""

from __future__ import annotations

import json
import runpy
import statistics
import sys
import threading
import time
from typing import Any

_monitoring: Any = getattr(sys, "monitoring", None)  # there from Python 3.12 on
MOST_CALLS = 100_000  # whose times are kept one by one
_TOOL = 3  # a tool number of `sys.monitoring` that neither coverage nor debuggers use


class Clock:
    """The time between entering and leaving a function, calls of itself within counted once."""

    def __init__(self, file: str, qualname: str, steps: frozenset[str] = frozenset()) -> None:
        """Time the function of this name in any file whose path ends with `file`; note calls of the names `steps`."""
        self.file, self.qualname, self.name = file, qualname, qualname.rpartition(".")[2]
        self.seconds, self.cpu, self.calls, self.depth = 0.0, 0.0, 0, 0
        self.start = (0.0, 0.0)
        self.each: list[float] = []
        self.steps, self.taken = steps, []  # type: frozenset[str], list[str]
        self.orders: dict[str, int] = {}

    def is_target(self, code: Any) -> bool:
        """Return whether a code object is the function's."""
        path = code.co_filename.replace("\\", "/")
        named = code.co_name == self.name and ("/" + path).endswith("/" + self.file)
        return bool(named and getattr(code, "co_qualname", self.qualname) == self.qualname)

    def step(self, code: Any) -> None:
        """Note a step within a call."""
        if self.depth and code.co_name in self.steps:
            self.taken.append(code.co_name)

    def enter(self) -> None:
        """Begin a call."""
        self.depth += 1
        if self.depth == 1:
            self.taken = []
            self.calls, self.start = self.calls + 1, (time.perf_counter(), time.thread_time())

    def leave(self) -> None:
        """End a call."""
        if self.depth == 1:
            self.seconds += time.perf_counter() - self.start[0]
            took = time.thread_time() - self.start[1]
            self.cpu += took
            self.each += [took] if len(self.each) < MOST_CALLS else []
            order = ",".join(self.taken)
            self.orders[order] = self.orders.get(order, 0) + 1
        self.depth = max(0, self.depth - 1)

    def profile(self, frame: Any, event: str, _: Any) -> None:
        """Take an event of `sys.setprofile`."""
        if event == "call" and self.is_target(frame.f_code):
            self.enter()
        elif event == "call":
            self.step(frame.f_code)
        elif event == "return" and self.depth and self.is_target(frame.f_code):
            self.leave()

    def started(self, code: Any, _: int) -> Any:
        """Take the start of a function from `sys.monitoring`; of others there is nothing more to hear."""
        if self.is_target(code):
            self.enter()
            return None
        self.step(code)
        return None if code.co_name in self.steps else _monitoring.DISABLE

    def ended(self, code: Any, *_: Any) -> Any:
        """Take the end of a function from `sys.monitoring`."""
        if not self.is_target(code):
            return None
        self.leave()
        return None

    def watch(self) -> None:
        """Be told of calls from now on."""
        if not _monitoring:
            threading.setprofile(self.profile)
            sys.setprofile(self.profile)
            return
        events = _monitoring.events
        _monitoring.use_tool_id(_TOOL, "selfheal-clock")
        _monitoring.register_callback(_TOOL, events.PY_START, self.started)
        _monitoring.register_callback(_TOOL, events.PY_RETURN, self.ended)
        _monitoring.register_callback(_TOOL, events.PY_UNWIND, self.ended)
        _monitoring.set_events(_TOOL, events.PY_START | events.PY_RETURN | events.PY_UNWIND)


def main(out: str, file: str, qualname: str, steps: str, *script: str) -> None:
    """Run the script with its arguments, then write how often the function was called, how long, in which orders."""
    clock = Clock(file, qualname, frozenset(steps.split(",")))
    sys.argv = list(script)
    clock.watch()
    try:
        runpy.run_path(script[0], run_name="__main__")
    finally:
        sys.setprofile(None)
        with open(out, "w", encoding="utf-8") as stream:
            told = {"calls": clock.calls, "seconds": clock.seconds, "cpu": clock.cpu, "orders": clock.orders}
            json.dump({**told, "usual": statistics.median(clock.each or [0.0])}, stream)


if __name__ == "__main__":
    main(*sys.argv[1:])
