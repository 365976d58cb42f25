"""Documentation that was found wrong by reading is read again with the patch."""

from __future__ import annotations

import pytest

from bot.codebase import of
from bot.detectors import documentation
from bot.detectors._seen import Seen
from tests.proof.ground import PYTEST, Case, seen

CODE = '''def f(first, second):
    """Return the sum.

    Args:
        first: One.
        other: Two.
    """
    return first + second
'''
FILES = {
    "a.py": CODE,
    "README.md": "# a\n",
    "tests/test_a.py": "from a import f\n\n\ndef test_f():\n    assert f(1, 2) == 3\n",
}
RIGHT = CODE.replace("other: Two", "second: Two")
DETAILS = {"class": "docs", "tool": "docstring"}


def prove(folder, patch, files=FILES):
    (wrong,) = documentation.detect(Seen(codebase=of(FILES)))
    cause = {"type": "documentation", "anomaly_id": wrong.id, "details": DETAILS, "failures": (), "failing_tests": ()}
    return Case(folder, files, [patch], failing=(), checks=(PYTEST,), diagnosis=cause).prove()


def test_what_is_right_when_read_again_is_proven(tmp_path):
    verdict = prove(tmp_path, {"a.py": RIGHT})
    assert verdict.proven, verdict.refusals
    assert seen(verdict)["documentation read again"] == (True, "1 wrong place(s) before, 0 after")


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ({"README.md": None}, "still wrong"),
        ({"a.py": RIGHT, "README.md": "# a\n\n[more](docs/more.md)\n"}, "wrong now"),
    ],
)
def test_what_is_still_or_newly_wrong_is_refused(tmp_path, patch, said):
    verdict = prove(tmp_path, patch)
    assert not verdict.proven
    assert said in verdict.refusals[0]


def test_what_was_never_wrong_is_refused(tmp_path):
    verdict = prove(tmp_path, {"a.py": RIGHT + "\n"}, files={**FILES, "a.py": RIGHT})
    assert "not wrong there without the patch" in verdict.refusals[0]
