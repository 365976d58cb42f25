import pytest

from bot.codebase import Codebase, Symbol, of
from bot.codebase.spectrum import Spectrum

FILES = {
    "src/pkg/__init__.py": "from pkg.core import run\n",
    "src/pkg/core.py": """def run(x):
    return helper(x)

def helper(x):
    return Box(x).get()

class Box:
    def __init__(self, x):
        self.x = x

    def get(self):
        return self.x

    @staticmethod
    def make():
        return Box(1)
""",
    "src/pkg/other.py": """import pkg.core
import pkg.core as c
from pkg import core as k, run as r
from .core import Box as B

def a(): return pkg.core.run(1)
def b(): return c.helper(1)
def d(): return k.run(1)
def e(): return r(1)
def f(): return B.make()
def g(): return run(1)
def h(): return (lambda: 1)()
""",
    "tests/test_core.py": """from pkg import run
import pkg.other

class TestRun:
    def test_it(self):
        assert run(1) == 1

def test_other():
    assert check()

def check():
    return pkg.other.a()

def test_nothing():
    pass
""",
}


@pytest.fixture(scope="module")
def codebase() -> Codebase:
    return of(FILES)


def symbol(codebase: Codebase, name: str) -> Symbol:
    return next(one for one in codebase.find(name) if one.file == "src/pkg/core.py")


@pytest.mark.parametrize(
    ("name", "callers"),
    [
        ("run", ["other.py:a", "other.py:d", "other.py:e", "test_core.py:TestRun.test_it"]),
        ("helper", ["core.py:run", "other.py:b"]),
        ("Box", ["core.py:helper", "core.py:Box.make"]),
        ("Box.__init__", ["core.py:helper", "core.py:Box.make"]),
        ("Box.get", ["core.py:helper"]),
        ("Box.make", ["other.py:f"]),
    ],
)
def test_callers(codebase: Codebase, name: str, callers: list[str]) -> None:
    found = codebase.callers(symbol(codebase, name))
    assert [f"{call.file.rpartition('/')[2]}:{call.caller}" for call in found] == callers


def test_tests_are_found_through_the_call_graph(codebase: Codebase) -> None:
    assert codebase.tests_of(symbol(codebase, "Box.get")) == (
        "tests/test_core.py::TestRun::test_it",
        "tests/test_core.py::test_other",
    )
    assert codebase.tests_of(symbol(codebase, "Box.make")) == ()


def test_measured_coverage_wins() -> None:
    spectrum = Spectrum({"t1": {"src/pkg/core.py": (1, 2)}, "t2": {"src/pkg/core.py": (5,)}})
    codebase = of(FILES, spectrum=spectrum)
    assert codebase.tests_of(symbol(codebase, "run")) == ("t1",)
    assert codebase.tests_of(symbol(codebase, "Box")) == ()


def test_computed_callees_are_marked(codebase: Codebase) -> None:
    assert [call.name for call in codebase.calls("src/pkg/other.py") if call.caller == "h"] == ["?"]
