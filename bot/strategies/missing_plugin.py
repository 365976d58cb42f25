"""Declare the pytest plugin that an option, a fixture or a marker of the tests comes from."""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.codebase.plugins import plugins
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._declaring import add_requirement
from bot.strategies._pytest_settings import SECTIONS, with_option
from bot.strategies._workflows import told


def _with_mode(edits: tuple[FileEdit, ...], codebase: Codebase) -> tuple[FileEdit, ...]:
    """Return the edits with `asyncio_mode = auto` in pytest's configuration, which tests without a mark need."""
    marked = any("mark.asyncio" in codebase.text(path) for path in codebase.python_files if codebase.is_test(path))
    if marked or any("asyncio_mode" in codebase.files.get(path, "") for path in SECTIONS):
        return edits
    texts = {edit.path: edit.text for edit in edits if edit.text is not None}
    made = with_option("asyncio_mode", "auto", {**codebase.files, **texts})
    return tuple(FileEdit(path=path, text=text) for path, text in {**texts, **made}.items())


def _own_fixture(name: str, codebase: Codebase) -> bool:
    return any(symbol.kind == "function" for symbol in codebase.find(name))


@strategy(
    causes=("test-failure", "missing-dependency", "actions-config", "error", "import-error"), trust="glance", prior=0.85
)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one declaration for each plugin that is neither declared nor installed."""
    said = told(diagnosis, codebase)
    seen: set[str] = set()
    for plugin, what in plugins(said):
        if plugin in seen or _own_fixture(what.strip("`").rpartition("`")[2], codebase):
            continue
        seen.add(plugin)
        edits = add_requirement(plugin, codebase, tests=True)
        if plugin == "pytest-asyncio" and "`async def`" in what:
            edits = _with_mode(edits, codebase)
        if edits:
            yield Proposal(
                strategy="missing_plugin",
                title=f"Declare {plugin} in {edits[0].path}",
                edits=edits,
                confidence=0.88,
                why=f"{what} comes from {plugin}, which no metadata file asks for.",
            )
