"""Costly patterns: each is recognised, and its harmless twin is not."""

from __future__ import annotations

import ast

import pytest

from bot.causes.patterns import recognise

HITS = {
    "n-plus-one": "def f(db, ids):\n    for i in ids:\n        db.cursor.execute('select', i)\n",
    "recursion-without-cache": "def f(n):\n    return f(n - 1) + f(n - 2)\n",
    "quadratic-membership": "def f(xs):\n    seen = []\n    for x in xs:\n        if x in seen:\n            pass\n",
    "nested-scan": "def f(xs, ys):\n    for x in xs:\n        for y in ys:\n            y == x\n",
    "io-in-loop": "def f(xs):\n    for x in xs:\n        open('settings.json')\n",
    "recompiled-regex": "import re\ndef f(xs):\n    for x in xs:\n        re.match('a+', x)\n",
    "string-concatenation": "def f(xs):\n    out = ''\n    for x in xs:\n        out += x\n    return out\n",
    "repeated-pure-call": "def f(xs, ys):\n    for x in xs:\n        x + max(ys)\n",
    "sequential-awaits": "async def f(xs):\n    for x in xs:\n        await x.save()\n",
    "sleep": "import time\ndef f():\n    time.sleep(1)\n",
}
CLEAN = {
    "a dictionary is no query": "def f(d, ids):\n    for i in ids:\n        d.get(i)\n",
    "one recursive call": "def f(n):\n    return f(n - 1) + 1\n",
    "membership in a set": "def f(xs):\n    seen = set()\n    for x in xs:\n        if x in seen:\n            pass\n",
    "numbers are summed": "def f(xs):\n    out = 0\n    for x in xs:\n        out += x\n    return out\n",
    "the file depends on the loop": "def f(xs):\n    for x in xs:\n        open(x)\n",
    "the call depends on the loop": "def f(xs):\n    for x in xs:\n        max(x)\n",
    "no loop at all": "def f(a, b):\n    return a in b\n",
}


def patterns(text: str) -> list[str]:
    function = next(n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    return [hit.pattern for hit in recognise(function)]


@pytest.mark.parametrize("name", HITS)
def test_a_costly_pattern_is_recognised(name: str) -> None:
    assert patterns(HITS[name])[0] == name


@pytest.mark.parametrize("name", CLEAN)
def test_a_harmless_function_is_not_accused(name: str) -> None:
    assert patterns(CLEAN[name]) == []


def test_a_regex_compiled_on_every_call_is_recognised() -> None:
    assert patterns("import re\ndef f(x):\n    return re.compile('a').match(x)\n") == ["recompiled-regex"]
