"""One canonical form for assertions that say the same: `assertEqual(a, b)`, `assert a == b` and `assert b == a`."""

from __future__ import annotations

import ast
import copy

from bot.codebase.renamed import last_names

_COMPARES: dict[str, type[ast.cmpop]] = {
    "assertEqual": ast.Eq, "assertEquals": ast.Eq, "assertNotEqual": ast.NotEq, "assertNotEquals": ast.NotEq,
    "assertIs": ast.Is, "assertIsNot": ast.IsNot, "assertIn": ast.In, "assertNotIn": ast.NotIn,
    "assertGreater": ast.Gt, "assertGreaterEqual": ast.GtE, "assertLess": ast.Lt, "assertLessEqual": ast.LtE,
    "assertListEqual": ast.Eq, "assertDictEqual": ast.Eq, "assertTupleEqual": ast.Eq, "assertSetEqual": ast.Eq,
    "assertMultiLineEqual": ast.Eq, "assertSequenceEqual": ast.Eq,
}  # fmt: skip
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.In: ast.NotIn, ast.Is: ast.IsNot, ast.Eq: ast.NotEq, ast.NotIn: ast.In, ast.IsNot: ast.Is, ast.NotEq: ast.Eq,
}  # fmt: skip
_MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.Lt, ast.GtE: ast.LtE, ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Eq: ast.Eq, ast.NotEq: ast.NotEq,
}  # fmt: skip
_ALIASES = {
    "assert_": "assertTrue", "failUnless": "assertTrue", "failIf": "assertFalse",
    "assertRaisesRegexp": "assertRaisesRegex", "assertRegexpMatches": "assertRegex",
    "assertNotRegexpMatches": "assertNotRegex", "assertItemsEqual": "assertCountEqual",
    "assertAlmostEquals": "assertAlmostEqual", "assertNotAlmostEquals": "assertNotAlmostEqual",
}  # fmt: skip


class _Ported(ast.NodeTransformer):
    """Writes names that libraries renamed as they are called now, and leaves out what only words a failure."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Return an attribute under its present name; `assert_equal` of nose is `assertEqual`."""
        self.generic_visit(node)
        node.attr = last_names().get(node.attr, node.attr)
        if node.attr.startswith("assert_") and ast.unparse(node.value) in {"nose.tools", "tools"}:
            first, *rest = node.attr.split("_")
            node.attr = first + "".join(word.title() for word in rest)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Return a call of `pytest.raises` and its like without the message that nobody matches."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"raises", "warns"}:
            node.keywords = [each for each in node.keywords if each.arg != "message"]
        return node


def canonical(node: ast.expr) -> ast.expr:
    """Return an expression that says the same and is equal for assertions that differ in spelling only."""
    node = _Ported().visit(copy.deepcopy(node))
    if isinstance(node, ast.Call):
        node = _unittest(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _negated(node)
    return _ordered(node)


def _unittest(call: ast.Call) -> ast.expr:
    """Return the comparison that a method of `unittest.TestCase` makes, else the call without its message."""
    if not isinstance(call.func, ast.Attribute) or not call.func.attr.startswith(("assert", "fail")):
        return call
    name = _ALIASES.get(call.func.attr, call.func.attr)
    if name in _COMPARES and len(call.args) >= 2:
        return compare(call.args[0], _COMPARES[name](), call.args[1])
    if name in {"assertIsNone", "assertIsNotNone"} and call.args:
        operator = ast.Is() if name == "assertIsNone" else ast.IsNot()
        return compare(call.args[0], operator, ast.Constant(None))
    if name in {"assertTrue", "assertFalse"} and call.args:
        return call.args[0] if name == "assertTrue" else ast.UnaryOp(ast.Not(), call.args[0])
    kept = [each for each in call.keywords if each.arg != "msg"]
    return ast.Call(ast.Attribute(call.func.value, name, ast.Load()), call.args, kept)


def compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.Compare:
    """Return the comparison of two expressions."""
    return ast.Compare(left=left, ops=[operator], comparators=[right])


def _negated(node: ast.UnaryOp) -> ast.expr:
    inner = node.operand
    if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.Not):
        return canonical(inner.operand)
    if isinstance(inner, ast.Compare) and len(inner.ops) == 1 and type(inner.ops[0]) in _OPPOSITE:
        return _ordered(compare(inner.left, _OPPOSITE[type(inner.ops[0])](), inner.comparators[0]))
    return node


def _ordered(node: ast.expr) -> ast.expr:
    """Return a comparison with a constant on its left turned round, so that the value under test comes first."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return node
    operator, right = node.ops[0], node.comparators[0]
    if isinstance(node.left, ast.Constant) and not isinstance(right, ast.Constant) and type(operator) in _MIRRORED:
        return compare(right, _MIRRORED[type(operator)](), node.left)
    return node
