"""Run the formatter that complained, with the project's configuration and its own version."""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._checks import check_of, settings_of, targets_of, tools_of

_COMMANDS: dict[str, tuple[str, ...]] = {
    "ruff-format": ("ruff", "format"),
    "black": ("black", "--quiet"),
    "isort": ("isort", "--quiet"),
    "yapf": ("yapf", "--in-place", "--recursive"),
    "autopep8": ("autopep8", "--in-place", "--recursive"),
    "docformatter": ("docformatter", "--in-place", "--recursive"),
    "pyupgrade": ("pyupgrade",),
}
_OPTIONS: dict[str, tuple[str, ...]] = {
    "ruff-format": ("--config", "--line-length", "--target-version"),
    "black": ("--config", "--line-length", "-l", "--target-version", "-t", "--required-version"),
    "isort": (
        "--profile", "--settings-path", "--sp", "--settings-file", "--line-length", "-l", "-w", "--line-width",
        "--project", "-p", "--src", "--src-path", "--multi-line", "-m", "--skip", "--skip-glob",
    ),
    "yapf": ("--style",),
    "autopep8": ("--max-line-length", "--ignore", "--select", "--indent-size", "--global-config"),
    "docformatter": ("--wrap-summaries", "--wrap-descriptions", "--style"),
}  # fmt: skip
"""Options with a value that a check and the command that writes have in common."""
_FLAGS: dict[str, tuple[str, ...]] = {
    "ruff-format": ("--preview", "--isolated"),
    "black": (
        "--skip-string-normalization", "-S", "--skip-magic-trailing-comma", "-C", "--preview", "--unstable", "--pyi",
    ),
    "isort": ("--trailing-comma", "--tc", "--force-sort-within-sections", "--fss", "--filter-files"),
    "autopep8": ("--aggressive", "-a", "-aa", "-aaa", "--experimental"),
    "docformatter": ("--black", "--pre-summary-newline", "--make-summary-multi-line", "--close-quotes-on-newline"),
}  # fmt: skip
_LISTED_ONLY = frozenset({"pyupgrade"})  # takes files, not folders


@strategy(causes=("format", "pre-commit"), trust="auto", prior=0.95)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one run of each formatter that would change files."""
    for tool in sorted(tools_of(diagnosis) & _COMMANDS.keys()):
        check = check_of(codebase, tool)
        options = settings_of(check, *_OPTIONS.get(tool, ()), flags=_FLAGS.get(tool, ()))
        targets = targets_of(diagnosis, codebase, check, *_OPTIONS.get(tool, ()))
        if tool in _LISTED_ONLY and not all(target in codebase.files for target in targets):
            continue
        end = () if tool in {"yapf", "autopep8"} else ("--",)
        yield Proposal(
            strategy="formatter",
            title=f"Format {targets[0] if len(targets) == 1 and targets[0] != '.' else 'the code'} with {tool}",
            command=(*_COMMANDS[tool], *options, *end, *targets),
            confidence=0.97,
            why=f"{tool} says what it would change, and changes nothing but the layout.",
        )
