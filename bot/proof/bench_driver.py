"""Times recorded calls of one function; runs inside the sandbox under the project's own Python (3.8 or later).

Copied into the box and run there: it may import nothing of this project, and it reads only its orders.
"""

from __future__ import annotations

import copy
import importlib
import json
import sys
import time
from typing import Any, Callable, Dict, List, Tuple

Calls = List[Tuple[Tuple[Any, ...], Dict[str, Any]]]


def outcome(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Return what a call on copies of its arguments gives, as text; an error by its name."""
    try:
        return repr(function(*copy.deepcopy(args), **copy.deepcopy(kwargs)))
    except Exception as error:  # noqa: BLE001 - an error is an outcome like any other here
        return "raised " + type(error).__name__


def once(function: Callable[..., Any], calls: Calls) -> float:
    """Return the seconds that one pass over all calls takes, the copying of their arguments apart."""
    fresh = copy.deepcopy(calls)
    start = time.perf_counter()
    for args, kwargs in fresh:
        outcome_of(function, args, kwargs)
    return time.perf_counter() - start


def outcome_of(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Make a call and forget what comes of it."""
    try:
        function(*args, **kwargs)
    except Exception:  # noqa: BLE001 - see above
        return


def main(path: str) -> None:
    """Print the outcomes of the ordered calls and the seconds of one pass, the best of those that fit into the time."""
    with open(path, encoding="utf-8") as file:
        orders = json.load(file)
    sys.path[:0] = orders["roots"]
    function: Any = importlib.import_module(orders["module"])
    for part in orders["function"].split("."):
        function = getattr(function, part)
    calls: Calls = [(tuple(args), kwargs) for args, kwargs in orders["calls"]]
    outcomes = [outcome(function, args, kwargs) for args, kwargs in calls]
    end, best = time.perf_counter() + orders["seconds"], once(function, calls)
    while time.perf_counter() < end:
        best = min(best, once(function, calls))
    print("\n" + json.dumps({"nonce": orders["nonce"], "seconds": best, "outcomes": outcomes}))


if __name__ == "__main__":
    main(sys.argv[1])
