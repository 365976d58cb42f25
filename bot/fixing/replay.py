"""Make recorded calls again in a tree, in the sandbox, and read what comes back."""

from __future__ import annotations

import json
import posixpath
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.codebase import Codebase
from bot.errors import BotError
from bot.model import FileEdit, RecordedCall
from bot.ports import Job, Limits, Sandbox
from bot.proof.trees import patched

_LIMITS = Limits(seconds=30.0)
# runs in the project's own interpreter: standard library only, Python 3.8 and later
_SCRIPT = b"""
import importlib, json, os, sys
box = os.environ["SELFHEAL_BOX"]
with open(os.path.join(box, "calls.json")) as stream:
    asked = json.load(stream)
sys.path[:0] = asked["roots"]
told = []
for call in asked["calls"]:
    try:
        found = importlib.import_module(asked["module"])
        for name in asked["qualname"].split("."):
            found = getattr(found, name)
        result = found(*call["args"], **call["kwargs"])
        text = json.dumps(result)
        told.append({"result": text, "tuple": isinstance(result, tuple)})
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        told.append({"error": type(error).__name__ + ": " + str(error)})
    except Exception as error:
        told.append({"error": type(error).__name__ + ": " + str(error)})
with open(os.path.join(box, "told.json"), "w") as stream:
    json.dump(told, stream)
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
    """Return the failing calls that give a result with the fix, and the same one in the last good version, if any."""
    failing = [one for one in calls if one.error]
    if not failing or not codebase.info.tree:
        return ()
    with tempfile.TemporaryDirectory(prefix="selfheal-replay-") as folder:
        try:
            tree = patched(Path(codebase.info.tree), fix, Path(folder) / "tree")
        except BotError:
            return ()
        after = replayed(failing, where, tree, codebase, sandbox)
    good: tuple[RecordedCall, ...] = after
    if codebase.info.good_tree:
        good = replayed(failing, where, Path(codebase.info.good_tree), codebase, sandbox)
    before = replayed(failing, where, Path(codebase.info.tree), codebase, sandbox)
    return tuple(
        now
        for now, then, was in zip(after, good, before, strict=False)
        if was.error and not now.error and now.result is not None and now.result == then.result
    )
