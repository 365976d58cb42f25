"""How many candidate edits a second the search tries, beside pytest called in one process and a fresh pytest for each.

`python -m bench.candidates [--quick]` prints one table. All rows judge the same candidates of the same small suite, one
at a time on one core; a second is one of the processor, so that other work on the machine does not count.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bot.adapters.sandbox import pick
from bot.codebase import Codebase
from bot.model import Check, CodebaseInfo
from bot.search import Bounds, Tests, evaluator
from bot.search.evaluator import BoxEvaluate
from bot.search.generate import candidates
from bot.search.hints import hints
from bot.search.localise import suspicion
from bot.search.values import Candidate, Problem

PROJECT = {
    "shop/__init__.py": "",
    "shop/money.py": """
RATES = {"food": 0.05, "books": 0.07, "other": 0.19}


def gross(net, kind):
    return round(net * (1 + RATES[kind]), 2)
""",
    "shop/cart.py": """
from shop.money import gross

FREE = 50
POSTAGE = 4.9


class Cart:
    def __init__(self):
        self.lines = []

    def add(self, name, net, kind="other", count=1):
        for line in self.lines:
            if line[0] == name:
                line[3] += count
                return
        self.lines.append([name, net, kind, count])

    def total(self):
        amount = 0
        for _name, net, kind, count in self.lines:
            amount += gross(net, kind) * count
        if amount > FREE:
            return round(amount, 2)
        return round(amount + POSTAGE, 2)

    def cheapest(self):
        best = None
        for name, net, _kind, _count in self.lines:
            if best is None or net > best[1]:
                best = (name, net)
        return best[0] if best else None
""",
    "tests/test_money.py": """
import pytest
from shop.money import gross

@pytest.mark.parametrize("net", range(1, 21))
def test_gross(net):
    assert gross(net, "food") == round(net * 1.05, 2)
""",
    "tests/test_cart.py": """
import pytest
from shop.cart import Cart

@pytest.fixture
def cart():
    made = Cart()
    made.add("pen", 2.0)
    made.add("bread", 3.0, "food", 2)
    made.add("novel", 12.0, "books")
    return made

def test_total(cart):
    assert cart.total() == round(2.38 + 6.30 + 12.84 + 4.9, 2)

def test_free_postage(cart):
    cart.add("desk", 100.0)
    assert cart.total() == round(2.38 + 6.30 + 12.84 + 119.0, 2)

@pytest.mark.parametrize("count", range(1, 11))
def test_count(cart, count):
    cart.add("pen", 2.0, count=count)
    assert cart.lines[0][3] == count + 1

def test_cheapest(cart):
    assert cart.cheapest() == "pen"
""",
}
BARE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # what the bot's own environment holds is not the project's
FAILING = "tests/test_cart.py::test_cheapest"
IN_PROCESS = """
import os, sys, time
sys.dont_write_bytecode = True
sys.path[:0] = [os.getcwd()]
import pytest
texts, path, test = eval(sys.stdin.read())
began, verdicts = time.process_time(), ""
for text in texts:
    open(path, "w").write(text)
    for name in [name for name in sys.modules if name.partition(".")[0] in ("shop", "test_cart", "test_money")]:
        del sys.modules[name]
    null = os.open(os.devnull, os.O_WRONLY); kept = os.dup(1); os.dup2(null, 1)
    code = pytest.main(["-q", "-x", "-p", "no:cacheprovider", test])
    os.dup2(kept, 1); os.close(kept); os.close(null)
    verdicts += "p" if code == 0 else "f"
print(verdicts, time.process_time() - began)
"""


@dataclass(frozen=True)
class Row:
    """One way to judge candidates: how many it judged, the seconds of the processor, p or f for each candidate."""

    name: str
    seconds: float
    verdicts: str

    @property
    def rate(self) -> float:
        """Return candidates per second."""
        return len(self.verdicts) / self.seconds


def project(folder: Path) -> Codebase:
    """Write the small project to a folder and return it."""
    for name, text in PROJECT.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    tree = str(folder)
    return Codebase(CodebaseInfo(repository="o/n", checkout=tree, tree=tree, digest="", environment=sys.prefix))


@contextmanager
def opened(codebase: Codebase) -> Iterator[BoxEvaluate]:
    """Start what the search itself uses: the worker in the best sandbox there is."""
    check = Check(name="pytest", kind="test", tool="pytest", argv=("python", "-m", "pytest"), runner="pytest", env=BARE)
    with evaluator(pick(trust=True), codebase, check, Tests((FAILING,)), Bounds()) as evaluate:
        yield evaluate


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ours(codebase: Codebase, count: int, module_level: int) -> tuple[list[Candidate], list[Row]]:
    """Return the edits of functions that were judged, and a row for these and one for edits of a module."""
    with opened(codebase) as evaluate:
        problem = Problem(codebase, (FAILING,))
        suspicious = suspicion(problem, evaluate.observe())
        found = list(islice(candidates(problem, suspicious, hints(problem, (FAILING,))), 20 * count))
        swaps = [one for one in found if one.function][:count]
        anew = [one for one in found if not one.function][:module_level]
        rows = [
            _judged("forked worker, function edits", evaluate, swaps),
            _judged("forked worker, module edits", evaluate, anew),
        ]
    return swaps, rows


def _judged(name: str, evaluate: BoxEvaluate, chosen: Sequence[Candidate]) -> Row:
    inside, outside, verdicts = evaluate.processor, time.process_time(), ""
    for at in range(0, len(chosen), 100):
        judged = evaluate.screen(chosen[at : at + 100])
        verdicts += "".join("p" if one.status == "passed" else "f" for one in judged)
    return Row(name, evaluate.processor - inside + time.process_time() - outside, verdicts)


def seconds_of_test(folder: Path) -> float:
    """Return the processor seconds of the failing test itself, without pytest."""
    code = (
        "import time; from shop.cart import Cart; began = time.process_time()\n"
        "for _ in range(100): cart = Cart(); cart.add('pen', 2.0); cart.add('novel', 12.0); cart.cheapest()\n"
        "print((time.process_time() - began) / 100)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return float(done.stdout)


def in_process(folder: Path, texts: Sequence[str], path: str) -> Row:
    """Return the row of `pytest.main` called again and again in one process, the project imported anew each time."""
    done = subprocess.run(
        [sys.executable, "-c", IN_PROCESS],
        input=repr((list(texts), path, FAILING)),
        cwd=folder,
        env={**os.environ, **BARE},
        capture_output=True,
        text=True,
        check=True,
    )
    verdicts, seconds = done.stdout.split()
    return Row("pytest called in one process", float(seconds), verdicts)


def fresh(folder: Path, texts: Sequence[str], path: str) -> Row:
    """Return the row of a new `pytest` process for each candidate."""
    before, verdicts = _children(), ""
    for text in texts:
        (folder / path).write_text(text)
        done = subprocess.run(
            [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", FAILING],
            cwd=folder,
            env={**os.environ, **BARE},
            capture_output=True,
            check=False,
        )
        verdicts += "p" if done.returncode == 0 else "f"
    return Row("a fresh pytest for each", _children() - before, verdicts)


def _others(work: Callable[[Path, Sequence[str], str], Row], chosen: Sequence[Candidate]) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        codebase = project(Path(folder))
        path = chosen[0].files[0]
        texts = [one.apply(path, codebase.text(path)) for one in chosen]
        return work(Path(folder), texts, path)


def main(arguments: list[str]) -> int:
    """Print the table; return 0 when the rate and the factor reach what is wanted and all verdicts agree."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    some = 4 if "--quick" in arguments else 1
    with tempfile.TemporaryDirectory() as folder:
        chosen, rows = ours(project(Path(folder)), 1200 // some, 40 // some)
        test = seconds_of_test(Path(folder)) * 1000
    alike = [one for one in chosen if one.files == ("shop/cart.py",)][: 60 // some]
    rows += [_others(in_process, alike), _others(fresh, alike[: 20 // some])]
    print(f"the failing test takes {test:.3f} ms")
    slowest = rows[-1].rate
    for row in rows:
        print(f"{row.name:32}{len(row.verdicts):6} candidates {row.rate:8.1f}/s {row.rate / slowest:7.1f} x")
    swapped = dict(zip(chosen, rows[0].verdicts, strict=True))
    same = all(swapped[one] == verdict for row in rows[-2:] for one, verdict in zip(alike, row.verdicts, strict=False))
    print(f"passed: {rows[0].verdicts.count('p')}; verdicts {'agree' if same else 'DIFFER'}")
    return 0 if same and rows[0].rate >= 400 and rows[0].rate >= 30 * slowest else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
