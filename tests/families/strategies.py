"""Strategies: `in/` is the repository, `case.yml` the diagnosis; `out.diff` is what the strategy proposes.

`case.yml` may hold `diagnosis` (fields over the defaults of `make.diagnosis`, `failures` over `make.failure`),
`packages`, `python`, `checks`, `ran` (lines by test and file) and, in `good/`, the last good version. An empty
`out.diff` means: must not touch.
"""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.codebase import Codebase
from bot.codebase.changes import diff
from bot.codebase.spectrum import Spectrum
from bot.model import Check, CodebaseInfo, Proposal
from bot.registry import unit
from tests import make


def _files(folder: Path) -> dict[str, str]:
    found = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in found}


def _codebase(case: Path, about: dict[str, Any]) -> Codebase:
    checks = tuple(
        Check(**{"name": c["tool"], "kind": "lint", **c, "argv": tuple(c["argv"])}) for c in about.get("checks", ())
    )
    info = CodebaseInfo(
        repository="o/n",
        checkout="",
        tree="",
        digest="",
        packages=about.get("packages", {}),
        checks=checks,
        python=about.get("python", ""),
    )
    ran = {test: {file: tuple(lines) for file, lines in files.items()} for test, files in about.get("ran", {}).items()}
    spectrum = Spectrum(coverage=ran, outcomes=dict.fromkeys(ran, "passed")) if ran else None
    return Codebase(info, _files(case / "in"), _files(case / "good"), spectrum)


def _shown(proposal: Proposal, files: dict[str, str]) -> str:
    before = {edit.path: files.get(edit.path) for edit in proposal.edits}
    after = {edit.path: edit.text for edit in proposal.edits}
    parts = [f"# {proposal.title} ({proposal.confidence:.2f})\n# {proposal.why}\n"]
    parts += [f"$ {' '.join(proposal.command)}\n"] if proposal.command else []
    parts += ["search\n"] if proposal.search else ["ask\n"] if proposal.ask else []
    return "".join([*parts, diff(before, after)]).replace("\r", "␍")


def run(name: str, case: Path) -> dict[str, str]:
    """Return `out.diff`, the proposals of a strategy for a case."""
    about = YAML(typ="safe").load((case / "case.yml").read_text("utf-8")) or {}
    fields = dict(about.get("diagnosis") or {})
    fields["failures"] = tuple(make.failure(**failure) for failure in fields.get("failures", ()))
    codebase = _codebase(case, about)
    found = list(unit("strategy", name)(make.diagnosis(**fields), codebase))
    assert all(proposal.strategy == name for proposal in found)
    return {"out.diff": "".join(_shown(proposal, dict(codebase.files)) for proposal in found)}
