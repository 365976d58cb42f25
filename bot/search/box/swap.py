"""Changed functions as live code: compile one function alone, with ticks, and swap it into the running process."""

from __future__ import annotations
import __future__

import ast
import bisect
import builtins
import functools
import gc
import os
import types
from typing import Any, Dict, Iterable, Iterator, Tuple

TICK = "__selfheal_tick__"
ROOT = os.path.abspath(os.environ.get("SELFHEAL_SEARCH_ROOT", "."))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Path = Tuple[Tuple[str, int], ...]
Json = Dict[str, Any]


absolute = functools.lru_cache(None)(os.path.abspath)


class OverBudget(BaseException):
    """The code under test did more loops and calls than it may; not an `Exception`, so that handlers let it through."""


class Ticks:
    """Counts loop rounds and calls: the same on every machine, which seconds are not."""

    def __init__(self) -> None:
        self.used = 0
        self.limit = 1 << 60

    def start(self, limit: int) -> None:
        """Count from zero again, up to `limit`."""
        self.used, self.limit = 0, limit

    def tick(self) -> bool:
        """Count one; returns True so that it can stand in a condition; raises OverBudget."""
        self.used += 1
        if self.used > self.limit:
            if self.used > self.limit + 100_000:
                os._exit(3)
            raise OverBudget
        return True


ticks = Ticks()
setattr(builtins, TICK, ticks.tick)


class _Ticking(ast.NodeTransformer):
    """Puts a tick at every function entry, loop round and comprehension.

    `kept` are the variables of functions around them that inner functions hold, by the names of these: an edit that no
    longer reads one still fits what holds it.
    """

    def __init__(self, kept: dict[str, tuple[str, ...]]) -> None:
        self.kept = kept

    def _call(self, at: ast.AST) -> ast.Call:
        node = ast.Call(ast.Name(TICK, ast.Load()), [], [])
        return ast.fix_missing_locations(ast.copy_location(node, at))

    def _body(self, node: Any) -> Any:
        self.generic_visit(node)
        first = node.body[0]
        doc = isinstance(node, FUNCTIONS) and isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        node.body.insert(1 if doc else 0, ast.copy_location(ast.Expr(self._call(first)), first))
        held = self.kept.get(node.name, ()) if isinstance(node, FUNCTIONS) else ()
        if held:
            never = ast.If(ast.Constant(0), [ast.Expr(ast.Name(name, ast.Load())) for name in held], [])
            node.body.append(ast.fix_missing_locations(ast.copy_location(never, first)))
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_For = visit_AsyncFor = visit_While = _body

    def visit_comprehension(self, node: ast.comprehension) -> Any:
        self.generic_visit(node)
        node.ifs.insert(0, self._call(node.target))
        return node


def _outermost(body: Iterable[Any], shells: tuple[str, ...] = ()) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Yield the functions that lie in no other function, with the headers of what encloses them."""
    for node in body:
        if isinstance(node, FUNCTIONS):
            yield node, shells
            continue
        shell = f"class {node.name}:" if isinstance(node, ast.ClassDef) else "if 1:"
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(node, field, ())
            yield from _outermost(inner if isinstance(inner, list) else (), (*shells, shell))
        for handler in getattr(node, "handlers", ()):
            yield from _outermost(handler.body, (*shells, shell, shell))


def _codes(code: types.CodeType, path: Path = ()) -> Iterator[tuple[Path, types.CodeType]]:
    """Yield the code objects inside `code` with a path that survives an edit: names and their count among siblings."""
    seen: dict[str, int] = {}
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            seen[const.co_name] = seen.get(const.co_name, 0) + 1
            here = (*path, (const.co_name, seen[const.co_name]))
            yield here, const
            yield from _codes(const, here)


class Function:
    """An outermost function of a source file: where it lies, and how to compile a changed version of it alone."""

    def __init__(self, source: Source, node: Any, shells: tuple[str, ...]) -> None:
        self.source = source
        self.line = min([node.lineno] + [d.lineno for d in node.decorator_list])
        self.start = source.starts[self.line - 1]
        self.end = source.starts[node.end_lineno] if node.end_lineno < len(source.starts) else len(source.text)
        self.head = source.offset(node.lineno, node.col_offset)
        self.name = node.name
        self.body = source.offset(node.body[0].lineno, node.body[0].col_offset)
        self.shells = "".join(f"{' ' * depth}{shell}\n" for depth, shell in enumerate(shells))
        self.depth = len(shells)
        self.classes = sum(shell.startswith("class") for shell in shells)
        self.kept: dict[str, tuple[str, ...]] = {}
        own = source.text[self.start : self.end]
        self.kept = {code.co_name: code.co_freevars for _, code in _codes(self.compile(own)) if code.co_freevars}
        self.before: dict[Path, types.CodeType] = dict(_codes(self.compile(own)))

    def compile(self, text: str) -> types.CodeType:
        """Return the code of the function's lines `text`, with ticks, line numbers as in the file."""
        whole = "\n" * (self.line - 1 - self.depth) + self.shells + text
        tree = _Ticking(self.kept).visit(ast.parse(whole, self.source.path))
        code: types.CodeType = compile(tree, self.source.path, "exec", self.source.flags, True)
        return code

    def defaults(self, text: str, live: Any) -> tuple[Any, Any]:
        """Return the values of the defaults in the function's lines `text`; raises what evaluating them raises."""
        tree = ast.parse("\n" * (self.line - 1 - self.depth) + self.shells + text)
        own = next(node.args for node in ast.walk(tree) if isinstance(node, FUNCTIONS))

        def value(node: ast.expr) -> Any:
            return eval(compile(ast.Expression(node), self.source.path, "eval"), live.__globals__)  # noqa: S307

        named = {a.arg: value(d) for a, d in zip(own.kwonlyargs, own.kw_defaults) if d is not None}
        return tuple(value(node) for node in own.defaults) or None, named or None


class Source:
    """One file that candidates change: its text, its functions, and the live function objects made from it."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = os.path.join(ROOT, path), text
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.tree = ast.parse(text, self.path)
        names = [
            a.name
            for n in self.tree.body
            if isinstance(n, ast.ImportFrom) and n.module == "__future__"
            for a in n.names
        ]
        self.flags = 0
        for name in names:
            self.flags |= getattr(__future__, name).compiler_flag
        self.functions = [Function(self, node, shells) for node, shells in _outermost(self.tree.body)]
        self.functions.sort(key=lambda function: function.start)
        self.live: dict[tuple[str, int], list[Any]] = {}

    def offset(self, line: int, column: int) -> int:
        """Return the character offset of a place that ast gives as a line and a column in bytes."""
        return self.starts[line - 1] + len(self.lines[line - 1].encode("utf-8")[:column].decode("utf-8", "ignore"))

    def find(self) -> None:
        """Look up the live functions and give each the version of its code that ticks."""
        self.live.clear()
        for thing in gc.get_objects():
            if isinstance(thing, types.FunctionType) and absolute(thing.__code__.co_filename) == self.path:
                self.live.setdefault((thing.__code__.co_name, thing.__code__.co_firstlineno), []).append(thing)
        for function in self.functions:
            for code in function.before.values():
                for live in self.live.get((code.co_name, code.co_firstlineno), ()):
                    if live.__code__.co_freevars == code.co_freevars:
                        live.__code__ = code

    def imports(self, edit: list[Any]) -> bool:
        """Return whether an edit puts in nothing but imports, on lines of their own before the first function."""
        start, end, text = edit
        whole = start == end and text.endswith("\n") and self.text[start - 1 : start] in ("", "\n")
        if not whole or not self.functions or start > self.functions[0].start:
            return False
        return all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in ast.parse(text).body)

    def changed(self, edits: list[list[Any]]) -> list[tuple[Function, str, bool]] | None:
        """Return the new lines of each function that the edits touch, and whether its signature is touched.

        None when an edit lies outside functions, or in a decorator.
        """
        by_function: dict[int, list[list[Any]]] = {}
        starts = [function.start for function in self.functions]
        for edit in edits:
            index = bisect.bisect_right(starts, edit[0]) - 1
            if index < 0 or edit[0] < self.functions[index].head or edit[1] > self.functions[index].end:
                return None
            by_function.setdefault(index, []).append(edit)
        out = []
        for index, own in by_function.items():
            function = self.functions[index]
            text = apply(self.text[function.start : function.end], own, function.start)
            out.append((function, text, any(edit[0] < function.body for edit in own)))
        return out


def apply(text: str, edits: Iterable[list[Any]], base: int = 0) -> str:
    """Return `text` with the edits `[start, end, new]` made; offsets count from `base`."""
    for start, end, new in sorted(edits, key=lambda edit: (edit[0], edit[1]), reverse=True):
        text = text[: start - base] + new + text[end - base :]
    return text


class Swap:
    """One candidate as new code (and defaults, where given) for live functions; enter it to try it.

    `names` are what its new imports bind in modules, by the names of these.
    """

    def __init__(self) -> None:
        self.new: list[tuple[Any, types.CodeType, Any]] = []
        self.old: list[tuple[Any, types.CodeType, Any]] = []
        self.names: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def __enter__(self) -> None:
        for known, new in self.names:
            known.update(new)
        self.old = [(live, live.__code__, (live.__defaults__, live.__kwdefaults__)) for live, _, _ in self.new]
        self._put(self.new)

    def __exit__(self, *_error: object) -> None:
        self._put(self.old)
        for known, new in self.names:
            for name in new:
                known.pop(name, None)

    def _put(self, versions: list[tuple[Any, types.CodeType, Any]]) -> None:
        for live, code, defaults in versions:
            live.__code__ = code
            if defaults is not None:
                live.__defaults__, live.__kwdefaults__ = defaults


class Sources:
    """All files that candidates change."""

    def __init__(self) -> None:
        self.by_path: dict[str, Source] = {}
        self.caches: list[Any] = []

    def add(self, texts: dict[str, str]) -> None:
        """Take in texts by path; a text that does not parse is left to fresh processes."""
        gc.unfreeze()  # objects frozen for a fork are hidden from gc.get_objects
        for path, text in texts.items():
            if path not in self.by_path:
                try:
                    self.by_path[path] = Source(path, text)
                except (SyntaxError, ValueError, RecursionError):
                    continue
                self.by_path[path].find()
        self.caches = [thing for thing in gc.get_objects() if isinstance(thing, functools._lru_cache_wrapper)]

    def swap(self, edits: Json) -> Swap | str:
        """Return what to swap for a candidate's edits by path, or why there is nothing: `broken`, `same`, `fresh`."""
        swap = Swap()
        found = False
        for path, own in edits.items():
            outcome = self._one(path, own, swap) if path in self.by_path else "fresh"
            if isinstance(outcome, str):
                return outcome
            found = found or outcome
        if not swap.new:
            return "same" if found else "fresh"
        return swap

    def _one(self, path: str, edits: list[list[Any]], swap: Swap) -> bool | str:
        """Add what the edits of one file change; return if any of it is live, or why it can't be swapped."""
        source, found = self.by_path[path], False
        try:
            added = [edit for edit in edits if source.imports(edit)]
            changed = source.changed([edit for edit in edits if edit not in added])
            if changed is None or not all(_imported(source, edit[2], swap) for edit in added):
                return "fresh"
            for function, text, signature in changed:
                fits, live = self._versions(function, text, signature, swap)
                if not fits:
                    return "fresh"
                found = found or live
        except (SyntaxError, ValueError, RecursionError, NameError, TypeError, ImportError):
            return "broken"
        return found

    def _versions(self, function: Function, text: str, signature: bool, swap: Swap) -> tuple[bool, bool]:
        """Add the new versions of the function and of those inside it; return if they fit, and if any is live."""
        found = False
        after = dict(_codes(function.compile(text)))
        for where, code in function.before.items():
            lives = function.source.live.get((code.co_name, code.co_firstlineno), ())
            new = after.get(where)
            found = found or bool(lives)
            outermost = where[-1][0] == function.name and len(where) == function.classes + 1
            if new is None or not lives or (new == code and not (signature and outermost)):
                continue
            if new.co_freevars != code.co_freevars:
                return False, found
            for live in lives:
                swap.new.append((live, new, function.defaults(text, live) if signature and outermost else None))
        return True, found

    def forget(self) -> None:
        """Empty the caches of the project's functions: they remember what another candidate returned."""
        for cache in self.caches:
            cache.cache_clear()


def _imported(source: Source, text: str, swap: Swap) -> bool:
    """Add what new imports bind; return False where a name is taken, or no function of the module is live."""
    live = next((found[0] for found in source.live.values() if found), None)
    if live is None:
        return False
    known = live.__globals__
    bound = {name: known.get(name) for name in ("__name__", "__package__")}
    exec(compile(text, source.path, "exec", 0, True), bound)  # noqa: S102  imports of the project's own code
    new = {name: value for name, value in bound.items() if not name.startswith("__")}
    swap.names.append((known, new))
    return not set(new) & set(known)
