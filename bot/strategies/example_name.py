"""Correct a name in an example (`>>>`) that the project does not have, to the one it has that near."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._classes import module_names
from bot.strategies._lacking import NO_ATTRIBUTE, NO_MODULE, NO_NAME
from bot.strategies._near import nearest
from bot.strategies._sites import Site, sites
from bot.strategies._text import edit

_UNKNOWN = re2.compile(r"name '(\w+)' is not defined")
_KEYWORD = re2.compile(r"(\w+)\(\) got an unexpected keyword argument '(\w+)'")
_WORD = re2.compile(r"[A-Za-z_]\w*")
_LINE = re2.compile(r"^\s*(?:>>>|\.\.\.)(?: |$)")


def _examples(text: str) -> list[str]:
    return [line for line in text.split("\n") if _LINE.search(line)]


def _wrong(site: Site, path: str, codebase: Codebase) -> Iterator[tuple[str, set[str]]]:
    """Yield (name, the names that could be meant)."""
    for name, module in NO_NAME.findall(site.message):
        yield name, module_names(module, codebase)
    for module, name in NO_ATTRIBUTE.findall(site.message):
        yield name, module_names(module, codebase)
    for module in NO_MODULE.findall(site.message):
        yield module, set(codebase.modules)
    for name in _UNKNOWN.findall(site.message):
        shown = {word for line in _examples(codebase.text(path)) for word in _WORD.findall(line)}
        own = codebase.module_name(path)
        yield name, ({*module_names(own, codebase)} if own else set()) | (shown - {name}) | set(dir(builtins))
    for function, name in _KEYWORD.findall(site.message):
        yield (
            name,
            {one for symbol in codebase.find(function) for one in _parameters(symbol.file, symbol.line, codebase)},
        )


def _parameters(path: str, line: int, codebase: Codebase) -> set[str]:
    function = codebase.function_at(path, line)
    head = "".join(split_lines(codebase.text(path))[line - 1 : line + 2]) if function else ""
    inside = head.partition("(")[2].partition(")")[0]
    return {part.partition(":")[0].partition("=")[0].strip(" *\n") for part in inside.split(",")} - {""}


def _corrected(text: str, old: str, new: str) -> str:
    pattern = re2.compile(rf"\b{re2.escape(old)}\b")
    lines = split_lines(text)
    return "".join(str(pattern.sub(new, line)) if _LINE.search(line) else line for line in lines)


@strategy(causes=("test-failure", "import-error", "docs", "documentation", "error", "missing-dependency"),
          trust="glance", kind="docs", prior=0.85)  # fmt: skip
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each wrong name in the examples of a file whose examples fail."""
    for site in sites(diagnosis, codebase):
        for path in dict.fromkeys(path for path, _ in site.places):
            text = codebase.text(path)
            shown = " ".join(_examples(text))
            for name, real in _wrong(site, path, codebase):
                near = nearest(name, real) if name in shown else None
                edits = edit(path, text, _corrected(text, name, near[0])) if near else ()
                if near and edits:
                    yield Proposal(
                        strategy="example_name",
                        title=f"Say {near[0]} instead of {name} in the examples of {path}",
                        edits=edits,
                        confidence=near[1],
                        why=f"the example fails: there is no `{name}`, and `{near[0]}` is the only name that near.",
                    )
