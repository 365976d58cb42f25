"""Which names of a module nothing binds."""

from __future__ import annotations

import ast
import sys

import pytest

from bot.strategies._scope import unbound

FREE = {
    "a builtin, a module name": "print(len(__file__))",
    "bound later in the module": "def f():\n    return later\nlater = 1",
    "walrus in a comprehension": "if any((hit := n) for n in (1, 2)):\n    print(hit)",
    "a lambda's parameters": "f = lambda a, *b, c=1, **d: (a, b, c, d)",
    "a class reads its own names": "class A:\n    x = 1\n    y = x",
    "super's hidden name": "class A:\n    def f(self):\n        return __class__",
    "a global of a function": "def f():\n    global total\n    total = 1\ndef g():\n    return total",
    "a nonlocal": "def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n    return g, n",
    "an exception's name": "try:\n    pass\nexcept ValueError as error:\n    print(error)",
    "patterns": (
        "def f(x):\n    match x:\n        case [a, *rest]:\n            return a, rest\n"
        "        case {'k': v, **others}:\n            return v, others\n"
        "        case int() as n:\n            return n\n        case _:\n            return None"
    ),
    "imports": "import os.path\nimport json as j\nfrom a import b as c\nprint(os, j, c)",
    "a star import hides it": "from a import *\nprint(anything)",
    "async": "async def f(xs):\n    return [x async for x in xs]",
}
if sys.version_info >= (3, 12):
    FREE["type parameters"] = (
        "type Pair[T] = tuple[T, T]\ndef f[S](x: S) -> S:\n    y: S = x\n    return y\nclass A[U]:\n    z: U"
    )
MISSING = {
    "a read in a function": ("def f():\n    return lost", ["lost"]),
    "a class's names are not its functions'": ("class A:\n    x = 1\n    def f(self):\n        return x", ["x"]),
    "a comprehension's variable ends with it": ("ys = [y for y in (1, 2)]\nprint(y)", ["y"]),
    "the first iterable is read outside": ("class A:\n    xs = [1]\n    ys = [x for x in xs]", []),
    "defaults, decorators and annotations": (
        "@deco\ndef f(a: Kind = default, *, b=other) -> Back:\n    return a",
        ["deco", "default", "other", "Kind", "Back"],
    ),
    "bases and keywords": ("class A(Base, metaclass=Meta):\n    pass", ["Base", "Meta"]),
    "a dict comprehension": ("d = {k: lost for k, v in {}.items() if gone}", ["lost", "gone"]),
}


@pytest.mark.parametrize("text", FREE.values(), ids=FREE)
def test_bound_names_are_found(text: str) -> None:
    assert unbound(ast.parse(text)) == ()


@pytest.mark.parametrize(("text", "wanted"), MISSING.values(), ids=MISSING)
def test_unbound_names_are_told(text: str, wanted: list[str]) -> None:
    assert sorted(name.id for name, _ in unbound(ast.parse(text))) == sorted(wanted)
