"""What static checks said of the good version already: it did not go wrong since, so nobody asked for its repair.

A linter, formatter or type checker of today finds more in an old commit than the one of its day did. What stands since
then is told and left alone; what came with the change is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import re2

from bot.checks import run_check
from bot.logs import failures_of
from bot.model import Anomaly, Check, CodebaseInfo, Failure
from bot.ports import Limits, Sandbox

STATIC = frozenset({"lint", "format", "type", "docs"})
"""Failure classes, and kinds of checks, that read code and run none of it."""
SECONDS = 120.0  # for one check of the good version
_NUMBER = re2.compile(r"\d+")

Kind = tuple[str, str, str]


def is_static(anomaly: Anomaly) -> bool:
    """Return whether an anomaly is what static checks say and nothing else."""
    return bool(anomaly.failures) and all(failure.klass in STATIC for failure in anomaly.failures)


class Before:
    """Knows what the good version had already; each check is run there once, and only when it is `asked` for."""

    def __init__(self, sandbox: Callable[[], Sandbox], *, asked: bool) -> None:
        """Run checks in what `sandbox` gives; nothing stands where it is not asked for."""
        self.sandbox, self.asked = sandbox, asked
        self.known: dict[str, tuple[Failure, ...]] = {}

    def among(
        self, anomalies: Iterable[Anomaly], info: CodebaseInfo | None, failed: Iterable[str]
    ) -> tuple[Anomaly, ...]:
        """Return those of the anomalies that were there before; `failed` are the names of the checks that fail now."""
        static = [one for one in anomalies if is_static(one)] if self.asked else []
        if not static or info is None:
            return ()
        for name in failed:
            if name not in self.known:
                self.known[name] = said_before(info, (name,), self.sandbox(), Limits(seconds=SECONDS))
        before = [failure for said in self.known.values() for failure in said]
        return tuple(one for one in static if stood(one, before))


def said_before(info: CodebaseInfo, names: Iterable[str], sandbox: Sandbox, limits: Limits) -> tuple[Failure, ...]:
    """Return what the static checks of these names say of the good version of `info`.

    Nothing where there is no good version, or no environment to run them in.
    """
    wanted = set(names)
    checks = [check for check in info.checks if check.kind in STATIC and check.name in wanted]
    able = bool(info.good_tree and info.environment)
    return tuple(failure for check in checks if able for failure in _said(info, check, sandbox, limits))


def _said(info: CodebaseInfo, check: Check, sandbox: Sandbox, limits: Limits) -> tuple[Failure, ...]:
    tree = Path(info.good_tree)
    done, output = run_check(sandbox, tree, Path(info.environment), check, limits)
    if done.exit_code in (0, None):
        return ()
    _, shown = failures_of(f"{check.name}.log", output, exit_code=done.exit_code, checkout=tree)
    return shown


def stood(anomaly: Anomaly, before: Iterable[Failure]) -> bool:
    """Return whether all that static checks say of an anomaly they said before: no finding more in any file."""
    earlier = sum((_counted(failure) for failure in before), Counter[Kind]())
    now = sum((_counted(failure) for failure in anomaly.failures), Counter[Kind]())
    return is_static(anomaly) and bool(now) and not now - earlier


def _counted(failure: Failure) -> Counter[Kind]:
    """Return how many findings of its kind a failure stands for, in all and in each file that it names."""
    places = failure.detail("places").split() or [failure.file or ""]
    # What names neither rule nor file says which command failed, with the files that it was given.
    said = (failure.message or failure.root_line) if any(places) else failure.tool
    kind = failure.code or str(_NUMBER.sub("N", said))
    files = Counter((failure.klass, kind, place.partition(":")[0]) for place in places)
    count = failure.detail("count")
    return files + Counter({(failure.klass, kind, "*"): int(count) if count.isdigit() else 1})
