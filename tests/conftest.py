"""What all tests share."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update`: write what the cases give now instead of comparing."""
    parser.addoption("--update", action="store_true", help="regenerate the expected files of tests/cases")
