"""Which change of one setting makes a check demand less; settings are told apart by the words of their names."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import Any

from bot.gates._settings import entries, number, truth

_SHIELDS = frozenset(
    {"ignore", "exclude", "omit", "disable", "skip", "skips", "ignored", "deselect", "norecursedirs", "disabled"}
)
_SHIELD_NAMES = frozenset(
    {"exclude_lines", "exclude_also", "partial_branches", "good_names", "collect_ignore", "fixme"}
)
_DEMANDS = frozenset(
    {"select", "enable", "testpaths", "source", "include", "files", "packages", "plugins", "error", "required"}
)
_DEMAND_NAMES = frozenset(
    {"python_files", "python_classes", "python_functions", "modules", "checks", "rules", "envlist", "env_list"}
)
_STRICT = ("strict", "disallow", "warn", "check", "enforce", "fail_on", "branch", "error", "report_", "no_implicit")
_LENIENT = ("ignore", "allow", "implicit", "exit_zero", "lenient", "suppress", "disable", "informational", "skip_")
_HARMLESS = frozenset({"skip_covered", "skip_empty", "ignore_init_module_imports", "show_missing", "skip_gitignore"})
LOOSE_FLAGS = (
    "--ignore", "--deselect", "--exit-zero", "--disable-warnings", "--no-cov", "--lf", "--last-failed", "--maxfail",
    "--suppress-no-test-exit-code", "--ignore-missing-imports", "--extend-ignore", "--extend-exclude", "--exclude",
    "--disable", "--allow", "--no-strict", "--no-warn", "--skip", "--omit", "--per-file-ignores", "--ignore-glob",
    "--follow-imports", "--continue-on-collection-errors", "--no-error-summary", "--force-exclude", "--runxfail",
    "--only-rerun", "--reruns", "--collect-only", "--allow-redefinition", "--pass-with-no-tests", "--retries",
    "--ignore-errors", "--no-header-errors", "--quiet-success", "--no-doctest", "--soft",
)  # fmt: skip
STRICT_FLAGS = (
    "--strict",
    "--cov",
    "--doctest",
    "--disallow",
    "--warn",
    "--check",
    "--fail",
    "--enable",
    "--select",
    "-W",
)


def loosened(key: tuple[str, ...], old: Any, new: Any) -> str:
    """Return in what way a change of one setting makes its check demand less, '' when it does not.

    `old` or `new` is None where the setting is absent. Names of settings follow the tools' customs: what
    ignores or excludes must not grow, what selects must not shrink, minimums must not fall, maximums not rise.
    """
    name = key[-1].lower().replace("-", "_")
    path = [part.lower().replace("-", "_") for part in key]
    if name in _HARMLESS:
        return ""
    if name in {"addopts", "commands", "args", "pytest_args", "posargs_default"}:
        return _options(old, new)
    if name == "filterwarnings":
        added = [each for each in _added(old, new) if not each.startswith(("error", "default", "always"))]
        removed = [each for each in _added(new, old) if each.startswith("error")]
        return _told("silences", added) or _told("no longer fails on", removed)
    if any("per_file_ignores" in part or part in {"ignore_errors", "ignore_outcome"} for part in path):
        return "" if new is None else _grown(old, new)
    return _flag(name, old, new) or _limit(name, old, new) or _list(name, old, new)


def _added(old: Any, new: Any) -> list[str]:
    return sorted((Counter(entries(new)) - Counter(entries(old))).elements())


def _told(verb: str, what: list[str]) -> str:
    return f"{verb} {', '.join(what[:5])}" if what else ""


def _grown(old: Any, new: Any) -> str:
    if truth(new) is not None and not isinstance(new, list):
        return "is switched on" if truth(new) and not truth(old) else ""
    return _told("grows by", _added(old, new))


def _flag(name: str, old: Any, new: Any) -> str:
    before, after = truth(old), truth(new)
    if name.startswith("report") and new is not None and (after is False or _mode(name, old, new)):
        return f"is set to {new}"
    if before is None and after is None:
        return _mode(name, old, new)
    if (
        number(old) is not None
        and number(new) is not None
        and not isinstance(old, bool)
        and {old, new} - {"0", "1", 0, 1}
    ):
        return ""
    if name.startswith(_LENIENT) and after and not before:
        return "is switched on"
    strict = name.startswith(_STRICT) or name.endswith("strict") or name == "branch"
    off = (before and not after) or (before is None and after is False)
    if strict and not name.startswith(_LENIENT) and off:
        return "is switched off"
    return ""


def _mode(name: str, old: Any, new: Any) -> str:
    lax = {"skip", "silent", "off", "basic", "none", "never", "false", "warning", "information", "ignore", "standard"}
    if name in {"follow_imports", "typecheckingmode", "type_checking_mode"} or name.startswith("report"):
        if str(new).lower() in lax and old != new:
            return f"is set to {new}"
        if new is None and old is not None and str(old).lower() not in lax:
            return "is removed"
    return ""


def _limit(name: str, old: Any, new: Any) -> str:
    before, after = number(old), number(new)
    least = name.startswith(("min", "fail_under", "cov_fail_under", "fail_below", "target", "required_coverage"))
    most = name.startswith(("max", "line_length", "max_line_length", "threshold", "tolerance"))
    if least and before is not None and (after is None or after < before):
        return f"falls from {old} to {new}" if after is not None else "is removed"
    if (
        most
        and not name.startswith(("max_workers", "maxfail"))
        and ((before is not None and after is not None and after > before) or (after is None and before is not None))
    ):
        return f"rises from {old} to {new}" if after is not None else "is removed"
    return ""


def _list(name: str, old: Any, new: Any) -> str:
    words = set(name.split("_"))
    if words & _SHIELDS or name in _SHIELD_NAMES:
        return _told("grows by", _added(old, new)) if new is not None else ""
    if words & _DEMANDS or name in _DEMAND_NAMES:
        return _told("loses", _added(new, old)) or (f"narrows to {new}" if old is None and name in _NARROW else "")
    return ""


_NARROW = frozenset({"testpaths", "python_files", "python_classes", "python_functions", "select", "include", "files"})


def _options(old: Any, new: Any) -> str:
    before, after = _words(old), _words(new)
    added = [each for each in after if each not in before]
    removed = [each for each in before if each not in after]
    return loose_words(added, removed)


def _words(value: Any) -> list[str]:
    text = " ".join(entries(value)) if not isinstance(value, str) else value
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()


def loose_words(added: list[str], removed: list[str]) -> str:
    """Return in what way added and removed words of a command make it demand less, '' when they do not."""
    for flag, following in zip(added, [*added[1:], ""], strict=False):
        if flag.startswith(LOOSE_FLAGS):
            return f"adds {flag}"
        if flag in {"-k", "-m"} or flag.startswith(("-k=", "-knot", "-mnot")):
            return f"adds {flag} {following}".strip()
        if flag == "-p" and following.startswith("no:"):
            return f"adds -p {following}"
        if flag.startswith("-W") and "ignore" in (flag + following):
            return f"adds {flag} {following}".strip()
        if flag.startswith(("-p=no:", "-pno:")):
            return f"adds {flag}"
    return _weaker(added, removed) or _rises(added, removed)


def _rises(added: list[str], removed: list[str]) -> str:
    """Return the maximum that a command sets higher than before, '' for none."""
    for flag in added:
        name, _, value = flag.partition("=")
        old = next((each.partition("=")[2] for each in removed if each.partition("=")[0] == name), "")
        before, after = number(old), number(value)
        if name.startswith(("--max", "--line-length")) and before is not None and after is not None and after > before:
            return f"sets {flag}"
    return ""


def _weaker(added: list[str], removed: list[str]) -> str:
    for flag in removed:
        if not flag.startswith(STRICT_FLAGS):
            continue
        name, _, value = flag.partition("=")
        other = next((each.partition("=")[2] for each in added if each.partition("=")[0] == name), None)
        before, after = number(value), number(other) if other is not None else None
        if other is None or (before is not None and after is not None and after < before):
            return f"drops {flag}"
    return ""
