"""More shapes: one-line statements, star imports, actions and sessions that check, other names that went away."""

# ruff: noqa: E501 - rows of tables, each a small file

from __future__ import annotations

from collections.abc import Iterator

from bench.ciclasses.case import TOTAL, Case, job, src

TESTED = "from {0}.core import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"
CALLED = "from {0}.core import {1}\n\n\ndef test_it():\n    assert {2}\n"
UGLY = "def total(values: list[int]) -> int:\n    text = 'it is'\n    return sum( values )+0*len( text )\n"


def more_ruff() -> Iterator[Case]:
    """Findings without a fix of the linter's own, and many of them in one file."""
    code = "import os; import sys\n\n\ndef total(values):\n    if not values: return 0\n    l = len(values); print(l, os.sep, sys.path[:0])\n    return sum(values)\n"
    files = src("mulberry", code, TESTED.format("mulberry"), settings='\n[tool.ruff]\nlint.select = ["E", "F"]\n')
    yield Case("mulberry", "ruff", files, lacks={"src/mulberry/core.py": "; "})

    code = "from nutmeg.helpers import *\n\n\ndef total(values):\n    return combined(values, START)\n"
    files = src("nutmeg", code, TESTED.format("nutmeg"), settings='\n[tool.ruff.lint]\nselect = ["F"]\n')
    files["src/nutmeg/helpers.py"] = (
        "START = 0\n\n\ndef combined(values, start):\n    return sum(values) + start\n\n\ndef other():\n    return 1\n"
    )
    yield Case(
        "nutmeg", "ruff", files, {"src/nutmeg/core.py": "from nutmeg.helpers import"}, {"src/nutmeg/core.py": "*"}
    )

    code = "def total(values, start=0,\n    scale=1):\n    '''Return the total of all the values that are given, plus a start, times a scale.'''\n    return (sum(values)+start) * scale  \ndef named(first, second):\n    return dict(first=first,\n        second=second)\n"
    files = src("osier", code, TESTED.format("osier"))
    files["setup.cfg"] = "[flake8]\nmax-line-length = 79\nexclude = build\n"
    files[".github/workflows/lint.yml"] = job("pip install flake8", "flake8 src tests")
    yield Case("osier", "ruff", files, lacks={"src/osier/core.py": "plus a start, times a scale.'''\n    return"})

    code = "import os\n\n\nclass Sums:\n    known = {'a': 1}\n\n\ndef total(values, seen={}):\n    if values:\n        found = sum(values)\n    else:\n        found = 0\n    for first, second in zip(values, values):\n        seen[first] = second\n    return found + 0 * len(os.path.join('a', 'b'))\n"
    files = src("poplar", code, TESTED.format("poplar"), settings='\n[tool.ruff.lint]\nselect = ["B", "SIM", "F"]\n')
    yield Case("poplar", "ruff", files, lacks={"src/poplar/core.py": "seen={}"})

    long = "RULES = {'first': 'a rule that says a lot about what it wants, which is more than anybody wants to read', 'second': 'short'}\n\n\ndef total(values):\n    found = []\n    for value in values:\n        found.append(value)\n    result = sum(found)\n    return result\n"
    settings = '\n[tool.ruff]\nline-length = 100\n\n[tool.ruff.lint]\nselect = ["E", "W", "PERF", "RET"]\n'
    files = src("rosewood", long, TESTED.format("rosewood"), settings=settings)
    yield Case("rosewood", "ruff", files, lacks={"src/rosewood/core.py": "result = sum"})

    code = "import os\n\nHERE = os.getcwd()\n\nimport json\n\n\ndef total(values):\n    if not values:\n        raise ValueError()\n    return sum(json.loads(json.dumps(values))) + 0 * len(HERE)\n"
    test = "import pytest\n\nfrom sequoia.core import total\n\n\n@pytest.mark.parametrize('values,wanted', [([1, 2], 3)])\ndef test_total(values, wanted):\n    assert total(values) == wanted and wanted\n"
    files = src("sequoia", code, test, settings='\n[tool.ruff.lint]\nselect = ["E4", "PT", "RSE"]\n')
    yield Case("sequoia", "ruff", files, lacks={"src/sequoia/core.py": "HERE = os.getcwd()\n\nimport json"})


def more_layout() -> Iterator[Case]:
    """Formatters called by an action, by nox, and known from a log alone."""
    files = src("mulberry", UGLY, TESTED.format("mulberry"))
    files[".github/workflows/lint.yml"] = (
        'name: lint\non: [push, pull_request]\njobs:\n  lint:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - uses: psf/black@stable\n        with:\n          options: "--check --verbose --skip-string-normalization"\n          src: "./src"\n'
    )
    yield Case(
        "mulberry", "format", files, {"src/mulberry/core.py": "'it is'"}, {"src/mulberry/core.py": "sum( values )"}
    )

    code = "import sys\nimport json\n\n\n" + TOTAL.replace("sum(values)", "sum(values) + 0 * len(str((sys, json)))")
    files = src("nutmeg", code, TESTED.format("nutmeg"))
    log = "2026-03-01T10:00:01.0000000Z ERROR: /home/runner/work/nutmeg/nutmeg/src/nutmeg/core.py Imports are incorrectly sorted and/or formatted.\n2026-03-01T10:00:02.0000000Z ##[error]Process completed with exit code 1.\n"
    yield Case("nutmeg", "format", files, lacks={"src/nutmeg/core.py": "import sys\nimport json"}, log=log)

    files = src("osier", UGLY, TESTED.format("osier"))
    files["noxfile.py"] = (
        'import nox\n\n\n@nox.session\ndef lint(session: nox.Session) -> None:\n    session.install("ruff")\n    session.run("ruff", "format", "--check", "src", "tests")\n\n\n@nox.session\ndef tests(session: nox.Session) -> None:\n    session.install("pytest", ".")\n    session.run("pytest")\n'
    )
    yield Case("osier", "format", files, lacks={"src/osier/core.py": "sum( values )"})

    files = src("poplar", UGLY, TESTED.format("poplar").rstrip("\n"))
    files[".pre-commit-config.yaml"] = (
        "repos:\n  - repo: https://github.com/pre-commit/pre-commit-hooks\n    rev: v4.6.0\n    hooks:\n      - id: end-of-file-fixer\n  - repo: https://github.com/psf/black\n    rev: 24.4.2\n    hooks:\n      - id: black\n"
    )
    log = "fix end of files.........................................................Failed\n- hook id: end-of-file-fixer\n- exit code: 1\n- files were modified by this hook\n\nFixing tests/test_core.py\n\nblack....................................................................Failed\n- hook id: black\n- files were modified by this hook\n\nreformatted src/poplar/core.py\n\nAll done! \u2728 \U0001f370 \u2728\n1 file reformatted, 2 files left unchanged.\n\n##[error]Process completed with exit code 1.\n"
    yield Case(
        "poplar", "format", files, {"tests/test_core.py": "== 3\n"}, {"src/poplar/core.py": "sum( values )"}, log=log
    )

    files = src("quince", "def total( values ):\n    return sum( values )\n", TESTED.format("quince"))
    files |= {
        "setup.cfg": "[pycodestyle]\nmax-line-length = 100\n",
        "Makefile": "lint:\n\tautopep8 --diff --recursive --exit-code --max-line-length 100 src\n\ntest:\n\tpytest\n",
        ".github/workflows/ci.yml": job("pip install autopep8 pytest", "make lint", "make test"),
    }
    yield Case("quince", "format", files, lacks={"src/quince/core.py": "sum( values )"})

    files = {f"backend/{path}": text for path, text in src("rosewood", UGLY, TESTED.format("rosewood")).items()}
    files["backend/pyproject.toml"] += "\n[tool.black]\nline-length = 100\n"
    files["frontend/package.json"] = '{"name": "front"}\n'
    yield Case("rosewood", "format", files, lacks={"backend/src/rosewood/core.py": "sum( values )"})


# name, code, the claim of the test, a text that must be gone
NUMPY = (
    ("mulberry", "import numpy as np\n\n\ndef length(x, y):\n    return np.math.sqrt(np.math.pow(x, 2) + y ** 2)\n", "length(3, 4) == 5", "np.math"),
    ("nutmeg", "import numpy as np\n\n\ndef scaled(values):\n    return np.array(values, dtype=float, copy=False) * 2\n", "scaled([1, 2]).tolist() == [2.0, 4.0]", "copy=False"),
    ("osier", "import numpy as np\n\n\ndef filled(size):\n    out = np.zeros(size)\n    out.itemset(0, 5.0)\n    return float(out.item(0))\n", "filled(3) == 5.0", "itemset"),
    ("poplar", "import numpy as np\n\n\ndef lowest(values):\n    best = np.NINF\n    for value in values:\n        best = max(best, np.round_(value, 1))\n    return best if best < np.PINF else np.infty\n", "lowest([1.26, 0.1]) == 1.3", "NINF"),
    ("quince", "import numpy\n\n\ndef mean(values):\n    return numpy.asscalar(numpy.mean(numpy.array(values)))\n", "mean([1, 3]) == 2.0", "asscalar"),
)  # fmt: skip


def more_numbers() -> Iterator[Case]:
    """Names and keywords of numpy 1 in functions."""
    for name, code, claim, gone in NUMPY:
        files = src(name, code, CALLED.format(name, claim.partition("(")[0], claim), needs='"numpy>=2"')
        yield Case(name, "numpy", files, lacks={f"src/{name}/core.py": gone})


def more_missing() -> Iterator[Case]:
    """Undeclared requirements of fixtures, of helpers of the tests, and of a module whose distribution has another name."""
    test = TESTED.format("mulberry").replace("test_total():", "test_total(mocker):\n    mocker.patch('os.getcwd')")
    files = src("mulberry", TOTAL, test, settings='\n[project.optional-dependencies]\ntest = ["pytest"]\n')
    files[".github/workflows/ci.yml"] = job("pip install -e .[test]", "pytest")
    yield Case("mulberry", "missing-dependency", files, {"pyproject.toml": "pytest-mock"})

    code = "from dateutil import parser\n\n\ndef total(values):\n    return sum(values) + 0 * parser.parse('2020-01-02').year\n"
    files = src("nutmeg", code, TESTED.format("nutmeg"), needs='\n    "idna>=3",\n')
    yield Case("nutmeg", "missing-dependency", files, {"pyproject.toml": "python-dateutil"})

    files = src("osier", TOTAL, TESTED.format("osier"))
    files |= {
        "tests/conftest.py": "import pytest\nfrom sortedcontainers import SortedDict\n\n\n@pytest.fixture\ndef table():\n    return SortedDict()\n",
        "requirements-test.txt": "# what the tests need\npytest>=8\n",
        "tox.ini": "[tox]\nenvlist = py3\n\n[testenv]\ndeps = -r requirements-test.txt\ncommands = pytest\n",
    }
    yield Case("osier", "missing-dependency", files, {"requirements-test.txt": "sortedcontainers"})

    files = src(
        "poplar",
        TOTAL.replace("def", "import attr\n\n\n@attr.s\nclass Box:\n    size = attr.ib(default=0)\n\n\ndef"),
        TESTED.format("poplar"),
    )
    files["pyproject.toml"] = files["pyproject.toml"].replace(
        "dependencies = []\n", 'dependencies = [\n  "idna",  # names\n]\n'
    )
    yield Case("poplar", "missing-dependency", files, {"pyproject.toml": '"attrs'})

    code = "from typing_extensions import TypedDict\n\n\nclass Row(TypedDict):\n    size: int\n\n\ndef total(values):\n    return sum(Row(size=value)['size'] for value in values)\n"
    files = src("quince", code, TESTED.format("quince"))
    dynamic = 'dynamic = ["dependencies"]\n\n[tool.setuptools.dynamic]\ndependencies = { file = ["requirements.in"] }\n'
    files["pyproject.toml"] = files["pyproject.toml"].replace("dependencies = []\n", dynamic)
    files["requirements.in"] = "idna>=3\n"
    yield Case("quince", "missing-dependency", files, {"requirements.in": "typing"})


# name, code, the claim of the test, a text that must be gone, the Python it needs
GONE = (
    ("mulberry", "import configparser\nimport io\n\n\ndef read(text):\n    parser = configparser.ConfigParser()\n    parser.readfp(io.StringIO(text))\n    return parser.get('a', 'b')\n", "read('[a]\\nb = 1\\n') == '1'", "readfp", ">=3.12"),
    ("nutmeg", "import xml.etree.ElementTree as ET\n\n\ndef names(text):\n    root = ET.fromstring(text)\n    return [node.tag for node in root.getiterator('b')]\n", "names('<a><b/><c><b/></c></a>') == ['b', 'b']", "getiterator", ""),
    ("osier", "import unittest\n\n\nclass Checks(unittest.TestCase):\n    def runs(self):\n        pass\n\n\ndef suite():\n    return unittest.makeSuite(Checks, 'runs')\n", "suite().countTestCases() == 1", "makeSuite", ">=3.13"),
    ("poplar", "import asyncio\n\n\nasync def waiting():\n    return len(asyncio.Task.all_tasks())\n\n\ndef count():\n    return asyncio.run(waiting())\n", "count() == 1", "Task.all_tasks", ""),
    ("quince", "import cgi\n\n\ndef safe(text):\n    return cgi.escape(text, quote=True)\n", "safe('<\\\">') == '&lt;&quot;&gt;'", "cgi.escape", ""),
)  # fmt: skip


def more_removals() -> Iterator[Case]:
    """More of what newer Pythons took away."""
    for name, code, claim, gone, version in GONE:
        test = CALLED.format(name, claim.partition("(")[0], claim)
        yield Case(
            name, "cpython", src(name, code, test, python=version or ">=3.10"), lacks={f"src/{name}/core.py": gone}
        )
