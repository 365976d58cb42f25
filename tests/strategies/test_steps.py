"""Steps of a sequence in code: found, exchanged, removed, moved and added."""

from __future__ import annotations

import ast

import pytest

from bot.strategies._steps import Steps, inserted, moved, removed, steps_in, swapped

WANTED = frozenset({"load", "check", "store"})
CALLS = "def run(x):\n    x = load(x)\n    x = check(x)\n    return x\n"
PLAIN = "def run(x):\n    load(x)\n    log(x)\n    check(x)\n    store(x)\n"
LISTED = "STEPS = [load, check, store]\n"
TEXTS = 'STEPS = (\n    "app.load",\n    "app.check",\n)\n'
AWAITED = "async def run(x):\n    await load(x)\n    await check(x)\n"
MADE = "STEPS = [load(1), check(2)]\n"


def only(text: str) -> Steps:
    """Return the one place with steps."""
    (found,) = steps_in(ast.parse(text), WANTED)
    return found


@pytest.mark.parametrize(
    ("text", "names", "listed"),
    [
        (CALLS, ("load", "check"), False),
        (PLAIN, ("load", "check", "store"), False),
        (LISTED, ("load", "check", "store"), True),
        (TEXTS, ("load", "check"), True),
        (AWAITED, ("load", "check"), False),
        (MADE, ("load", "check"), True),
    ],
)
def test_steps_are_found(text: str, names: tuple[str, ...], listed: bool) -> None:
    found = only(text)
    assert (found.names, found.listed) == (names, listed)


@pytest.mark.parametrize("text", ["load(1)\n", "a, b = load, check = 1, 2\n", "x = 1\ny = 2\n"])
def test_other_code_has_none(text: str) -> None:
    assert list(steps_in(ast.parse(text), WANTED)) == []


def test_two_steps_change_places() -> None:
    assert swapped(LISTED, only(LISTED), 0, 2) == "STEPS = [store, check, load]\n"
    assert swapped(CALLS, only(CALLS), 0, 1) == "def run(x):\n    x = check(x)\n    x = load(x)\n    return x\n"


def test_a_step_is_taken_out() -> None:
    assert removed(LISTED, only(LISTED), 0) == "STEPS = [check, store]\n"
    assert removed(LISTED, only(LISTED), 2) == "STEPS = [load, check]\n"
    assert removed(PLAIN, only(PLAIN), 1) == "def run(x):\n    load(x)\n    log(x)\n    store(x)\n"
    assert removed(CALLS, only(CALLS), 0) is None, "its result is used by name"


def test_a_step_is_moved() -> None:
    assert moved(LISTED, only(LISTED), 0, 2) == "STEPS = [check, store, load]\n"


def test_a_missing_step_is_added_in_the_form_of_the_others() -> None:
    assert inserted(LISTED, only(LISTED), "audit", 0) == "STEPS = [load, audit, check, store]\n"
    assert inserted(TEXTS, only(TEXTS), "audit", 1) == (
        'STEPS = (\n    "app.load",\n    "app.check",\n    "app.audit",\n)\n'
    )
    wanted = "def run(x):\n    x = load(x)\n    x = audit(x)\n    x = check(x)\n    return x\n"
    assert inserted(CALLS, only(CALLS), "audit", 0) == wanted
    assert inserted(MADE, only(MADE), "audit", 0) is None, "the arguments of the new call are not known"
