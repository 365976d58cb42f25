"""Recorded values: copied into JSON's own types, secrets taken out, and what can't be given again marked as such."""

from __future__ import annotations

import functools
import itertools
import math
import re
from typing import Any

LONGEST, DEEPEST, MOST_PARTS = 4_000, 12, 2_000  # characters of a text, nesting, members of a value
HIDDEN = "[redacted]"
NAMES = tuple("password passwd secret token apikey api_key authorization cookie credential private_key session".split())
_SECRET = re.compile(
    r"\b(?:gh[opsur]_|github_pat_|glpat-|xox[abeoprs]-|sk-|[rs]k_live_|npm_|pypi-|AKIA|ASIA|AIza|hf_)[\w.\-]{12,}"
    r"|\beyJ[\w\-]{8,400}\.eyJ[\w\-]{8,}\.[\w\-]*|-----BEGIN [A-Z ]{0,40}PRIVATE KEY[\s\S]*"
    r"|(?i:\b(?:bearer|basic)\s+)[\w.~+/=\-]{8,}|://[^\s:/@]{0,100}:[^\s/@]{1,300}@"
)


class Copy:
    """Copies values; `whole` stays true while nothing was hidden, cut or of a type that JSON does not have."""

    def __init__(self, hide: tuple[str, ...] = NAMES) -> None:
        self.whole = True
        self._left, self._hide = MOST_PARTS, hide

    def of(self, value: Any, name: str = "", depth: int = 0) -> Any:
        """Return the copy of a value that is called `name`; the program's own code is never called."""
        kind = type(value)
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            return self._odd("...")
        if name and value is not None and _is_secret(name, self._hide):
            return self._odd(HIDDEN)
        plain = kind is bool or (kind is int and abs(value) < 2**63) or (kind is float and math.isfinite(value))
        if value is None or plain:
            return value
        return self._text(value) if kind is str else self._members(value, kind, depth + 1)

    def _members(self, value: Any, kind: type, depth: int) -> Any:
        if kind is list or kind is tuple:
            return [self.of(one, "", depth) for one in value[: MOST_PARTS + 1]]
        if kind is dict and all(type(key) is str for key in value):
            first = itertools.islice(value.items(), MOST_PARTS + 1)
            return {self._text(key): self.of(one, key, depth) for key, one in first}
        return self._odd("<%s.%s>" % (kind.__module__, kind.__qualname__))

    def _text(self, text: str) -> str:
        clean = hidden(text[:LONGEST])
        return clean if clean == text else str(self._odd(clean))

    def _odd(self, shown: Any) -> Any:
        self.whole = False
        return shown


@functools.lru_cache(maxsize=4096)
def _is_secret(name: str, hide: tuple[str, ...]) -> bool:
    return any(part in name.lower() for part in hide)


def hidden(text: str) -> str:
    """Return text without what looks like a secret."""
    return _SECRET.sub(HIDDEN, text)


def given(
    names: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any], hide: tuple[str, ...]
) -> dict[str, Any]:
    """Return arguments under `args` and `kwargs` when they can be given again as they were, else under `shown`."""
    copy = Copy(hide)
    found = {
        "args": [copy.of(one, names[at] if at < len(names) else "") for at, one in enumerate(args)],
        "kwargs": {key: copy.of(one, key) for key, one in kwargs.items()},
    }
    return found if copy.whole else {"shown": found}


def returned(context: dict[str, Any], result: Any, hide: tuple[str, ...]) -> None:
    """Add what came back as `result` when it is exactly that, else to `shown`."""
    copy = Copy(hide)
    value = copy.of(result)
    if copy.whole and not _holds_tuple(result):
        context["result"] = value
    else:
        context.setdefault("shown", {})["result"] = value


def _holds_tuple(value: Any) -> bool:
    """Return whether a tuple lies inside a value, where JSON would make it a list that compares unequal."""
    members = value.values() if type(value) is dict else value if type(value) in (list, tuple) else ()
    return any(type(one) is tuple or _holds_tuple(one) for one in members)
