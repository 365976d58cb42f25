"""Make recorded calls again in a tree, in the sandbox, and read what comes back."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Sequence
from pathlib import Path

from bot.codebase import Codebase
from bot.errors import BotError
from bot.model import FileEdit, RecordedCall
from bot.ports import Job, Limits, Sandbox
from bot.proof.trees import patched
from bot.scratch import scratch

MOST = 20
_LIMITS = Limits(seconds=30.0)
# runs in the project's own interpreter: standard library only, Python 3.8 and later; each call in a process of its own,
# so that what one leaves behind is not taken for the work of the next
_SCRIPT = b"""
import importlib, json, os, sys
box = os.environ["SELFHEAL_BOX"]
with open(os.path.join(box, "calls.json")) as stream:
    asked = json.load(stream)
sys.path[:0] = asked["roots"]

def told(call):
    try:
        found = importlib.import_module(asked["module"])
        for name in asked["qualname"].split("."):
            found = getattr(found, name)
        result = found(*call["args"], **call["kwargs"])
        return {"result": json.dumps(result)}
    except Exception as error:
        return {"error": type(error).__name__ + ": " + str(error)}

def alone(call):
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with os.fdopen(writing, "w") as stream:
            json.dump(told(call), stream)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return json.loads(text or '{"error": "Exit: the call ended its process"}')

told_all = [alone(call) for call in asked["calls"]]
with open(os.path.join(box, "told.json"), "w") as stream:
    json.dump(told_all, stream)
"""


def replayed(
    calls: Sequence[RecordedCall], where: tuple[str, str], tree: Path, codebase: Codebase, sandbox: Sandbox
) -> tuple[RecordedCall, ...]:
    """Return the calls with the result or error that they have in `tree`; `where` is (module, qualified name).

    Empty when they can't be made there. Calls of objects (with a `self`) are left out.
    """
    info = codebase.info
    asked = [{"args": json.loads(one.args or "[]"), "kwargs": json.loads(one.kwargs or "{}")} for one in calls]
    roots = [posixpath.join(".", root) for root in codebase.import_roots]
    order = {"module": where[0], "qualname": where[1], "calls": asked, "roots": roots}
    job = Job(
        argv=("python", "{box}/replay.py"),
        tree=tree,
        environment=Path(info.environment) if info.environment else None,
        files={"replay.py": _SCRIPT, "calls.json": json.dumps(order).encode()},
        collect=("box:told.json",),
        limits=_LIMITS,
    )
    try:
        done = sandbox.run(job)
        told = json.loads(done.files.get("box:told.json", b"[]"))
    except (BotError, ValueError):
        return ()
    return tuple(
        one.model_copy(update={"result": said.get("result"), "error": said.get("error")})
        for one, said in zip(calls, told, strict=False)
    )


def mended(
    calls: Sequence[RecordedCall],
    where: tuple[str, str],
    fix: tuple[FileEdit, ...],
    codebase: Codebase,
    sandbox: Sandbox,
) -> tuple[RecordedCall, ...]:
    """Return the calls to which the fix gives another outcome, where that outcome is certain.

    It is certain when the last good version has the same; without one, only a result in place of an error counts.
    """
    calls, info = calls[:MOST], codebase.info
    if not calls or not info.tree:
        return ()
    with scratch() as folder:
        try:
            tree = patched(Path(info.tree), fix, folder / "tree")
        except BotError:
            return ()
        after = replayed(calls, where, tree, codebase, sandbox)
    before = replayed(calls, where, Path(info.tree), codebase, sandbox)
    if not info.good_tree:
        return tuple(now for now, was in zip(after, before, strict=False) if was.error and _said(now))
    good = replayed(calls, where, Path(info.good_tree), codebase, sandbox)
    return tuple(
        now
        for now, then, was in zip(after, good, before, strict=False)
        if _outcome(now) == _outcome(then) != _outcome(was) and (_said(now) or (now.error and not was.error))
    )


def _said(call: RecordedCall) -> bool:
    return not call.error and call.result is not None


def _outcome(call: RecordedCall) -> tuple[str | None, str]:
    """Return the result of a call, and the type of its error."""
    return call.result, (call.error or "").partition(":")[0]
