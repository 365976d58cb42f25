"""Examples that are run as tests: what they look at, and what leads to that."""

from __future__ import annotations

import ast

from bot.codebase import of
from bot.codebase.clues import mentioned
from bot.codebase.doctests import documented_function, statements
from bot.model import Frame

TEXT = """Use
===

>>> import shop
>>> basket = shop.basket()
>>> unused = shop.unused()
>>> for one in [1, 2]:
...     basket.put(one)
>>> no python (
>>> basket.total()
3

>>> shop.close()
"""
CODE = """class Basket:
    def total(self):
        '''Sum up.

        >>> Basket().total()
        0
        '''
"""


def test_the_statements_up_to_a_line() -> None:
    said = [ast.unparse(one) for one in statements(TEXT, 10)]
    assert said[0] == "import shop"
    assert said[-2:] == ["for one in [1, 2]:\n    basket.put(one)", "basket.total()"]
    assert ast.unparse(statements(TEXT, 13)[-1]) == "shop.close()"
    assert statements("no example", 1) == ()
    assert [ast.unparse(one) for one in statements(">>> 1", 1)] == ["1"]


def test_the_function_that_a_docstring_belongs_to() -> None:
    code = of({"shop/cart.py": CODE})
    found = documented_function(code, "shop/cart.py::shop.cart.Basket.total")
    assert found is not None
    assert found.qualname == "Basket.total"
    assert documented_function(code, "shop/cart.py::cart.Basket.total") == found
    assert documented_function(code, "shop/cart.py::shop.cart.Other") is None


def test_a_failing_example_points_at_what_it_calls() -> None:
    code = of({"README.rst": TEXT, "shop/cart.py": CODE})
    frame = Frame(file="README.rst", line=10, function="", project=True)
    found = mentioned(code, ["README.rst::README.rst"], [frame])
    assert found["total"] == 1.0
    assert 0 < found["basket"] <= 1.0
    assert not found.get("unused")
    assert not found.get("close")
    assert mentioned(code, ["README.rst::README.rst"], []) == {}
    assert mentioned(code, ["shop/cart.py::shop.cart.Basket.total"], []) == {"total": 1.0}
    assert mentioned(code, ["gone.rst::gone.rst", "shop.cart"], []) == {}
