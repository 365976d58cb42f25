from pathlib import Path

import pytest

from bot.codebase import of
from bot.codebase.localise import ochiai, rank
from bot.codebase.spectrum import Spectrum, load, loads
from bot.errors import Misconfigured
from bot.model import Frame

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
    assert [s.line for s in rank(None, ["t::bad"], of(FILES), frames=frames)] == [6, 2]
    only_test = rank(None, [], of(FILES), frames=frames[:1])
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
