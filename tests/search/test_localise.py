"""Which lines the search suspects."""

from __future__ import annotations

from bot.codebase import of
from bot.search import Fault, Observation, Problem
from bot.search.localise import suspicion

CODE = "def write(path):\n    with open(pth) as stream:\n        return stream\n"


def test_a_line_that_raised_is_suspected_even_where_it_was_not_seen_to_run() -> None:
    problem = Problem(of({"out.py": CODE, "test_out.py": ""}), ("test_out.py::test",))
    fault = Fault("NameError", "", (("test_out.py", 3, "test"), ("out.py", 2, "write")))
    found = suspicion(problem, [Observation("test_out.py::test", "failed", fault, {"out.py": (1,)})])
    assert found["out.py", 2] == 1.0 > found["out.py", 1]
