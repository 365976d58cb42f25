"""How much an assertion demands, and whether its tolerance grew."""

from __future__ import annotations

import ast
import builtins

from bot.gates._scopes import dotted, is_true

_BROAD = frozenset({"Exception", "BaseException", "object", "Warning"})
_TOLERANCES = frozenset(
    {"abs", "rel", "delta", "atol", "rtol", "rel_tol", "abs_tol", "tol", "tolerance", "eps", "epsilon"}
)
_PLACES = frozenset({"places", "decimal", "significant", "ndigits", "digits"})
_CLOSE = frozenset({"approx", "isclose", "allclose", "assertAlmostEqual", "assert_allclose", "assert_almost_equal"})


def strength(node: ast.expr) -> int:
    """Return how much a canonical assertion demands, 0 (always true) to 5 (equal to one value)."""
    if is_true(node) or (isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or)):
        return 0
    if isinstance(node, ast.Compare):
        return _comparison(node)
    if isinstance(node, ast.Call):
        return _call(node)
    return 1


def _comparison(node: ast.Compare) -> int:
    if len(node.ops) == 1 and ast.dump(node.left) == ast.dump(node.comparators[0]):
        return 0
    if any(dotted(each).rpartition(".")[2] == "ANY" for each in (node.left, *node.comparators)):
        return 0
    kinds = {ast.Eq: 5, ast.Is: 5, ast.In: 3, ast.Lt: 2, ast.LtE: 2, ast.Gt: 2, ast.GtE: 2}
    scores = [kinds.get(type(operator), 1) for operator in node.ops]
    return min(scores) if len(scores) == 1 else max(scores)


def _call(node: ast.Call) -> int:
    name = dotted(node).rpartition(".")[2]
    if name in {"raises", "warns"} or name.startswith(("assertRaises", "assertWarns")):
        return _raises(node)
    if name == "isinstance":
        return 1
    if name.startswith(("assert_called", "assert_has", "assert_any")):
        return 2 + len(node.args) + len(node.keywords)
    return 4 if name.startswith(("assert", "expect")) else 1


def _raises(node: ast.Call) -> int:
    """Return 2 for a broad class, 3 for a class, 4 with a text to match; each class more is one possibility more."""
    if not node.args:
        return 3
    wanted = node.args[0].elts if isinstance(node.args[0], ast.Tuple) else [node.args[0]]
    if any(dotted(each).rpartition(".")[2] in _BROAD for each in wanted):
        return 2
    matched = any(each.arg == "match" for each in node.keywords) or "Regex" in dotted(node)
    return 3 + int(matched) - min(1, len(wanted) - 1)


def looser(old: ast.expr, new: ast.expr) -> bool:
    """Return whether `new` allows a larger deviation than `old` where both compare numbers."""
    if _cuts(new) > _cuts(old):
        return True
    was, now = _tolerances(old), _tolerances(new)
    if _is_close(new) != _is_close(old):
        return _is_close(new)
    return any(_wider(name, was.get(name), now.get(name)) for name in was.keys() | now.keys())


def _cuts(node: ast.expr) -> int:
    """Return how often an assertion drops what stands behind the decimal point."""
    calls = (each for each in ast.walk(node) if isinstance(each, ast.Call))
    return sum(dotted(call) in {"int", "math.floor", "math.ceil", "math.trunc"} for call in calls)


def _wider(name: str, old: float | None, new: float | None) -> bool:
    """Return whether a bound is wider; one left out is what the libraries take: 1e-6 or 7 places."""
    if name in {"limit", "floor"}:
        return old is not None and new is not None and (new > old if name == "limit" else new < old)
    usual = 7.0 if name in _PLACES else 1e-6
    before, after = usual if old is None else old, usual if new is None else new
    return after < before if name in _PLACES else after > before


def _is_close(node: ast.expr) -> bool:
    calls = (each for each in ast.walk(node) if isinstance(each, ast.Call))
    return any(dotted(call).rpartition(".")[2] in _CLOSE | {"round"} for call in calls)


def _tolerances(node: ast.expr) -> dict[str, float]:
    """Return the numbers that bound a deviation: keyword arguments, places of round, limits of |a - b|."""
    found: dict[str, float] = {}
    for each in ast.walk(node):
        if isinstance(each, ast.keyword) and each.arg in _TOLERANCES | _PLACES:
            found[each.arg] = number(each.value)
        elif isinstance(each, ast.Call) and dotted(each) == "round" and len(each.args) == 2:
            found["ndigits"] = number(each.args[1])
        elif isinstance(each, ast.Call) and dotted(each).endswith("AlmostEqual") and len(each.args) > 2:
            found["places"] = number(each.args[2])
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        if isinstance(node.ops[0], ast.Lt | ast.LtE):
            found["limit"] = number(node.comparators[0])
        elif isinstance(node.ops[0], ast.Gt | ast.GtE):
            found["floor"] = number(node.comparators[0])
    return found


def superclass(old: ast.expr, new: ast.expr) -> bool:
    """Return whether `new` expects an exception that is only a base of the one that `old` expects."""
    was, now = (getattr(builtins, _expected(each), None) for each in (old, new))
    both = isinstance(was, type) and isinstance(now, type)
    return both and was is not now and issubclass(was, now)  # type: ignore[arg-type]


def _expected(node: ast.expr) -> str:
    return dotted(node.args[0]).rpartition(".")[2] if isinstance(node, ast.Call) and node.args else ""


def number(node: ast.expr) -> float:
    """Return the number that an expression spells, infinity when it can't be told."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return float("inf")
    return float(value) if isinstance(value, int | float) else float("inf")
