"""What a build backend printed before the tool that called it said that it failed: the error that explains it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.lines import Hit, Log
from bot.logs.patterns import rx

COMPILED = rx(r"^ *(?P<message>(?P<file>[^\s:]+):(?P<line>\d{1,9})(?::\d+)?: (?:fatal )?error: .*)$")
DRIVER = rx(
    r"^ *(?P<message>(?:(?:clang|gcc|g\+\+|c\+\+|cc1)[\w.+-]*: (?:fatal )?error: (?:inv|un(?:rec|known|supp)|no"
    r" such|.*: No such).*"
    r"|(?:\S*/)?ld: (?:cannot find|library not found for|library '.*' not found).*))$"
)
PLACED = rx(r"^(?P<file>[^\s:]+\.\w+):(?P<line>\d{1,9}):")
RAISED = rx(r"^(?P<message>(?:[a-z_][\w.]*\.)?[A-Z]\w*(?:Error|Exception|Invalid\w*|NotFound|Exit): .*)$")
# setuptools prints the whole rule that metadata break below this line
CONFIGURED = rx(r"^(?P<message>configuration error: `.*)$")
LEFT = rx(r"^(?:Run \S.*|(?:Error: )?Process completed with exit code \d+\.?)$")
COMPILER_LINES, RAISED_LINES = 400, 12


def backend_error(log: Log, end: int) -> Iterator[Hit]:
    """Yield the compiler's first error above line `end`, else the exception that ends the output there, if any."""
    left = list(log.find(LEFT, max(0, end - COMPILER_LINES), end))
    start = left[-1].index + 1 if left else max(0, end - COMPILER_LINES)
    compiled = log.first(COMPILED, start, end)
    if compiled is not None:
        yield compiled
        return
    driven = log.first(DRIVER, start, end)
    if driven is not None:
        yield driven
        return
    configured = log.first(CONFIGURED, start, end)
    if configured is not None:
        yield configured
        return
    yield from list(log.find(RAISED, max(start, end - RAISED_LINES), end))[-1:]
