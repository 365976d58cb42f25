"""Lint, layout and types: what the project's own tools find."""

# ruff: noqa: E501 - rows of tables, each a small file

from __future__ import annotations

from collections.abc import Iterator

from bench.ciclasses.case import NAMES, TOTAL, Case, plain, project

# code, a text that must be gone, the rules that the project selects
LINT = (
    ("import os\n\n\n" + TOTAL, "import os", "F"),
    ("import sys\nimport json\n\n\ndef total(values):\n    return sum(json.loads(json.dumps(values))) + 0 * sys.maxsize\n",
     "import sys\nimport json", "I"),
    ("from typing import List\n\n\ndef total(values: List[int]) -> int:\n    return sum(values)\n", "List", "UP"),
    ("def total(values):\n    unused = 1\n    return sum(values)\n", "unused = 1", "F"),
    ("def total(values):\n    if values == None:\n        return 0\n    return sum(values)\n", "== None", "E"),
    ("def total(values):\n    return sum(values) + int(f'0')\n", "f'0'", "F"),
    ("def total(values):\n    known = dict()\n    return sum(values) + len(known)\n", "dict()", "C4"),
    ("def total(values):\n    if not 3 in values:\n        return sum(values)\n    return 0\n", "not 3 in", "E"),
    ("add = lambda a, b: a + b\n\n\ndef total(values):\n    return add(*values)\n", "lambda", "E"),
    ("def total(values, seen=[]):\n    return sum(values) + len(seen)\n", "seen=[]", "B"),
    ("def total(values):\n    if sum(values) > 0:\n        return sum(values)\n    else:\n        return 0\n",
     "else:", "RET"),
    ("def total(values):\n    out = []\n    for value in values:\n        out.append(value * 1)\n    return sum(out)\n",
     "out.append", "PERF"),
    ("from os.path import *\nfrom json import dumps\n\n\ndef total(values):\n    return sum(values)\n", "import dumps",
     "F401"),
    ("def total(values):\n    text = '%s' % sum(values)\n    return int(text)\n", "'%s' %", "UP"),
    ("def total(values):\n    try:\n        return sum(values)\n    except TypeError:\n        raise ValueError('no')\n",
     "raise ValueError('no')\n", "B"),
    ("def total(values):\n    for index, value in enumerate(values):\n        pass\n    return sum(values)\n",
     "for index,", "B"),
    ("class Box(object):\n    pass\n\n\ndef total(values):\n    return sum(values)\n", "(object)", "UP"),
    ("def total(values):\n    return sum(values)  \n", "(values)  \n", "W"),
    ("def total(values):\n    try:\n        return sum(values)\n    except:\n        return 0\n", "except:", "E"),
    ("def total(values):\n    if type(values) == dict:\n        return 0\n    return sum(values)\n",
     "type(values) ==", "E"),
)  # fmt: skip


def ruff() -> Iterator[Case]:
    """Findings of ruff: those it mends itself, those it calls unsafe, and those of rules it has no mend for."""
    for name, (code, gone, rules) in zip(NAMES, LINT, strict=False):
        settings = f'\n[tool.ruff.lint]\nselect = ["{rules}"]\n'
        yield Case(name, "ruff", project(name, code, plain(name), settings=settings), lacks={f"{name}/core.py": gone})


SHAPES = (
    "def total( values ):\n    return sum( values )\n",
    "def total(values):\n    return sum([*values,])\n",
    "def total(values):\n  return sum(values)\n",
    "def total(values): return sum(values)\n",
    "def total(values):\n    text = 'it'\n    return sum(values) + 0*len(text)\n",
    "def total(values):\n\n\n\n    return sum(values)\n",
    "def total(values):\n    return sum(value for value in values if value is not None and value not in (True, False) and"
    " value != 0)\n",
)
FORMATTERS = ("ruff", "black", "isort", "yapf", "autopep8")
TABLES = {
    "ruff": '\n[tool.ruff.format]\nquote-style = "double"\n',
    "black": "\n[tool.black]\nline-length = 88\n",
    "isort": '\n[tool.isort]\nprofile = "black"\n',
    "yapf": '\n[tool.yapf]\nbased_on_style = "pep8"\n',
    "autopep8": "\n[tool.autopep8]\nmax_line_length = 88\n",
}
RUNS = {
    "ruff": "ruff format --check .", "black": "black --check .", "isort": "isort --check-only .",
    "yapf": "yapf --diff --recursive .", "autopep8": "autopep8 --diff --recursive --exit-code .",
}  # fmt: skip


def _workflow(*lines: str) -> str:
    steps = "".join(f"      - run: {line}\n" for line in lines)
    head = "on: push\njobs:\n  check:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n"
    return f"name: checks\n{head}{steps}"


def layout() -> Iterator[Case]:
    """Files that the project's formatter would write otherwise: shown by its configuration, a workflow, or a log."""
    mixed = "import sys\nimport json\n\n\ndef total(values):\n    return sum(values) + 0 * len((sys, json))\n"
    for number, name in enumerate(NAMES[:15]):
        tool = ("ruff", "black", "ruff", "isort", "black", "ruff", "yapf", "ruff", "autopep8", "black")[number % 10]
        code = mixed if tool == "isort" else SHAPES[number % (3 if tool in {"yapf", "autopep8"} else len(SHAPES))]
        files = project(name, code, plain(name), settings=TABLES[tool])
        if tool != "ruff" or number % 2:
            files[".github/workflows/ci.yml"] = _workflow(f"pip install {tool}", RUNS[tool], "pytest")
        log = ""
        if tool == "ruff" and not number % 2:
            log = f"Would reformat: {name}/core.py\n1 file would be reformatted, 3 files already formatted\n"
        yield Case(name, "format", files, lacks={f"{name}/core.py": code}, log=log)


# code, a text that must stand there, and one that must not
TYPES = (
    ("def total(values: list[int] = None) -> int:\n    return sum(values or [])\n", "None", "list[int] = None"),
    ("def total(values: list[int]):\n    return sum(values)\n", "-> int", ""),
    ("def total(values: list[int]) -> str:\n    return sum(values)\n", "-> int", "-> str"),
    ("def shown(value: int):\n    print(value)\n\n\ndef total(values: list[int]) -> int:\n    return sum(values)\n",
     "-> None", ""),
    ("def total(values: list[int]) -> int:\n    seen = []\n    return sum(values) + len(seen)\n",
     "seen: list[", ""),
    ("def total(values: list[int]) -> int:\n    return sum(values)  # type: ignore\n", "", "type: ignore"),
    ("def total(values: list) -> int:\n    return sum(values)\n", "list[", "values: list)"),
    ("import re\n\n\ndef total(values: list[int]) -> int:\n    found = re.match('a', 'ab')\n"
     "    return sum(values) + 0 * len(found.group(0))\n", "found", ""),
    ("class Box:\n    def __init__(self, size):\n        self.size: int = size\n\n\n"
     "def total(values: list[int]) -> int:\n    return sum(values) + 0 * len(values)\n", "-> None", ""),
    ("import yaml\n\n\ndef total(values: list[int]) -> int:\n    return sum(values) + len(yaml.__name__) - 4\n", "", ""),
    ("def first(values: list[int]) -> int:\n    if values:\n        return values[0]\n    return None\n\n\n"
     "def total(values: list[int]) -> int:\n    return sum(values)\n", "-> int | None", ""),
    ("def total(values: list[int]) -> int:\n    count: int = ''\n    count = len(values)\n    return sum(values) + 0 * count\n",
     "", "count: int = ''"),
    ("def total(values: list[int]) -> int:\n    known: dict[str, int] = {}\n    known.setdeflt('a', 1)\n"
     "    return sum(values)\n", "setdefault", "setdeflt"),
    ("def total(values: list[int], scale: int = 1.5) -> float:\n    return sum(values) * 1.0\n", "scale: float", ""),
    ("from typing import cast\n\n\ndef total(values: list[int]) -> int:\n    return cast(int, len(values)) + sum(values) - len(values)\n", "", "cast("),
    ("from collections.abc import Iterator\n\n\ndef each(values: list[int]) -> int:\n    for value in values:\n"
     "        yield value\n\n\ndef total(values: list[int]) -> int:\n    return sum(values)\n", "Iterator[int]:", ""),
)  # fmt: skip


def types() -> Iterator[Case]:
    """Findings of mypy with an edit that follows from the code."""
    for name, (code, wanted, gone) in zip(NAMES, TYPES, strict=False):
        test = f"from {name}.core import total\n\n\ndef test_total() -> None:\n    assert total([1, 2]) == 3\n"
        needs = '"pyyaml"' if "yaml" in code else ""
        files = project(name, code, test, needs=needs, settings="\n[tool.mypy]\nstrict = true\n", python=">=3.10")
        path = f"{name}/core.py"
        says = {"pyproject.toml": "types-"} if "yaml" in code else {path: wanted}
        yield Case(name, "mypy", files, says, {path: gone} if gone else {})
