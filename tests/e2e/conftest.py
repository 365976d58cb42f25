"""What the end-to-end tests on a shared town have in common: each module builds its own, `built`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.scene import Town


@pytest.fixture
def here(built: Town) -> Iterator[Town]:
    """Yield the module's town, and put it to rest after the test."""
    yield built
    built.rest()
