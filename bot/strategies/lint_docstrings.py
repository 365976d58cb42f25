"""Say in a line what a module, class or function is for, from its own name, begun as a command (D1xx, D401).

Source: https://peps.python.org/pep-0257/
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import PurePosixPath

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._checks import places_of
from bot.strategies._text import edit, indent_of

_MISSING = frozenset({"D100", "D101", "D102", "D103", "D104", "D105", "D106", "D107", "C0114", "C0115", "C0116"})
_VERBS = frozenset(
    "add append apply build calculate call check clean clear close collect compare compute connect convert copy"
    " count create delete describe download drop dump encode decode ensure fetch fill filter find fix format"
    " generate get group handle import init insert join keep list load log make map merge move normalize open parse"
    " pop print process push put raise read receive record refresh register remove rename render replace report"
    " request reset resolve restore return run save search select send serialize set setup show sort split start"
    " stop store strip submit sum sync take test transform trim try update upload validate verify visit wait walk wrap"
    " write yield".split()
)
_SPECIAL = {
    "__init__": "Set up the object.",
    "__repr__": "Return how the object is shown.",
    "__str__": "Return the object as text.",
    "__len__": "Return the number of items.",
    "__iter__": "Return an iterator.",
    "__eq__": "Return whether both are equal.",
    "__hash__": "Return the hash.",
    "__call__": "Call the object.",
    "__enter__": "Enter the context.",
    "__exit__": "Leave the context.",
    "__contains__": "Return whether an item is there.",
    "__bool__": "Return the truth.",
    "__getitem__": "Return an item.",
    "__setitem__": "Set an item.",
    "__lt__": "Return whether it is less.",
}
_MODULE = frozenset({"D100", "D104", "C0114"})
_PLAIN = frozenset("all many each every any from to with by and as in for of one".split())
_IRREGULAR = {"does": "Do", "has": "Have", "is": "Be", "goes": "Go"}
Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _words(name: str) -> list[str]:
    parted = str(re2.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)).replace("_", " ")
    return parted.lower().split()


def _summary(node: Documented) -> str:
    """Return one line about a class or function in the words of its name."""
    words = _words(node.name) or ["it"]
    if node.name in _SPECIAL:
        return _SPECIAL[node.name]
    if isinstance(node, ast.ClassDef):
        article = "An" if words[0][0] in "aeiou" else "A"
        return f"{article} {' '.join(words)}."
    if words[0] in _VERBS:
        rest = " ".join(words[1:]) or "it"
        return f"{words[0].capitalize()} {'' if len(words) == 1 or words[1] in _PLAIN else 'the '}{rest}."
    if words[0] in {"is", "has", "can", "should"}:
        return f"Return whether it {' '.join(words)}."
    gives = any(isinstance(n, ast.Return | ast.Yield) and n.value is not None for n in ast.walk(node))
    return f"Return the {' '.join(words)}." if gives else f"Run {' '.join(words)}."


def _documented(text: str, lines: set[int], path: str) -> str:
    """Return the text with a docstring for everything that starts on one of these lines and has none."""
    rows, tree = split_lines(text), ast.parse(text)
    found = [n for n in ast.walk(tree) if isinstance(n, Documented) and n.lineno in lines and not ast.get_docstring(n)]
    for node in sorted(found, key=lambda one: one.lineno, reverse=True):
        first = node.body[0]
        if first.lineno == node.lineno:
            continue
        at = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))]) - 1
        rows.insert(at, f'{indent_of(rows[at])}"""{_summary(node)}"""\n')
    if 0 in lines and not ast.get_docstring(tree):
        stem = PurePosixPath(path).stem if PurePosixPath(path).stem != "__init__" else PurePosixPath(path).parent.name
        at = next((n for n, row in enumerate(rows) if not row.startswith("#")), len(rows))
        gap = ["\n"] if at < len(rows) and rows[at].strip() else []
        rows[at:at] = [f'"""The {" ".join(_words(stem)) or "module"}."""\n', *gap]
    return "".join(rows)


def _commanded(text: str, lines: set[int]) -> str:
    """Return the text with the first word of the docstrings on these lines as a command."""
    rows = split_lines(text)
    for node in (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)):
        said, first = ast.get_docstring(node) or "", node.body[0]
        word = said.split()[0] if said.split() else ""
        new = _command(word)
        for at in range(first.lineno - 1, first.end_lineno or 0) if new and first.lineno in lines else ():
            if word in rows[at]:
                rows[at] = rows[at].replace(word, new, 1)
                break
    return "".join(rows)


def _command(word: str) -> str:
    """Return a verb of the third person as a command, '' for another word."""
    low = word.lower()
    if low in _IRREGULAR:
        return _IRREGULAR[low]
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("s", "")):
        if low.endswith(ending) and not (ending == "s" and low.endswith("ss")):
            stem = low.removesuffix(ending) + instead
            return stem.capitalize() if stem in _VERBS else ""
    return ""


@strategy(causes=("lint", "pre-commit", "docs"), trust="review", prior=0.6)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each file that lacks docstrings or begins them in another mood."""
    missing: dict[str, set[int]] = {}
    moods: dict[str, set[int]] = {}
    for failure in diagnosis.failures:
        for path, line in places_of(failure):
            if path in codebase.files and codebase.tree(path) and failure.code in _MISSING:
                missing.setdefault(path, set()).add(0 if failure.code in _MODULE else line)
            elif path in codebase.files and codebase.tree(path) and failure.code == "D401":
                moods.setdefault(path, set()).add(line)
    for path in dict.fromkeys([*missing, *moods]):
        text = codebase.text(path)
        text = _commanded(text, moods.get(path, set()))
        text = _documented(text, missing[path], path) if path in missing else text
        edits = edit(path, codebase.text(path), text)
        if edits:
            yield Proposal(
                strategy="lint_docstrings",
                title=f"Say what {path} holds, in its docstrings",
                edits=edits,
                confidence=0.78,
                why="the rule asks for a docstring; these say what the names say, and a person may say more.",
            )
