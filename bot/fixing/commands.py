"""Run a strategy's command in the sandbox and read the files it changed as edits."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from bot.codebase import Codebase
from bot.model import FileEdit
from bot.ports import Job, Limits, Sandbox

_LIMITS = Limits(seconds=60.0)
# what tools leave behind; none of it belongs in a patch
_CACHES = frozenset(
    "__pycache__ .ruff_cache .mypy_cache .pytest_cache .git .venv .tox .nox .eggs build dist node_modules".split()
)


def _is_source(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return not _CACHES.intersection(parts) and not path.endswith((".pyc", ".pyo", ".orig", ".coverage"))


def changed_by(command: tuple[str, ...], codebase: Codebase, sandbox: Sandbox) -> tuple[tuple[FileEdit, ...], str]:
    """Return the edits that a command makes to the tree, and the last line it said (for a command without effect).

    Raises `Refused` when the sandbox may not run anything.
    """
    info = codebase.info
    done = sandbox.run(
        Job(
            argv=command,
            tree=Path(info.tree),
            environment=Path(info.environment) if info.environment else None,
            env={"RUFF_NO_CACHE": "true", "NO_COLOR": "1"},
            collect=("**/*",),
            limits=_LIMITS,
        )
    )
    edits = []
    for path, data in sorted(done.files.items()):
        if not _is_source(path):
            continue
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if text != codebase.files.get(path):
            edits.append(FileEdit(path=path, text=text))
    said = done.output.decode("utf-8", "replace").strip().splitlines()
    return tuple(edits), said[-1][:200] if said else f"exit code {done.exit_code}"
