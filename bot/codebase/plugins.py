"""Which plugin of pytest an option, a fixture, a marker or an `async def` test comes from."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import re2

_OPTIONS = re2.compile(r"unrecognized arguments?: (.+)")
_FIXTURE = re2.compile(r"fixture '(\w+)' not found")
_MARK = re2.compile(r"(?:Unknown pytest\.mark\.|')(\w+)(?:' not found in `markers`)?")
_ASYNC = re2.compile(r"async def functions are not natively supported")


@cache
def _tables() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "data" / "plugins.toml").read_text("utf-8"))


def plugins(said: str) -> Iterator[tuple[str, str]]:
    """Yield (plugin, what is missing without it) for the options, fixtures and markers that messages miss."""
    tables = _tables()
    for given in _OPTIONS.findall(said):
        for word in given.split():
            name = word.partition("=")[0]
            if name in tables["options"]:
                yield tables["options"][name], f"the option `{name}`"
    for name in _FIXTURE.findall(said):
        if name in tables["fixtures"]:
            yield tables["fixtures"][name], f"the fixture `{name}`"
    if "markers" in said or "PytestUnknownMark" in said or "Unknown pytest.mark" in said:
        for name in _MARK.findall(said):
            if name in tables["marks"]:
                yield tables["marks"][name], f"the marker `{name}`"
    if _ASYNC.search(said):
        yield "pytest-asyncio", "support for `async def` tests"
