"""pre-commit: hooks that failed or changed files, when no tool's own findings tell more."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.model import FailureClass
from bot.registry import parser

HOOK = rx(r"^(?P<name>\S.*?)\.{3,}(?:\([^)]*\))?(?P<result>Passed|Failed|Skipped)$")
ID = rx(r"^- hook id: (?P<id>\S+)$")
CHANGED = rx(r"^- files were modified by this hook$")
FIXED = rx(r"^(?:Fixing|fixed|Fixed|reformatted|Reformatted|Rewriting|Sorting) (?P<file>\S+)$")
INVALID = rx(r"^An error has occurred: (?P<message>Invalid(?:Config|Manifest)Error): ?.*$")
FILE = rx(r"^==> File (?P<file>\S+)$")
WRONG = rx(r"^=====> (?P<message>.*)$")
FORMATTERS = rx(
    r"(?i)format|black|isort|prettier|autopep8|yapf|trailing|end-of-file|pyupgrade|autoflake|docformatter"
    r"|mixed-line|requirements-txt|blacken|sort|eof|ruff|fix"
)
KINDS: tuple[tuple[str, FailureClass], ...] = (
    ("mypy", "type"),
    ("pyright", "type"),
    ("poetry-lock", "lockfile"),
    ("uv-lock", "lockfile"),
    ("check-ast", "syntax-error"),
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each failed hook over the lines of its output; the output of hooks that passed counts for nothing."""
    yield from _config(log)
    hooks = list(log.find(HOOK))
    for at, hook in enumerate(hooks):
        end = hooks[at + 1].index if at + 1 < len(hooks) else min(len(log), hook.index + 2000)
        if hook["result"] != "Failed":
            yield Claim(hook.index, end if at + 1 < len(hooks) else hook.index + 1, "pre-commit", True)
            continue
        hook_id = log.first(ID, hook.index, min(end, hook.index + 4))
        name = hook_id["id"] if hook_id else hook["name"]
        changed = log.first(CHANGED, hook.index, min(end, hook.index + 6)) is not None
        fixed = list(dict.fromkeys(project.path(h["file"]) for h in log.find(FIXED, hook.index, end)))
        yield Found(
            hook.index,
            _klass(name, changed),
            f"pre-commit/{name}",
            f"hook {name} changed files" if changed else f"hook {name} failed",
            file=fixed[0] if fixed else None,
            code=name,
            details={"hook": name, "places": " ".join(fixed[:50])},
            weight=Weight.UMBRELLA,
            span=(hook.index, end),
        )


def _config(log: Log) -> Iterator[Found]:
    """A configuration that pre-commit can't use is told with the key, last and after the longest arrow."""
    for hit in log.find(INVALID):
        file = log.first(FILE, hit.index, hit.index + 3)
        why = log.first(WRONG, hit.index, hit.index + 12)
        yield Found(
            why.index if why else hit.index,
            "actions-config",
            "pre-commit",
            why["message"] if why else hit["message"],
            file=file["file"] if file else None,
        )


def _klass(name: str, changed: bool) -> FailureClass:
    if changed or name.endswith("-format"):
        return "format"
    special = next((klass for part, klass in KINDS if part in name), None)
    return special or "lint"
