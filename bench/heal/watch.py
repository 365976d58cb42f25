"""A pytest plugin that writes what a library's functions do as events: times, arguments, results, order of calls.

Copied beside the tests of a library and run there: standard library only. `WATCH_ROOT` is the tree, `WATCH_FILE` the
file to write. A function called by another of the library is a beat of that one's sequence.
"""

import inspect
import json
import os
import sys
import time
from collections import Counter

ROOT = os.environ["WATCH_ROOT"] + os.sep
LARGEST, CALLS, VALUES = 2_000, 400, 12
_lines = []
_counts = Counter()
_stack = []
_names = {}


def _name(code):
    if code not in _names:
        path = code.co_filename
        inside = path.startswith(ROOT) and "site-packages" not in path and "test" not in path[len(ROOT) :]
        plain = not code.co_name.startswith("<")
        module = path[len(ROOT) :].replace("src/", "", 1)[:-3].replace("/__init__", "").replace("/", ".")
        qualname = getattr(code, "co_qualname", code.co_name)
        _names[code] = f"{module}.{qualname}" if inside and plain and "<locals>" not in qualname else ""
    return _names[code]


def _plain(value):
    text = json.dumps(value)
    if len(text) > LARGEST or json.loads(text) != value:
        raise ValueError
    return json.loads(text)


def _arguments(frame):
    code = frame.f_code
    named = code.co_varnames[: code.co_argcount]
    if not code.co_flags & inspect.CO_VARKEYWORDS and not code.co_kwonlyargcount and "self" not in named:
        more = frame.f_locals.get(code.co_varnames[code.co_argcount]) if code.co_flags & inspect.CO_VARARGS else ()
        return _plain([frame.f_locals[name] for name in named] + list(more))
    raise ValueError


def _watch(frame, event, result):
    if event == "call":
        name = _name(frame.f_code)
        if name:
            _counts[name] += 1
            kept = None
            if _counts[name] <= VALUES:
                try:
                    kept = {"args": _arguments(frame)}
                except (TypeError, ValueError, KeyError, RecursionError):
                    kept = None
            above = _stack[-1] if _stack else None
            _stack.append([frame, name, time.perf_counter(), f"{name}-{_counts[name]}", kept, above])
    elif event == "return" and _stack and _stack[-1][0] is frame:
        _, name, start, _, kept, above = _stack.pop()
        took = (time.perf_counter() - start) * 1000
        if _counts[name] > CALLS:
            return
        if kept:
            try:
                kept["result"] = _plain(result)
            except (TypeError, ValueError, RecursionError):
                kept = None
        inside = {"sequence": above[1], "execution": above[3]} if above else {}
        at = time.time()
        end = {"event": "beat-completed", "handler": name, "duration_ms": round(took, 5), **inside}
        _lines.append((at - took / 1000, {"event": "beat-started", "handler": name, **inside}))
        _lines.append((at, {**end, **({"context": kept} if kept else {})}))


def pytest_runtest_call(item):
    _stack.clear()
    sys.setprofile(_watch)


def pytest_runtest_teardown(item):
    sys.setprofile(None)


def pytest_unconfigure(config):
    sys.setprofile(None)
    with open(os.environ["WATCH_FILE"], "w") as stream:
        for at, event in sorted(_lines, key=lambda line: line[0]):
            stream.write(json.dumps({"timestamp": at, **event}) + "\n")
