"""One small broken repository for each type of anomaly, with the telemetry that shows it where no check does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.e2e import repos

START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
Step = tuple[str, float, dict[str, Any]]  # handler, milliseconds, context of its end

FLOW = '''\
"""The way of an order."""

from shop.parts import charge, price, reserve, validate


def process(order):
    """Take an order through all its steps."""
    validate(order)
    price(order)
    reserve(order)
    return charge(order)
'''
PARTS = '''\
"""The steps of an order."""


def validate(order):
    """Refuse an order without lines."""
    if not order["lines"]:
        raise ValueError("an order needs lines")
    return order


def price(order):
    """Put the total on the order."""
    order["total"] = sum(line["count"] * line["price"] for line in order["lines"])
    return order


def reserve(order):
    """Note what has to be taken from the shelves."""
    order["reserved"] = [line["name"] for line in order["lines"]]
    return order


def charge(order):
    """Return what is asked for."""
    return {"amount": order.get("total", 0), "count": len(order.get("reserved", ()))}
'''
TOOLS = '''\
"""What the shop counts and finds."""


def common(first, second):
    """Return the names of the second list that are in the first, in order.

    Args:
        first: The names to look in.
        second: The names to look for.
    """
    known = set(first)
    return [name for name in second if name in known]


def discount(total, percent):
    """Return the total less some per cent, never below nothing."""
    return max(0, total - total * percent / 100)


def initials(customer):
    """Return the initials of a customer."""
    return "".join(part[0] for part in (customer.get("name") or "").split())


def collect(item, basket=None):
    """Return the basket with one item more."""
    if basket is None:
        basket = []
    basket.append(item)
    return basket
'''
TESTS = """\
from shop.flow import process
from shop.tools import collect, common, initials


def test_process():
    order = {"lines": [{"name": "nut", "count": 2, "price": 3}]}
    assert process(order)["count"] == 1


def test_common():
    assert common(["a", "b"], ["b", "c", "a"]) == ["b", "a"]


def test_initials():
    assert initials({"name": "Ada Lovelace"}) == "AL"


def test_collect():
    assert collect("nut", ["bolt"]) == ["bolt", "nut"]
"""
PROJECT = """\
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.8"
dependencies = []
"""
BEATS = ("validate", "price", "reserve", "charge")
SEQUENCE = {
    "id": "order",
    "name": "Order",
    "description": "The way of an order.",
    "movements": [
        {
            "id": "all",
            "name": "All",
            "description": "All of it.",
            "beats": [
                {"beat": at, "event": f"{name}d", "handler": name, "kind": "stage-crew", "timing": "after-beat"}
                for at, name in enumerate(BEATS, 1)
            ],
        }
    ],
}
GOOD = {
    "pyproject.toml": PROJECT,
    "shop/__init__.py": '"""A shop."""\n',
    "shop/flow.py": FLOW,
    "shop/parts.py": PARTS,
    "shop/tools.py": TOOLS,
    "sequences/order.json": json.dumps(SEQUENCE, indent=2) + "\n",
    "tests/test_shop.py": TESTS,
    ".gitignore": "__pycache__/\n",
}


@dataclass(frozen=True)
class Kind:
    """A fault, the events that show it, those from before, and those of the time when it is healed."""

    file: str
    old: str
    new: str
    events: Callable[[], Iterable[str]] | None = None
    before: Callable[[], Iterable[str]] | None = None
    after: Callable[[], Iterable[str]] | None = None
    more: dict[str, str] = field(default_factory=dict)


def executions(sequence: str, many: Iterable[Iterable[Step]]) -> Iterator[str]:
    """Yield the events of executions one second apart, as lines of JSON."""
    for number, steps in enumerate(many):
        at = START + timedelta(seconds=number)
        for handler, duration, context in steps:
            name = {"handler": handler, "sequence": sequence, "execution": f"{sequence}-{number}"}
            yield json.dumps({"timestamp": at.isoformat(), "event": "beat-started", **name})
            at += timedelta(milliseconds=duration)
            error = context.get("error")
            end = {"event": "error" if error else "beat-completed", "duration_ms": duration}
            kept = {key: value for key, value in context.items() if key != "error"}
            told = {**({"error": error} if error else {}), **({"context": kept} if kept else {})}
            yield json.dumps({"timestamp": at.isoformat(), **end, **name, **told})


def moved(lines: Iterable[str], seconds: float) -> Iterator[str]:
    """Yield events as if they happened so many seconds from now on."""
    later = datetime.now(UTC) + timedelta(seconds=seconds) - START
    for event in map(json.loads, lines):
        at = datetime.fromisoformat(event["timestamp"]) + later
        yield json.dumps({**event, "timestamp": at.isoformat()})


def _ordered(names: Iterable[str]) -> Callable[[], Iterator[str]]:
    order = {"lines": [{"name": "nut", "count": 2, "price": 3}]}
    steps: list[Step] = [(name, 5.0, {"args": [order]} if at == 0 else {}) for at, name in enumerate(names)]
    return lambda: executions("order", [steps] * 30)


NAMES = [f"name-{number}" for number in range(400)]


def _timed(milliseconds: float) -> Callable[[], Iterator[str]]:
    context = {"args": [NAMES, NAMES[::-1]], "result": NAMES[::-1]}
    return lambda: executions("search", [[("common", milliseconds * (1 + (n % 7) / 50), context)] for n in range(60)])


def _discounts() -> Iterator[str]:
    calls = [((100, 10), 90.0), ((50, 200), 0), ((80, 25), 60.0)]
    return executions("sale", [[("discount", 2.0, {"args": list(a), "result": r})] for a, r in calls * 10])


TRACE = """Traceback (most recent call last):
  File "/srv/shop/shop/tools.py", line {line}, in initials
    return "".join(part[0] for part in customer["name"].split())
KeyError: 'name'"""


def _errors() -> Iterator[str]:
    line = TOOLS[: TOOLS.index("def initials")].count("\n") + 3
    failed = {"args": [{"mail": "a@example.org"}], "error": TRACE.format(line=line)}
    good = {"args": [{"name": "Ada Lovelace"}], "result": "AL"}
    return executions("greet", [[("initials", 1.0, failed if n % 2 else good)] for n in range(40)])


def _baskets(*, shared: bool = True) -> Iterator[str]:
    steps = []
    for number in range(20):
        kept = [f"item-{n}" for n in range(number + 1)] if shared else [f"item-{number}"]
        state = {"basket": kept, "size": len(kept)}
        context = {"args": [f"item-{number}"], "result": kept, "state": state, "invariants": ["size == 1"]}
        steps.append([("collect", 1.0, context)])
    return executions("basket", steps)


COUNTED = '''

def plural(name):
    """Return the plural."""
    return inflection.pluralize(name)
'''
KINDS = {
    "performance": Kind(
        "shop/tools.py",
        "    known = set(first)\n    return [name for name in second if name in known]\n",
        "    known = list(first)\n    return [name for name in second if name in known]\n",
        _timed(40.0),
        _timed(1.0),
        _timed(1.0),
    ),
    "behavioral": Kind(
        "shop/flow.py",
        "    price(order)\n    reserve(order)\n",
        "    reserve(order)\n    price(order)\n",
        _ordered(("validate", "reserve", "price", "charge")),
        _ordered(BEATS),
        _ordered(BEATS),
    ),
    "coverage": Kind("shop/tools.py", "", "", _discounts),
    "error": Kind("shop/tools.py", '(customer.get("name") or "").split()', 'customer["name"].split()', _errors),
    "state": Kind(
        "shop/tools.py",
        'basket=None):\n    """Return the basket with one item more."""\n    if basket is None:\n        basket = []\n',
        'basket=[]):\n    """Return the basket with one item more."""\n',
        _baskets,
        after=lambda: _baskets(shared=False),
    ),
    "dependency": Kind(
        "shop/tools.py",
        '"""What the shop counts and finds."""\n',
        '"""What the shop counts and finds."""\n\nimport inflection\n' + COUNTED,
    ),
    "documentation": Kind("shop/tools.py", "        second: The names", "        others: The names"),
}


def broken(folder: Path, name: str) -> tuple[Path, list[str]]:
    """Return a checkout with one fault, the good version in the commit before, and the options that show it."""
    kind = KINDS[name]
    assert kind.old in GOOD[kind.file], name
    checkout = repos.make(folder / "shop", GOOD, "Good")
    if kind.old:
        changed = {kind.file: GOOD[kind.file].replace(kind.old, kind.new, 1), **kind.more}
        repos.make(checkout, changed, "Change something")
    options = ["--good", "HEAD~1"] if kind.old else []
    for option, events in (("--telemetry", kind.events), ("--baseline", kind.before)):
        if events is not None:
            target = folder / f"{option[2:]}.jsonl"
            target.write_text("".join(f"{line}\n" for line in events()), encoding="utf-8")
            options += [option, str(target)]
    return checkout, options


def mend(checkout: Path, options: list[str], name: str) -> None:
    """Bring the good code back, with the telemetry of the time before."""
    repos.make(checkout, {KINDS[name].file: GOOD[KINDS[name].file]}, "Put it back")
    if "--baseline" in options:
        past, now = (Path(options[options.index(option) + 1]) for option in ("--baseline", "--telemetry"))
        now.write_text(past.read_text(encoding="utf-8"), encoding="utf-8")
