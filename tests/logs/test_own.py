"""The names of a repository's own modules that a log shows outside of tracebacks."""

from __future__ import annotations

import pytest

from bot.logs.lines import Log
from bot.logs.own import own_names

ROOT = "/home/runner/work/ledger-core/ledger-core"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("src/ledger/rows.py      12      2    83%", "ledger"),
        ("mypy ./src/ledger", "ledger"),
        (f"copying {ROOT}/src/ledger/rows.py -> build", "ledger"),
        ("coverage run --source ledger -m pytest", "ledger"),
        ("  Building editable for ledger-rows (pyproject.toml): started", "ledger_rows"),
        ("Installing the current project: ledger (0.1.0)", "ledger"),
        (" + ledger-rows==0.1.0 (from file:///home/runner/work/ledger-core/ledger-core)", "ledger_rows"),
        ("   Built python-ledger @ file:///home/runner/work/ledger-core/ledger-core", "ledger"),
    ],
)
def test_shown(line: str, name: str) -> None:
    assert name in set(own_names(Log("ci.log", line.encode()), ROOT))


@pytest.mark.parametrize(
    "line",
    ["/opt/lib/src/ledger/rows.h", " + ledger==0.1.0", "Building wheel for ledger (pyproject.toml): started"],
)
def test_of_others(line: str) -> None:
    assert "ledger" not in set(own_names(Log("ci.log", line.encode()), ROOT))


def test_nothing_known() -> None:
    assert set(own_names(Log("ci.log", b"hello"), "")) == set()
