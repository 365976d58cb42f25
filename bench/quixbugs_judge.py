"""Compares a repaired program with the official one on generated inputs; run in a process of its own.

`python -m bench.quixbugs_judge NAME REPAIRED OFFICIAL FOLDER` prints one JSON object: on how many inputs they agree.
"""

from __future__ import annotations

import copy
import importlib.util
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import GeneratorType
from typing import Any

from bench.quixbugs_inputs import INPUTS

COUNT, SECONDS = 200, 1.0


class _Slow(BaseException):
    pass


def _load(path: str, name: str) -> Callable[..., Any]:
    spec = importlib.util.spec_from_file_location(f"{name}_{abs(hash(path))}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def _plain(value: Any) -> Any:
    if isinstance(value, GeneratorType):
        return [_plain(part) for part in value]
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {repr(_plain(key)): _plain(part) for key, part in value.items()}
    if isinstance(value, set):
        return sorted(repr(_plain(part)) for part in value)
    if hasattr(value, "successor"):
        return ("node", value.value, _plain(value.successor) if value.successor is not None else None)
    return round(value, 9) if isinstance(value, float) else value


def _run(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[str, Any]:
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        return "value", _plain(function(*copy.deepcopy(args)))
    except _Slow:
        return "slow", None
    except Exception as error:  # noqa: BLE001  whatever the program raises is its answer
        return "error", type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _same(name: str, args: tuple[Any, ...], ours: tuple[str, Any], official: tuple[str, Any]) -> bool:
    if name == "topological_ordering" and ours[0] == "value":
        place = {node[1]: at for at, node in enumerate(ours[1])}
        edges = [(node.value, other.value) for node in args[0] for other in node.outgoing_nodes]
        return len(place) == len(args[0]) and all(place[a] < place[b] for a, b in edges)
    return ours == official


def main(name: str, repaired: str, official: str, folder: str) -> None:
    """Print how many inputs were compared and how many differ."""
    sys.path.insert(0, folder)
    signal.signal(signal.SIGALRM, _ring)
    sys.setrecursionlimit(3000)
    node = getattr(__import__("node"), "Node")  # noqa: B009
    one, other = _load(repaired, name), _load(official, name)
    rng = Random(20)
    compared, differ, slow = 0, [], 0
    for _ in range(COUNT):
        args = INPUTS[name](rng, node)
        wanted = _run(other, args)
        if wanted[0] != "value":
            continue
        compared += 1
        ours = _run(one, args)
        slow += ours[0] == "slow"
        if not _same(name, args, ours, wanted):
            differ.append(repr(args)[:200])
        if slow > 3:
            break
    print(json.dumps({"compared": compared, "differ": len(differ), "example": differ[:1]}))


def _ring(_number: int, _frame: object) -> None:
    raise _Slow


if __name__ == "__main__":
    assert Path(sys.argv[2]).is_file()
    main(*sys.argv[1:5])
