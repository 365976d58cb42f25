"""What the standard library offers."""

from __future__ import annotations

import sys

import pytest

from bot.strategies._library import exported, home_of, names_of


def test_names_of_common_modules_are_known() -> None:
    assert {"dataclass", "field"} <= names_of("dataclasses")
    assert names_of("no_such_module_here") == frozenset()


def test_a_rare_module_is_read_and_not_imported() -> None:
    before = "this" in sys.modules or "antigravity" in sys.modules
    assert "open_new_tab" not in names_of("antigravity")
    assert "Cmd" in names_of("cmd")
    assert ("this" in sys.modules or "antigravity" in sys.modules) == before


@pytest.mark.parametrize(
    ("name", "module"),
    [("dataclass", "dataclasses"), ("defaultdict", "collections"), ("Path", "pathlib"), ("Queue", ""), ("nothing", "")],
)
def test_a_bare_name_has_one_home_or_none(name: str, module: str) -> None:
    assert home_of(name) == module


def test_what_a_module_exports_leaves_its_own_imports_out() -> None:
    assert "sys" not in exported("copy")
    assert exported("no_such_module_here") == frozenset()
