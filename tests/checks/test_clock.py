"""The clock hears the calls of one function, and of no other."""

import json
import sys
from pathlib import Path

from bot.checks.clock_driver import Clock, main


def test_calls_of_a_function_are_timed_those_within_once() -> None:
    def down(n: int) -> int:
        return down(n - 1) if n else 0

    clock = Clock("checks/test_clock.py", down.__qualname__)
    assert clock.is_target(down.__code__)
    assert not clock.is_target(test_calls_of_a_function_are_timed_those_within_once.__code__)
    for event in ("call", "call", "return", "return", "return"):
        frame = type("Frame", (), {"f_code": down.__code__})
        clock.profile(frame, event, None)
    assert (clock.calls, clock.depth) == (1, 0)
    assert clock.seconds > 0
    clock.profile(type("Frame", (), {"f_code": Clock.enter.__code__}), "call", None)
    assert clock.calls == 1


def test_a_script_is_run_with_its_arguments_and_timed(tmp_path: Path) -> None:
    code = (
        "import sys\n\ndef g():\n    return 1\n\ndef f():\n    return g()\n\nif sys.argv[1] == 'x':\n    f()\n    f()\n"
    )
    (tmp_path / "work.py").write_text(code)
    before, out = sys.argv, tmp_path / "out.json"
    hook = sys.getprofile()
    try:
        main(str(out), "work.py", "f", "g", str(tmp_path / "work.py"), "x")
    finally:
        sys.argv = before
        sys.setprofile(hook)
    told = json.loads(out.read_text())
    assert told["calls"] == 2
    assert told["seconds"] > 0
    assert 0 < told["usual"] <= told["cpu"]
    assert told["orders"] == {"g": 2}
