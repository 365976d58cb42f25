"""The checks that are linters, formatters and type checkers: those a project configures or calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.checks.discovery.calls import expanded
from bot.checks.discovery.config import Config
from bot.checks.discovery.from_precommit import RANK as HOOKS
from bot.checks.discovery.invocations import Invocation
from bot.checks.discovery.pins import Pins
from bot.checks.discovery.toolbox import TOOLS, Tool, own_packages
from bot.model import Check

_MOST = 3
"""Calls of one tool that are kept: more of them are variants of the same check."""


def tool_checks(files: Mapping[str, str], made: tuple[Invocation, ...]) -> tuple[Check, ...]:
    """Return the checks of each tool: as the project's automation calls it, else by default where it is configured."""
    config = Config(files)
    pins = Pins(config, made)
    return tuple(check for tool in TOOLS for check in _checks(config, tool, made, pins))


def _checks(config: Config, tool: Tool, made: tuple[Invocation, ...], pins: Pins) -> Iterator[Check]:
    where = next(_places(config, tool), "")
    rows = _called(config.files, tool, made)
    if not rows and where:
        rows = {(tool.arguments(config), "."): Invocation(tool.program, (), found_in=where)}
    for number, ((arguments, cwd), call) in enumerate(rows.items(), 1):
        yield Check(
            name=tool.name if number == 1 else f"{tool.name}-{number}",
            kind=tool.kind,
            tool=tool.name.removesuffix("-format"),
            argv=(tool.program, *arguments),
            cwd=cwd,
            found_in=call.found_in,
            needs=pins.needs(tool.distribution, call),
            env={key: call.env[key] for key in call.env if _matters(tool, key)},
        )


def _matters(tool: Tool, variable: str) -> bool:
    return variable == "PYTHONPATH" or (variable.startswith(tool.program.upper()) and "COLOR" not in variable)


def _places(config: Config, tool: Tool) -> Iterator[str]:
    yield from (file for file in tool.files if file in config.files)
    yield from ("pyproject.toml" for table in tool.tables if config.tool(table) is not None)
    yield from (file for file, section in tool.sections if config.section(file, section) is not None)


def _called(
    files: Mapping[str, str], tool: Tool, made: tuple[Invocation, ...]
) -> dict[tuple[tuple[str, ...], str], Invocation]:
    """Return the different calls of a tool by arguments and folder, from the first source that makes any."""
    found: dict[tuple[tuple[str, ...], str], Invocation] = {}
    rank, whole = None, False
    for call in made:
        if call.tool != tool.program or (rank is not None and call.rank > rank and (whole or call.rank < HOOKS)):
            continue
        words = expanded(files, call)
        arguments = _checking(tool, words) if words is not None else None
        if arguments is not None:
            rank = call.rank
            whole = whole or _whole(files, arguments)
            found.setdefault((arguments, call.cwd), call)
    return dict(list(found.items())[:_MOST])


def _whole(files: Mapping[str, str], arguments: tuple[str, ...]) -> bool:
    """Return whether a call looks at the project as a whole; hooks are added to calls that look at a part only."""
    targets = {word.rstrip("/") for word in arguments if not word.startswith("-")} - {"check", "format"}
    return not targets or bool(targets & {".", *own_packages(Config(files))})


def _checking(tool: Tool, words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the arguments of a call that only looks and prints as usual, None when the call gates nothing."""
    if tool.harmless & set(words):
        return None
    verb: tuple[str, ...] = ()
    if tool.first:
        known = words[:1] if words[:1] in {("check",), ("format",), ("rule",), ("clean",)} else ("check",)
        if known != (tool.first,):
            return None
        verb, words = known, words[len(known) if words[:1] == known else 0 :]
    kept = tuple(_kept(tool, words))
    if tool.check and tool.check not in kept:
        kept = (tool.check, *kept)
    return (*verb, *kept)


def _kept(tool: Tool, words: tuple[str, ...]) -> Iterator[str]:
    skip = False
    for word in words:
        name = word.partition("=")[0]
        if skip:
            skip = False
        elif name in tool.drop_valued:
            skip = "=" not in word
        elif word not in tool.drop:
            yield word
