"""Who should have made what an error says is not there."""

from __future__ import annotations

import pytest

from bot.codebase import of
from bot.codebase.absent import makers
from bot.model import Frame

FILES = {
    "a.py": "class A:\n    def go(self, x):\n        return x\n",
    "tests/test_a.py": "from a import A\n\n\ndef test_a():\n    one = A()\n    two = one.go(1)\n    assert two.y\n"
    "    assert A().go(1).y\n    assert [].y\n    assert make().y\n    assert made[0].y\n",
}
NONE = "'NoneType' object has no attribute 'y'"


def _stack(line: int) -> tuple[Frame, ...]:
    return (Frame(file="tests/test_a.py", line=line, function="test_a", project=True),)


@pytest.mark.parametrize(("line", "names"), [(7, {"go"}), (8, {"go"}), (9, set()), (10, {"make"}), (11, set())])
def test_who_gave_none(line: int, names: set[str]) -> None:
    assert makers(of(FILES), (_stack(line),), (NONE,)) == (names, frozenset())


def test_who_gave_a_value_of_another_type() -> None:
    text = "import re\n\n\ndef first(patterns):\n    for one in patterns():\n        if (found := one.match('a')):\n"
    text += "            return found.match.groups()\n        one.flags.x\n"
    stack = (Frame(file="b.py", line=7, function="first", project=True),)
    message = "'re.Pattern' object has no attribute 'groups'"
    assert makers(of({"b.py": text}), (stack,), (message,)) == ({"match"}, frozenset())
    stack = (Frame(file="b.py", line=8, function="first", project=True),)
    assert makers(of({"b.py": text}), (stack,), ("'int' object has no attribute 'x'",)) == ({"patterns"}, frozenset())


def test_what_an_object_lacks() -> None:
    assert makers(of(FILES), (_stack(7),), ("'A' object has no attribute 'x'",)) == (frozenset(), {("A", "x")})
    assert makers(of(FILES), (_stack(7), ()), ("assert 1 == 2", "assert 2")) == (frozenset(), frozenset())
    assert makers(of({}), (_stack(7),), (NONE,)) == (frozenset(), frozenset())
