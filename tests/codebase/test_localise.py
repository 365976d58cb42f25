from pathlib import Path

import pytest

from bot.codebase import of
from bot.codebase.localise import ochiai, rank
from bot.codebase.spectrum import Spectrum, load, loads
from bot.errors import Misconfigured
from bot.model import Cure, Frame

CODE = """def good(x):
    y = x + 1
    return y

def bad(x):
    y = x - 1
    return y
"""
FILES = {"pkg.py": CODE, "tests/test_pkg.py": "def test_a():\n    assert bad(1) == 2\n"}
SPECTRUM = Spectrum(
    coverage={
        "t::good": {"pkg.py": (2, 3), "tests/test_pkg.py": (1,)},
        "t::both": {"pkg.py": (2, 3, 6)},
        "t::bad": {"pkg.py": (2, 6, 7), "tests/test_pkg.py": (2,)},
    },
    outcomes={"t::good": "passed", "t::both": "passed", "t::bad": "failed"},
)


def test_ochiai_finds_the_line_only_the_failing_test_runs() -> None:
    suspects = rank(SPECTRUM, SPECTRUM.failing, of(FILES))
    assert [(s.file, s.line, s.function) for s in suspects] == [
        ("pkg.py", 7, "bad"),
        ("pkg.py", 6, "bad"),
        ("pkg.py", 2, "good"),
        ("tests/test_pkg.py", 2, "test_a"),
    ]
    assert suspects[0].score == 1
    assert all(0 < one.score <= 1 for one in suspects)


def test_a_variable_without_a_value_is_the_fault_of_its_function() -> None:
    stack = [Frame(file="pkg.py", line=2)]
    message = "cannot access local variable 'y' where it is not associated with a value"
    found = rank(SPECTRUM, SPECTRUM.failing, of(FILES), stacks=[stack, []], messages=[message, message])
    assert found[0].function == "good"
    assert rank(SPECTRUM, SPECTRUM.failing, of(FILES), stacks=[stack], messages=["no"])[0].function == "bad"


def test_ochiais_coefficient() -> None:
    found = ochiai(SPECTRUM, ["t::bad"])
    assert {place: round(score, 4) for place, score in found.items()} == {
        ("pkg.py", 2): 0.5774,
        ("pkg.py", 6): 0.7071,
        ("pkg.py", 7): 1.0,
        ("tests/test_pkg.py", 2): 1.0,
    }


def test_frames_break_ties_and_stand_alone() -> None:
    frames = [
        Frame(file="tests/test_pkg.py", line=2),
        Frame(file="pkg.py", line=2),
        Frame(file="pkg.py", line=6),
        Frame(file="/usr/lib/python3/json.py", line=1, project=False),
    ]
    assert [s.line for s in rank(None, ["t::bad"], of(FILES), stacks=[frames])] == [6, 2]
    only_test = rank(None, [], of(FILES), stacks=[frames[:1]])
    assert [(s.file, s.line) for s in only_test] == [("tests/test_pkg.py", 2)]


def test_what_changed_weighs_most() -> None:
    good = {**FILES, "pkg.py": CODE.replace("x + 1", "x + 2")}
    suspects = rank(SPECTRUM, ["t::bad"], of(FILES, good=good))
    assert suspects[0].line == 2
    assert suspects[0].score <= 1


def test_nothing_known_gives_no_suspects() -> None:
    assert rank(None, ["t"], of(FILES)) == ()
    assert rank(SPECTRUM, ["unknown"], of(FILES)) == ()


def test_a_spectrum_survives_its_file(tmp_path: Path) -> None:
    SPECTRUM.save(tmp_path / "s.json")
    again = load(tmp_path / "s.json")
    assert again == SPECTRUM
    assert again.tests_of("pkg.py", [7]) == ("t::bad",)
    assert again.tests_of("absent.py", [7]) == ()
    assert again.lines("pkg.py") == {2, 3, 6, 7}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": [], "tests": {"t": {"9": []}}, "outcomes": {}}'])
def test_a_broken_spectrum_is_told(text: str) -> None:
    with pytest.raises(Misconfigured, match="not a spectrum"):
        loads(text)


def test_an_absent_spectrum_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot read"):
        load(tmp_path / "absent")


def _ranked(code: str, lines: dict[str, tuple[int, ...]], bad: str, **more: object) -> list[int]:
    outcomes = {test: "failed" if test == bad else "passed" for test in lines}
    spectrum = Spectrum({test: {"pkg.py": run} for test, run in lines.items()}, outcomes)
    return [one.line for one in rank(spectrum, [bad], of({"pkg.py": code}), **more)]  # type: ignore[arg-type]


def test_a_condition_that_failing_tests_decide_otherwise_comes_before_other_conditions() -> None:
    code = "def f(a):\n    if a > 1:\n        g()\n    if a > 2:\n        g()\n    return a\n"
    found = _ranked(code, {"good": (2, 3, 4, 6), "bad": (2, 3, 4, 5, 6)}, "bad")
    assert found.index(4) < found.index(2)


def test_the_guard_of_a_raise_comes_before_the_raise() -> None:
    code = "def f(a):\n    if a > 1:\n        raise ValueError(a)\n    return a\n"
    stack = [Frame(file="pkg.py", line=3, function="f")]
    assert _ranked(code, {"good": (2, 4), "bad": (2, 3)}, "bad", stacks=[stack])[0] == 2


def test_what_made_the_value_that_crashed_is_suspicious() -> None:
    start = "class A:\n    def __init__(self):\n        self.x = 0\n        self.y = 0\n"
    code = start + "    def f(self):\n        return self.y.z\n"
    stack = [Frame(file="pkg.py", line=6, function="f")]
    found = _ranked(code, {"good": (3, 4), "bad": (3, 4, 6)}, "bad", stacks=[stack])
    assert found == [6, 4, 3]


def test_a_forgotten_result_counts_where_none_turned_up() -> None:
    code = "def f(a):\n    b = a\n    g(b)\ndef k(a):\n    return f(a) + 1\n"
    lines = {"bad": (2, 3, 5)}
    assert _ranked(code, lines, "bad")[0] == 5
    assert _ranked(code, lines, "bad", messages=["unsupported operand: 'NoneType'"])[0] == 3


def test_code_that_only_tells_of_errors_comes_later() -> None:
    code = "class Odd(Exception):\n    def __init__(self, a):\n        self.a = a\ndef f(a):\n    b = a\n    return b\n"
    found = _ranked(code, {"good": (6,), "bad": (3, 5, 6)}, "bad")
    assert found.index(5) < found.index(3)


def test_other_failing_tests_are_no_witnesses_for_a_line() -> None:
    coverage = {"one": {"pkg.py": (2, 3)}, "two": {"pkg.py": (2,)}, "good": {"pkg.py": (3,)}}
    spectrum = Spectrum(coverage, {"one": "failed", "two": "failed", "good": "passed"})
    assert rank(spectrum, ["one"], of({"pkg.py": CODE}))[0].line == 2


def test_where_a_test_tells_not_what_it_ran_the_others_that_fail_stand_in() -> None:
    coverage = {"page": {}, "two": {"pkg.py": (2,)}, "good": {"pkg.py": (3,)}}
    spectrum = Spectrum(coverage, {"page": "failed", "two": "failed", "good": "passed"})
    assert rank(spectrum, ["page"], of({"pkg.py": CODE}))[0].line == 2


def test_who_gave_none_or_lacks_an_attribute_comes_first() -> None:
    code = "class A:\n    def __init__(self):\n        self.x = 0\n    def f(self):\n        g(self)\n        g(self)\n"
    code += "    def h(self):\n        g(self)\n"
    files = {"pkg.py": code, "tests/test_a.py": "def test_a():\n    a = A()\n    a.f().y\n"}
    run = {"bad": {"pkg.py": (3, 5, 6, 8)}, "good": {"pkg.py": (3, 5, 6, 8)}}
    spectrum = Spectrum(run, {"bad": "failed", "good": "passed"})
    stack = [Frame(file="tests/test_a.py", line=3, function="test_a", project=True)]
    none = rank(spectrum, ["bad"], of(files), stacks=[stack], messages=["'NoneType' object has no attribute 'y'"])
    assert none[0].function == "A.f"
    lacks = rank(spectrum, ["bad"], of(files), stacks=[stack], messages=["'A' object has no attribute 'x'"])
    assert (lacks[0].function, lacks[0].line) == ("A.__init__", 3)


def test_edits_that_cured_decide_the_likeliest_first_and_those_of_other_tests_do_not() -> None:
    run = {"bad": {"pkg.py": (2, 3)}, "other": {"pkg.py": (2, 3)}, "good": {"pkg.py": (2, 3)}}
    spectrum = Spectrum(run, {"bad": "failed", "other": "failed", "good": "passed"})
    cures = [
        Cure(tests=(test,), file="pkg.py", line=line, cost=cost)
        for test, line, cost in (("bad", 2, 9.0), ("bad", 3, 4.0), ("other", 2, 1.0))
    ]
    codebase = of({"pkg.py": "def f(a):\n    b = a + 1\n    return b + 1\n"})
    codebase.info = codebase.info.model_copy(update={"cures": tuple(cures)})
    assert [rank(spectrum, [test], codebase)[0].line for test in ("bad", "other")] == [3, 2]
    codebase.info = codebase.info.model_copy(update={"cures": ()})
    assert rank(spectrum, ["other"], codebase)[0].line == 3
    codebase.info = codebase.info.model_copy(update={"cures": (cures[0],)})
    assert rank(spectrum, ["other"], codebase)[0].line == 2
