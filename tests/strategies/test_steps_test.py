"""The order of steps is tested by making the object, or by running tests that run the function."""

from bot.codebase import Spectrum, of
from bot.registry import unit
from tests import make

CODE = """class Box:
    def __init__(self, size):
        self.reset()
        self.fill(size)

    def reset(self):
        self.held = []

    def fill(self, size):
        self.held += [size]

    def turn(self, how):
        self.reset()
        self.fill(how)
"""
TESTS = (
    "from box import Box\n\n\ndef test_box():\n    Box(3).turn(object())\n\n\ndef test_given(box):\n    box.turn(1)\n"
)
RAN = {"tests/test_box.py::test_box": {"box.py": (14, 15)}, "tests/test_box.py::test_given": {"box.py": (14,)}}


def proposed(function: str, line: int) -> str:
    codebase = of({"box.py": CODE, "tests/test_box.py": TESTS}, spectrum=Spectrum(RAN))
    details = {"fix": "Order", "expected": "box.Box.reset\nbox.Box.fill"}
    diagnosis = make.diagnosis(
        type="behavioral", file="box.py", line=line, function=function, failing_tests=(), details=details
    )
    one, *_ = unit("strategy", "steps_test")(diagnosis, codebase)
    return str(one.edits[0].text)


def test_an_object_is_made_to_see_what_its_making_does() -> None:
    text = proposed("Box.__init__", 2)
    assert "def test_init_takes_its_steps_in_order():" in text
    assert "        box.Box(3)\n" in text


def test_a_test_that_needs_nothing_is_run_where_the_arguments_are_not_plain() -> None:
    text = proposed("Box.turn", 12)
    assert "import test_box\n" in text or "from tests import test_box\n" in text
    assert "        test_box.test_box()\n" in text
    assert "test_given" not in text
