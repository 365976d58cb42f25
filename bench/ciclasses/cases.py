"""The cases: a project of one module, broken in one way, and what must (or must not) stand in it when healed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

NAMES = ("basket",
         "ledger", "parcel", "ticket", "sensor", "recipe", "voucher", "harbour", "orchard", "signal", "tariff",
         "meadow")  # fmt: skip
CHECKS = {
    "ruff": '\n[tool.ruff.lint]\nselect = ["E", "F", "I", "UP", "B", "NPY"]\n',
    "format": '\n[tool.ruff]\nline-length = 88\n\n[tool.ruff.format]\nquote-style = "double"\n',
    "mypy": "\n[tool.mypy]\nstrict = true\n",
    "warnings": '\n[tool.pytest.ini_options]\nfilterwarnings = ["error"]\n',
}


@dataclass(frozen=True)
class Case:
    """One broken repository: `says` and `lacks` are texts that files must and must not hold when healed."""

    name: str
    klass: str
    files: dict[str, str]
    says: dict[str, str] = field(default_factory=dict)
    lacks: dict[str, str] = field(default_factory=dict)
    log: str = ""


def _project(name: str, code: str, test: str, *, needs: str = "", settings: str = "") -> dict[str, str]:
    head = f'[project]\nname = "{name}"\nversion = "1.0"\nrequires-python = ">=3.9"\ndependencies = [{needs}]\n'
    return {
        "pyproject.toml": head + settings,
        f"{name}/__init__.py": f'"""The {name}."""\n',
        f"{name}/core.py": f'"""What a {name} does."""\n\n{code}',
        "tests/test_core.py": test,
        ".gitignore": "__pycache__/\n",
    }


def _plain(name: str, function: str = "total", call: str = "total([1, 2])", result: str = "3") -> str:
    return f"from {name}.core import {function}\n\n\ndef test_{function}():\n    assert {call} == {result}\n"


TOTAL = "def total(values):\n    return sum(values)\n"
LINT = (
    ("import os\n\n\n" + TOTAL, "import os"),
    ("import json\nimport sys\n\n\n" + TOTAL, "import json"),
    ("from typing import List\n\n\n" + TOTAL, "List"),
    ("def total(values):\n    unused = 1\n    return sum(values)\n", "unused = 1"),
    ("def total(values):\n    if values == None:\n        return 0\n    return sum(values)\n", "== None"),
    ("def total(values):\n    return sum(values) + int(f'0')\n", "f'0'"),
)


def ruff() -> Iterator[Case]:
    """Findings of ruff that it can mend, or that are safe by rule."""
    for number, name in enumerate(NAMES):
        code, gone = LINT[number % len(LINT)]
        files = _project(name, "\n" + code if code.startswith("def") else code, _plain(name), settings=CHECKS["ruff"])
        yield Case(name, "ruff", files, lacks={f"{name}/core.py": gone})


def layout() -> Iterator[Case]:
    """Files that the formatter would write otherwise."""
    shapes = ("def total( values ):\n    return sum( values )\n", "def total(values):\n    return sum([*values,])\n",
              "def total(values):\n  return sum(values)\n", "def total(values): return sum(values)\n")  # fmt: skip
    for number, name in enumerate(NAMES):
        files = _project(name, "\n" + shapes[number % 4], _plain(name), settings=CHECKS["format"])
        log = f"Would reformat: {name}/core.py\n1 file would be reformatted, 3 files already formatted\n"
        yield Case(name, "format", files, lacks={f"{name}/core.py": shapes[number % 4]}, log=log)


def types() -> Iterator[Case]:
    """Findings of mypy with an obvious edit."""
    shapes = (
        ("def total(values: list[int] = None) -> int:\n    return sum(values or [])\n", "list[int]"),
        ("def total(values: list[int]):\n    return sum(values)\n", "-> int"),
        ("def total(values: list[int]) -> str:\n    return sum(values)\n", "-> int"),
        ("def shown(value: int) -> None:\n    print(value)\n\n\n"
         "def total(values: list[int]):\n    return sum(values)\n",
         "-> int"),
    )  # fmt: skip
    for number, name in enumerate(NAMES):
        code, wanted = shapes[number % 4]
        test = f"from {name}.core import total\n\n\ndef test_total() -> None:\n    assert total([1, 2]) == 3\n"
        yield Case(
            name, "mypy", _project(name, "\n" + code, test, settings=CHECKS["mypy"]), {f"{name}/core.py": wanted}
        )


def missing() -> Iterator[Case]:
    """Imports of distributions that nothing declares."""
    used = (("inflection", "inflection", "inflection.pluralize('box')", "boxes"),
            ("yaml", "YAML", "yaml.safe_load('box')", "box"),
            ("toolz", "toolz", "toolz.first(['box'])", "box"),
            ("attr", "attrs", "attr.__name__", "attr"))  # fmt: skip
    for number, name in enumerate(NAMES):
        module, distribution, call, result = used[number % 4]
        code = f"import {module}\n\n\ndef named():\n    return {call}\n"
        test = _plain(name, "named", "named()", repr(result))
        yield Case(name, "missing-dependency", _project(name, code, test), {"pyproject.toml": distribution})


def conflict() -> Iterator[Case]:
    """Pins that no version meets."""
    for number, name in enumerate(NAMES):
        pin = ('"inflection==99.0"', '"inflection>=99"', '"inflection==0.5.99"')[number % 3]
        code = "import inflection\n\n\ndef named():\n    return inflection.pluralize('box')\n"
        files = _project(name, code, _plain(name, "named", "named()", "'boxes'"), needs=pin)
        yield Case(name, "conflict", files, lacks={"pyproject.toml": pin})


REMOVED = (
    ("from collections import Mapping\n\n\n"
     "def total(values):\n    return 0 if isinstance(values, Mapping) else sum(values)\n",
     "from collections import Mapping"),
    ("import inspect\n\n\n"
     "def total(values):\n    return sum(values) + 0 * len(inspect.getargspec(len.__class__).args or ())\n",
     "getargspec"),
    ("from collections import Iterable\n\n\n"
     "def total(values):\n    assert isinstance(values, Iterable)\n    return sum(values)\n",
     "from collections import Iterable"),
    ("from fractions import gcd\n\n\n"
     "def total(values):\n    return gcd(3, 6) + 0 * sum(values)\n", "from fractions import gcd"),
    ("from collections import MutableMapping, OrderedDict\n\n\ndef total(values):\n"
     "    return sum(OrderedDict.fromkeys(values)) + 0 * len(MutableMapping.__name__)\n", "import MutableMapping"),
    ("import asyncio\n\n\n"
     "@asyncio.coroutine\ndef later(value):\n    return value\n\n\ndef total(values):\n    return sum(values)\n",
     "asyncio.coroutine"),
)  # fmt: skip


def removals() -> Iterator[Case]:
    """Names that newer Pythons took away."""
    for number, name in enumerate(NAMES):
        code, gone = REMOVED[number % len(REMOVED)]
        yield Case(name, "cpython", _project(name, code, _plain(name)), lacks={f"{name}/core.py": gone})


def deprecations() -> Iterator[Case]:
    """Warnings that the project's own configuration makes errors."""
    shapes = (
        ("def total(values):\n    return sum(values) + 0 * len('\\d')\n", "len('\\d')"),
        ("import warnings\n\n\ndef old(values):\n    warnings.warn('use new', DeprecationWarning, stacklevel=2)\n"
         "    return sum(values)\n\n\ndef total(values):\n    return sum(values)\n", "unused-marker"),
        ("def total(values):\n    assert values is not 3\n    return sum(values)\n", "is not 3"),
    )  # fmt: skip
    for number, name in enumerate(NAMES):
        code, gone = shapes[(0, 2)[number % 2]]
        files = _project(name, "\n" + code, _plain(name), settings=CHECKS["warnings"])
        yield Case(name, "warnings", files, lacks={f"{name}/core.py": gone})


def pytests() -> Iterator[Case]:
    """What newer pytests refuse."""
    for number, name in enumerate(NAMES):
        fixture = (
            "import pytest\n\n\n@pytest.mark.usefixtures()\n@pytest.fixture\ndef values():\n    return [1, 2]\n\n\n"
        )
        marked = (
            f"{fixture}def test_total(values):\n    from {name}.core import total\n\n    assert total(values) == 3\n"
        )
        strict = '\n[tool.pytest.ini_options]\naddopts = "--strict-markers"\n'
        unknown = f"import pytest\n\n{_plain(name).replace('def test', '@pytest.mark.quick' + chr(10) + 'def test')}"
        if number % 2:
            yield Case(
                name, "pytest", _project(name, "\n" + TOTAL, unknown, settings=strict), {"pyproject.toml": "quick"}
            )
        else:
            lacks = {"tests/test_core.py": "@pytest.mark.usefixtures()"}
            yield Case(name, "pytest", _project(name, "\n" + TOTAL, marked), lacks=lacks)


def numbers() -> Iterator[Case]:
    """Names that numpy took away."""
    shapes = ("np.float(value)", "np.int(value)", "np.bool(value)", "np.float_(value)")
    for number, name in enumerate(NAMES):
        used = shapes[number % 4]
        code = f"import numpy as np\n\n\ndef named(value):\n    return {used}\n"
        files = _project(name, code, _plain(name, "named", "named(1)", "1"), needs='"numpy>=2"')
        yield Case(name, "numpy", files, lacks={f"{name}/core.py": used})


def models() -> Iterator[Case]:
    """What pydantic 2 says otherwise."""
    shapes = (
        ("from pydantic import BaseModel, validator\n\n\n"
         "class Item(BaseModel):\n    size: int\n\n    @validator('size')\n"
         "    def positive(cls, value):\n        assert value > 0\n        return value\n", "@validator"),
        ("from pydantic import BaseModel, Field\n\n\nclass Item(BaseModel):\n    size: int\n"
         "    code: str = Field('a', regex='^a')\n", "regex="),
    )  # fmt: skip
    for number, name in enumerate(NAMES):
        code, gone = shapes[number % 2]
        test = f"from {name}.core import Item\n\n\ndef test_item():\n    assert Item(size=2).size == 2\n"
        settings = CHECKS["warnings"]
        yield Case(name, "pydantic", _project(name, code, test, needs='"pydantic>=2"', settings=settings),
                   lacks={f"{name}/core.py": gone})  # fmt: skip


def packages() -> Iterator[Case]:
    """Build backends that are not required, or misspelt."""
    wrong = (('requires = ["setuptol"]', '"setuptol"'), ('requires = ["setuptools>=9999"]', ">=9999"))
    for number, name in enumerate(NAMES):
        requires, gone = wrong[number % 2]
        build = f'\n[build-system]\n{requires}\nbuild-backend = "setuptools.build_meta"\n'
        files = _project(name, "\n" + TOTAL, _plain(name), settings=build)
        yield Case(name, "packaging", files, lacks={"pyproject.toml": gone})


def examples() -> Iterator[Case]:
    """Examples in docstrings that the project runs and that are no longer true of a renamed function."""
    settings = '\n[tool.pytest.ini_options]\naddopts = "--doctest-modules"\n'
    for name in NAMES:
        example = f"    >>> from {name}.core import totl\n    >>> total([1, 2])\n    3\n"
        code = f'def total(values):\n    """Return the sum.\n\n{example}    """\n    return sum(values)\n'
        yield Case(name, "docs", _project(name, "\n" + code, _plain(name), settings=settings),
                   lacks={f"{name}/core.py": "import totl"})  # fmt: skip


CLASSES: dict[str, Callable[[], Iterator[Case]]] = {
    "ruff": ruff, "format": layout, "mypy": types, "missing-dependency": missing, "conflict": conflict,
    "numpy": numbers,
    "pydantic": models, "pytest": pytests, "cpython": removals, "warnings": deprecations, "packaging": packages,
    "docs": examples,
}  # fmt: skip
