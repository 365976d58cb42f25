"""What only telemetry shows is healed from the command, and the patch brings a test that fails without it.

The other types go the same way; tests/e2e/test_types.py takes each to its merge.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e import kinds
from tests.e2e.test_heal import heal


@pytest.mark.parametrize("name", ["behavioral", "coverage"])
def test_what_telemetry_shows_is_healed(tmp_path: Path, name: str) -> None:
    checkout, options = kinds.broken(tmp_path, name)
    done = heal(checkout, *options)
    assert done.code == 0, done.told
    (fix,) = [fix for fix in done.data["fixes"] if fix["validated"]]
    kind = kinds.KINDS[name]
    assert all(path == kind.file or path.startswith("tests/") for path in fix["files"])
    assert any(path.startswith("tests/") for path in fix["files"])
    if kind.old:
        assert "fail without the fix" in done.told


@pytest.mark.parametrize("name", ["behavioral", "documentation"])
def test_without_a_fault_nothing_is_proposed(tmp_path: Path, name: str) -> None:
    checkout, options = kinds.broken(tmp_path, name)
    kinds.mend(checkout, options, name)
    done = heal(checkout, *options)
    assert (done.code, done.patch) == (3, ""), done.told
