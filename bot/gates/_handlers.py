"""Exception handlers of a file: what they catch, and whether they only make the error go away."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from bot.gates._scopes import Function, dotted, without_docstring

BROAD = frozenset({"", "Exception", "BaseException", "object"})
_GONE = frozenset({"FileNotFoundError", "FileExistsError", "ProcessLookupError"})
_TIDYING = frozenset({"remove", "unlink", "rmdir", "rmtree", "mkdir", "makedirs", "kill", "killpg", "terminate"})
_IMPORTING = frozenset({"ImportError", "ModuleNotFoundError"})


@dataclass(frozen=True)
class Handler:
    """One `except` clause with the try it belongs to and the function it stands in."""

    node: ast.ExceptHandler
    tried: ast.Try | ast.TryStar
    function: Function | None

    @property
    def catches(self) -> frozenset[str]:
        """Return the names it catches, '' for a bare except."""
        node = self.node.type
        if node is None:
            return frozenset({""})
        parts = node.elts if isinstance(node, ast.Tuple) else [node]
        return frozenset(dotted(each).rpartition(".")[2] or "?" for each in parts)

    @property
    def body(self) -> str:
        """Return the syntax tree of what it does."""
        return "\n".join(ast.dump(each) for each in self.node.body)

    @property
    def is_broad(self) -> bool:
        """Return whether it catches everything and does not raise on every way through."""
        return bool(self.catches & BROAD) and not always_raises(self.node.body)

    @property
    def swallows(self) -> bool:
        """Return whether it makes the error go away: nothing done, or a constant handed back."""
        body = without_docstring(self.node.body)
        if is_tidying(self.catches, self.tried.body):
            return False
        if not body:
            return not (self.catches <= _IMPORTING and self._only_imports())
        last = body[-1]
        if isinstance(last, ast.Continue | ast.Break):
            return len(body) == 1
        if isinstance(last, ast.Return) and _is_constant(last.value):
            return not self._is_answer(last)
        if isinstance(last, ast.Assign) and len(body) == 1:
            return self._is_blank(last)
        return all(only_reports(each) for each in body)

    def _is_blank(self, last: ast.Assign) -> bool:
        """Return whether nothing takes the place of what the try was to give: None, zero, an empty text or list."""
        if self.catches <= _IMPORTING:
            return False
        tried = {
            ast.dump(target) for each in self.tried.body if isinstance(each, ast.Assign) for target in each.targets
        }
        blank = isinstance(last.value, ast.Constant) and not last.value.value
        empty = not isinstance(last.value, ast.Constant) and _is_constant(last.value)
        return (blank or empty) and any(ast.dump(target) in tried for target in last.targets)

    def _only_imports(self) -> bool:
        return all(isinstance(each, ast.Import | ast.ImportFrom) for each in self.tried.body)

    def _is_answer(self, last: ast.Return) -> bool:
        """Return whether the constant is an answer: the other half of a yes-or-no, or the end of an iteration."""
        if "StopIteration" in self.catches and last.value is None:
            return True
        answers = [each.value for each in ast.walk(self.function or self.tried) if isinstance(each, ast.Return)]
        constants = [each for each in answers if isinstance(each, ast.Constant) and isinstance(each.value, bool)]
        is_bool = isinstance(last.value, ast.Constant) and isinstance(last.value.value, bool)
        return is_bool and len(constants) == len(answers) and len({each.value for each in constants}) == 2


def is_tidying(catches: frozenset[str] | set[str], body: list[ast.stmt]) -> bool:
    """Return whether all that may fail is one call whose aim is reached when it does: to remove what is gone."""
    only = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
    return catches <= _GONE and isinstance(only, ast.Call) and dotted(only).rpartition(".")[2] in _TIDYING


def always_raises(body: list[ast.stmt]) -> bool:
    """Return whether every way through a block ends in `raise`."""
    for node in body:
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Return | ast.Continue | ast.Break):
            return False
        if isinstance(node, ast.If) and node.orelse and always_raises(node.body) and always_raises(node.orelse):
            return True
        if any(isinstance(each, ast.Return) for each in ast.walk(node)):
            return False
    return False


def _is_constant(node: ast.expr | None) -> bool:
    if node is None or isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.UnaryOp):
        return _is_constant(node.operand)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return all(_is_constant(each) for each in node.elts)
    if isinstance(node, ast.Dict):
        return not node.keys
    return (
        isinstance(node, ast.Call) and not node.args and dotted(node) in {"dict", "list", "set", "tuple", "str", "int"}
    )


def only_reports(node: ast.stmt) -> bool:
    """Return whether a statement only logs, prints or deletes, and so leaves the error without consequence."""
    if isinstance(node, ast.Delete | ast.Pass):
        return True
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    name = dotted(node.value)
    logging = name.rpartition(".")[2] in {"debug", "info", "warning", "error", "exception", "critical", "log", "warn"}
    return logging or name in {"print", "traceback.print_exc"}


def handlers(tree: ast.AST | None, function: Function | None = None) -> Iterator[Handler]:
    """Yield the handlers of a tree in the order of the text, each with the innermost function around it."""
    for child in ast.iter_child_nodes(tree) if tree is not None else ():
        inner = child if isinstance(child, Function) else function
        if isinstance(child, ast.Try | ast.TryStar):
            for node in child.handlers:
                yield Handler(node, child, function)
        yield from handlers(child, inner)
