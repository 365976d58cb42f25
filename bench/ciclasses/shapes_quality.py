"""Lint, layout and types in repositories shaped as people keep them: src folders, tox, pre-commit, pinned tools."""

# ruff: noqa: E501 - rows of tables, each a small file

from __future__ import annotations

from collections.abc import Iterator

from bench.ciclasses.case import Case, job, src

TESTED = "from {0}.core import total\n\n\ndef test_total() -> None:\n    assert total([1, 2]) == 3\n"
SUM = "def total(values: list[int]) -> int:\n    return sum(values)\n"


def shaped_ruff() -> Iterator[Case]:
    """Findings of linters whose configuration lies where projects keep it."""
    rules = 'line-length = 88\n\n[lint]\nselect = ["E", "F", "I", "UP", "B"]\n\n[lint.per-file-ignores]\n"tests/*" = ["B011"]\n'
    files = src("alder", SUM, TESTED.format("alder")) | {"ruff.toml": rules}
    files["src/alder/report.py"] = (
        '"""Shows totals."""\n\nfrom typing import Dict, Optional\nimport os\nfrom alder.core import total\n\n\n'
        "def shown(values: Dict[str, int], title: Optional[str] = None) -> str:\n"
        '    return "{}: {}".format(title or "all", total(list(values.values())))\n'
    )
    files["tests/test_report.py"] = (
        "import json\nfrom alder.report import shown\n\n\ndef test_shown():\n    assert shown({'a': 1}) == 'all: 1'\n"
    )
    yield Case("alder", "ruff", files, lacks={"src/alder/report.py": "Dict", "tests/test_report.py": "import json"})

    code = "def total(values: list[int]) -> int:\n    return combined(first_values=values, second_values=[], third_values=[], fourth=0)\n\n\ndef combined(first_values, second_values, third_values, fourth):\n    return sum([*first_values, *second_values, *third_values]) + fourth\n"
    files = src(
        "birch",
        code,
        TESTED.format("birch"),
        settings='\n[tool.ruff]\nline-length = 80\n\n[tool.ruff.lint]\nselect = ["E", "F"]\n',
    )
    yield Case("birch", "ruff", files, lacks={"src/birch/core.py": "third_values=[], fourth=0)\n"})

    hooks = "repos:\n  - repo: https://github.com/astral-sh/ruff-pre-commit\n    rev: v0.6.9\n    hooks:\n      - id: ruff\n        args: [--fix, --exit-non-zero-on-fix]\n"
    code = "from typing import Union\n\n\ndef total(values: list[Union[int, float]]) -> float:\n    if values:\n        if len(values) > 0:\n            return sum(values)\n    return 0\n"
    files = src(
        "cedar",
        code,
        TESTED.format("cedar"),
        settings='\n[tool.ruff.lint]\nextend-select = ["UP", "SIM"]\n',
        python=">=3.10",
    )
    files |= {
        ".pre-commit-config.yaml": hooks,
        ".github/workflows/lint.yml": job("pip install pre-commit", "pre-commit run --all-files"),
    }
    yield Case("cedar", "ruff", files, lacks={"src/cedar/core.py": "Union["})

    code = "import os  # noqa: F401\n\n\ndef total(values: list[int]) -> int:\n    return sum(values)  # noqa: E501\n"
    files = src(
        "dogwood", code, TESTED.format("dogwood"), settings='\n[tool.ruff.lint]\nselect = ["F", "RUF100", "E501"]\n'
    )
    yield Case(
        "dogwood",
        "ruff",
        files,
        {"src/dogwood/core.py": "import os  # noqa: F401"},
        {"src/dogwood/core.py": "# noqa: E501"},
    )

    code = "def total(values: list[int]) -> int:\n    return sum(values)\n\n\ndef stored(folder: str) -> str:\n    return (Path(folder) / 'total.json').read_text()\n"
    files = src("elm", code, TESTED.format("elm"), settings='\n[tool.ruff.lint]\nselect = ["F"]\n')
    yield Case("elm", "ruff", files, {"src/elm/core.py": "from pathlib import Path"})

    files = src(
        "fir",
        SUM,
        "from fir import total\n\n\ndef test_total():\n    assert total([1]) == 1\n",
        settings='\n[tool.ruff.lint]\nselect = ["F"]\n',
    )
    files["src/fir/__init__.py"] = '"""Firs."""\n\nfrom fir.core import total\nfrom fir.core import SIZE as SIZE\n'
    files["src/fir/core.py"] += "\n\nSIZE = 3\n"
    yield Case("fir", "ruff", files, {"src/fir/__init__.py": "total"})

    code = "import os, sys\ndef total(values):\n    l = [value for value in values]\n    if l == None :\n        return 0\n    return sum(l)+0*len(sys.argv)\n"
    files = src("hazel", code, TESTED.format("hazel"))
    files["tox.ini"] = (
        "[tox]\nenvlist = py311,lint\n\n[testenv]\ndeps = pytest\ncommands = pytest\n\n[testenv:lint]\ndeps = flake8\ncommands = flake8 src tests\n\n[flake8]\nmax-line-length = 100\n"
    )
    yield Case("hazel", "ruff", files, lacks={"src/hazel/core.py": "== None"})

    code = "import json\n\n\ndef total(values: list[int]) -> int:\n    try:\n        return sum(json.loads(json.dumps(values)))\n    except TypeError as error:\n        raise ValueError(f'{values}')\n\n\ndef zipped(first, second):\n    return dict(zip(first, second))\n\n\ndef kinds(values):\n    return list(map(lambda value: type(value), values))\n"
    files = src("larch", code, TESTED.format("larch"), settings='\n[tool.ruff.lint]\nselect = ["B", "F", "C4"]\n')
    yield Case("larch", "ruff", files, {"src/larch/core.py": "from error"}, {"src/larch/core.py": "map(lambda"})


def shaped_layout() -> Iterator[Case]:
    """Layout that a pinned formatter, called from tox, pre-commit, make or a workflow, would write otherwise."""
    ugly = "def total(values: list[int]) -> int:\n    text = 'it is'\n    return sum( values )+0*len( text )\n"
    hooks = "repos:\n-   repo: https://github.com/psf/black-pre-commit-mirror\n    rev: 23.12.1\n    hooks:\n    -   id: black\n"
    files = src(
        "alder",
        ugly,
        TESTED.format("alder"),
        settings="\n[tool.black]\nline-length = 79\nskip-string-normalization = true\n",
    )
    files |= {
        ".pre-commit-config.yaml": hooks,
        ".github/workflows/ci.yml": job("pip install pre-commit", "pre-commit run --all-files --show-diff-on-failure"),
    }
    yield Case("alder", "format", files, {"src/alder/core.py": "'it is'"}, {"src/alder/core.py": "sum( values )"})

    mixed = "from birch import report\nimport sys, json\nfrom pathlib import Path\nfrom collections.abc import Iterable\n\n\ndef total(values: Iterable[int]) -> int:\n    return sum(values) + 0 * len(str((sys, json, Path, report)))\n"
    files = src("birch", mixed, TESTED.format("birch")) | {"src/birch/report.py": '"""Reports."""\n'}
    files["setup.cfg"] = "[isort]\nprofile = black\nknown_first_party = birch\nmulti_line_output = 3\n"
    files[".github/workflows/ci.yml"] = job("pip install isort==5.13.2", "isort --check-only --diff src tests")
    yield Case("birch", "format", files, lacks={"src/birch/core.py": "import sys, json"})

    hooks = "repos:\n  - repo: https://github.com/astral-sh/ruff-pre-commit\n    rev: v0.5.7\n    hooks:\n      - id: ruff-format\n"
    files = src("cedar", ugly, TESTED.format("cedar"), settings='\n[tool.ruff.format]\nquote-style = "single"\n')
    files |= {
        ".pre-commit-config.yaml": hooks,
        ".github/workflows/lint.yml": job("pre-commit run --all-files", first="uses: pre-commit/action@v3.0.1"),
    }
    yield Case("cedar", "format", files, {"src/cedar/core.py": "'it is'"}, {"src/cedar/core.py": "sum( values )"})

    code = "import sys\nimport json\n\ndef total(values: list[int]) -> int:\n    return sum( values )+0*len(str((sys, json)))\n"
    files = src(
        "dogwood",
        code,
        TESTED.format("dogwood"),
        settings='\n[tool.isort]\nprofile = "black"\n\n[tool.black]\ntarget-version = ["py311"]\n',
    )
    files["tox.ini"] = (
        "[tox]\nenvlist = lint,py\n\n[testenv]\ndeps = pytest\ncommands = pytest {posargs}\n\n[testenv:lint]\nskip_install = true\ndeps =\n    black\n    isort\ncommands =\n    isort --check-only src tests\n    black --check src tests\n"
    )
    yield Case("dogwood", "format", files, lacks={"src/dogwood/core.py": "sum( values )"})

    files = src("elm", SUM.replace("int:\n", "int:  \n") + "\n\n", TESTED.format("elm"))
    files[".pre-commit-config.yaml"] = (
        "repos:\n  - repo: https://github.com/pre-commit/pre-commit-hooks\n    rev: v4.6.0\n    hooks:\n      - id: trailing-whitespace\n      - id: end-of-file-fixer\n"
    )
    log = "2026-03-01T10:00:01.0000000Z trim trailing whitespace.................................................Failed\n2026-03-01T10:00:01.0000000Z - hook id: trailing-whitespace\n2026-03-01T10:00:01.0000000Z - exit code: 1\n2026-03-01T10:00:01.0000000Z - files were modified by this hook\n2026-03-01T10:00:01.0000000Z \n2026-03-01T10:00:01.0000000Z Fixing src/elm/core.py\n2026-03-01T10:00:01.0000000Z \n2026-03-01T10:00:01.0000000Z fix end of files.........................................................Failed\n2026-03-01T10:00:01.0000000Z - hook id: end-of-file-fixer\n2026-03-01T10:00:01.0000000Z - exit code: 1\n2026-03-01T10:00:01.0000000Z - files were modified by this hook\n2026-03-01T10:00:01.0000000Z \n2026-03-01T10:00:01.0000000Z Fixing src/elm/core.py\n2026-03-01T10:00:01.0000000Z \n2026-03-01T10:00:02.0000000Z ##[error]Process completed with exit code 1.\n"
    yield Case("elm", "format", files, lacks={"src/elm/core.py": "int:  \n"}, log=log)

    files = src("fir", ugly, TESTED.format("fir").replace("([1, 2])", "( [1,2] )"))
    files |= {
        "Makefile": ".PHONY: lint test\n\nlint:\n\tblack --check src tests\n\ntest:\n\tpytest\n",
        "requirements-dev.txt": "black==24.10.0\npytest\n",
    }
    files[".github/workflows/ci.yml"] = job("pip install -r requirements-dev.txt", "make lint", "make test")
    yield Case("fir", "format", files, {"tests/test_core.py": "total([1, 2])"}, {"src/fir/core.py": "sum( values )"})

    files = src(
        "hazel",
        ugly,
        TESTED.format("hazel"),
        settings='\n[tool.ruff]\nextend-exclude = ["src/hazel/made.py"]\n\n[dependency-groups]\ndev = ["ruff==0.9.10", "pytest"]\n',
    )
    files["src/hazel/made.py"] = '"""Made by a tool."""\nROWS = [ 1,2 ]\n'
    files[".github/workflows/ci.yml"] = job("uv sync --group dev", "uv run ruff format --check --diff", "uv run pytest")
    yield Case("hazel", "format", files, {"src/hazel/made.py": "[ 1,2 ]"}, {"src/hazel/core.py": "sum( values )"})

    files = src("larch", ugly, TESTED.format("larch"))
    log = "would reformat /home/runner/work/larch/larch/src/larch/core.py\n\nOh no! \U0001f4a5 \U0001f494 \U0001f4a5\n1 file would be reformatted, 2 files would be left unchanged.\n##[error]Process completed with exit code 1.\n"
    yield Case("larch", "format", files, lacks={"src/larch/core.py": "sum( values )"}, log=log)


# name, code, a text that must stand there, one that must not
TYPED = (
    ("alder", "from pathlib import Path\n\n\ndef size(path: Path) -> int:\n    return len(path.parts)\n\n\ndef depth(name: str) -> int:\n    return size(name)\n", "size(Path(name))", ""),
    ("birch", "def known(values: dict[str, str], key: str) -> str:\n    return values.get(key)\n", "-> str | None", ""),
    ("cedar", "class Box:\n    def __init__(self, size: int) -> None:\n        self.size = size\n        self.label: str = None\n\n    def named(self, label: str) -> None:\n        self.label = label\n", "self.label: str | None", ""),
    ("dogwood", "import re\n\n\ndef number(text: str) -> str:\n    found = re.search(r'[0-9]+', text)\n    return found.group(0)\n", "found", ""),
    ("elm", "def scaled(value, factor=2):\n    return value * factor\n\n\ndef twice() -> int:\n    return scaled(3, 2)\n", "value: int", ""),
    ("fir", "class Register:\n    def __init__(self) -> None:\n        self.rows = []\n\n    def add(self, row: str) -> None:\n        self.rows.append(row)\n", "rows: list[str] = []", ""),
    ("hazel", "class Box:\n    def __init__(self) -> None:\n        self.height = 1\n\n    def area(self) -> int:\n        return self.heigth * 2\n", "self.height * 2", "heigth"),
    ("larch", "class Base:\n    def run(self, text: str, times: int = 1) -> str:\n        return text * times\n\n\nclass Loud(Base):\n    def run(self, text: str) -> str:\n        return text.upper()\n", "def run(self, text: str, times: int = 1) -> str:\n        return text.upper", ""),
    ("maple", "def first(rows: dict[str, int] | None) -> int:\n    return rows['a']\n", "rows", ""),
    ("oak", "def added(left: int, right: int = None) -> int:\n    if right is None:\n        return left\n    return left + right\n", "right: int | None = None", ""),
    ("pine", "from dataclasses import dataclass\n\n\n@dataclass\nclass Item:\n    name: str\n    price: int = 0\n\n\ndef made() -> Item:\n    return Item(nmae='a', price=2)\n", "Item(name='a'", "nmae"),
    ("rowan", "def seen(value: Optional[int]) -> list[Any]:\n    return [value]\n", "from typing import", ""),
    ("spruce", "import json\n\n\ndef loaded(text: str) -> dict[str, int]:\n    return json.loads(text)\n", "dict[str, int] = json.loads(text)", ""),
    ("willow", "def chunks(values: list[int], size: int) -> list[list[int]]:\n    for start in range(0, len(values), size):\n        yield values[start : start + size]\n", "Iterator[list[int]]", ""),
    ("yew", "def parsed(text: str) -> int:\n    numbers: list[str] = [int(part) for part in text.split(',')]\n    return sum(numbers)\n", "numbers: list[int]", ""),
    ("sumac", "from collections import defaultdict\n\n\ndef grouped(words: list[str]) -> dict[str, list[str]]:\n    out = defaultdict(list)\n    for word in words:\n        out[word[0]].append(word)\n    return dict(out)\n", "defaultdict[str, list[str]]", ""),
    ("tulip", "import requests\n\n\ndef fetched(url: str) -> int:\n    return len(requests.__name__ + url)\n", "", ""),
    ("ash", "class Shape:\n    def area(self) -> float:\n        raise NotImplementedError\n\n\nclass Square(Shape):\n    def __init__(self, side: float) -> None:\n        self.side = side\n\n    def area(self) -> int:\n        return self.side ** 2\n", "def area(self) -> float:\n        return self", ""),
)  # fmt: skip


def shaped_types() -> Iterator[Case]:
    """Findings of mypy as it is set up in setup.cfg, mypy.ini, pyproject.toml and workflows."""
    for number, (name, code, wanted, gone) in enumerate(TYPED):
        body = code + "\n\n" + SUM
        settings = (
            '\n[tool.mypy]\nstrict = true\nfiles = ["src"]\n',
            "",
            '\n[dependency-groups]\ndev = ["mypy", "pytest"]\n',
        )[number % 3]
        needs = '"requests"' if name == "tulip" else ""
        files = src(name, body, TESTED.format(name), settings=settings, python=">=3.10", needs=needs)
        if number % 3 == 1:
            files["mypy.ini"] = "[mypy]\nstrict = True\n"
            files[".github/workflows/ci.yml"] = job("pip install mypy", "mypy src", "pytest")
        if number % 3 == 2:
            files["setup.cfg"] = "[mypy]\ndisallow_untyped_defs = true\nwarn_return_any = true\n"
            files[".github/workflows/ci.yml"] = job("uv run mypy src", "uv run pytest")
        path = f"src/{name}/core.py"
        says = {"pyproject.toml": "types-requests"} if needs else {path: wanted}
        yield Case(name, "mypy", files, says, {path: gone} if gone else {})
