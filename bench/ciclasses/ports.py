"""What newer versions took away: of Python, numpy, pydantic, pytest; and warnings that a project makes errors."""

# ruff: noqa: E501 - rows of tables, each a small file

from __future__ import annotations

from collections.abc import Iterator

from bench.ciclasses.case import NAMES, TOTAL, Case, plain, project

ERRORS = '\n[tool.pytest.ini_options]\nfilterwarnings = ["error"]\n'
SUM = "def total(values):\n    return sum(values)"

# code, a text that must be gone, the Python it needs
REMOVED = (
    ("from collections import Mapping\n\n\ndef total(values):\n    return 0 if isinstance(values, Mapping) else sum(values)\n",
     "collections import Mapping", ""),
    ("import inspect\n\n\ndef total(values):\n    return sum(values) + 0 * len(inspect.getargspec(total).args)\n",
     "getargspec", ""),
    ("from collections import MutableMapping, OrderedDict\n\n\ndef total(values):\n"
     "    return sum(OrderedDict.fromkeys(values)) + 0 * len(MutableMapping.__name__)\n", "import MutableMapping, OrderedDict", ""),
    ("import asyncio\n\n\n@asyncio.coroutine\ndef later(value):\n    yield from asyncio.sleep(0)\n    return value\n\n\n"
     "def total(values):\n    return asyncio.run(later(sum(values)))\n", "asyncio.coroutine", ""),
    ("import imp\n\n\ndef total(values):\n    module = imp.new_module('a')\n    return sum(values) + 0 * len(module.__name__)\n",
     "imp.", ">=3.12"),
    ("from distutils.util import strtobool\n\n\ndef total(values):\n    return sum(values) if strtobool('yes') else 0\n",
     "distutils.util", ">=3.12"),
    ("from distutils.version import LooseVersion\n\n\ndef total(values):\n"
     "    return sum(values) if LooseVersion('1.10') > LooseVersion('1.9') else 0\n", "distutils.version", ">=3.12"),
    ("import configparser\n\n\ndef total(values):\n    return sum(values) + 0 * len(configparser.SafeConfigParser().sections())\n",
     "SafeConfigParser", ">=3.12"),
    ("import cgi\n\n\ndef total(values):\n    kind, _ = cgi.parse_header('text/html; charset=utf-8')\n"
     "    return sum(values) + 0 * len(kind)\n", "import cgi\n", ">=3.13"),
    ("import pipes\n\n\ndef total(values):\n    return sum(values) + 0 * len(pipes.quote('a b'))\n", "import pipes", ">=3.13"),
    ("import locale\n\n\ndef total(values):\n    return sum(values) + 0 * len(locale.format('%d', 3))\n",
     "locale.format(", ">=3.12"),
    ("import random\n\n\ndef total(values):\n    return sum(random.sample({1, 2}, 2))\n", "sample({1, 2}", ""),
    ("import time\n\n\ndef total(values):\n    began = time.clock()\n    return sum(values) + 0 * int(began)\n", "time.clock", ""),
    ("import base64\n\n\ndef total(values):\n    return sum(values) + 0 * len(base64.encodestring(b'a'))\n", "encodestring", ""),
    ("from fractions import gcd\n\n\ndef total(values):\n    return gcd(3, 6) + 0 * sum(values)\n", "fractions import gcd", ""),
    ("import xml.etree.ElementTree as ET\n\n\ndef total(values):\n    root = ET.fromstring('<a><b/></a>')\n"
     "    return sum(values) + 0 * len(root.getchildren())\n", "getchildren", ""),
    ("from typing.io import TextIO\n\n\ndef total(values):\n    return sum(values) + 0 * len(str(TextIO))\n", "typing.io", ">=3.13"),
    ("import threading\n\n\ndef total(values):\n    thread = threading.Thread(target=sum, args=(values,))\n    thread.start()\n"
     "    thread.join()\n    return sum(values) + 0 * thread.isAlive()\n", "isAlive", ""),
    ("import re\n\n\ndef total(values):\n    return sum(values) + 0 * len(re.findall('a(?i)', 'A'))\n", "a(?i)", ""),
    ("import asyncio\n\n\nasync def later(value):\n    await asyncio.sleep(0, loop=asyncio.get_event_loop())\n    return value\n\n\n"
     "def total(values):\n    return asyncio.run(later(sum(values)))\n", "loop=", ""),
    ("import gettext\n\n\ndef total(values):\n    return sum(values) + 0 * len(gettext.lgettext('a'))\n", "lgettext", ""),
    ("import sys\n\n\ndef total(values):\n    return sum(values) + 0 * sys.maxint\n", "maxint", ""),
    ("import platform\n\n\ndef total(values):\n    return sum(values) + 0 * len(platform.linux_distribution())\n",
     "linux_distribution", ""),
)  # fmt: skip


def removals() -> Iterator[Case]:
    """Names that newer Pythons took away, in the code and in the tests."""
    for name, (code, gone, python) in zip(NAMES, REMOVED, strict=False):
        files = project(name, code, plain(name), python=python or ">=3.9")
        yield Case(name, "cpython", files, lacks={f"{name}/core.py": gone})
    for name, old in (("pebble", "assertEquals"), ("thistle", "assert_"), ("quarry", "assertItemsEqual")):
        given = {"assertEquals": "total([1, 2]), 3", "assert_": "total([1, 2]) == 3"}.get(old, "[1, 2], [2, 1]")
        test = (
            f"import unittest\n\nfrom {name}.core import total\n\n\nclass TotalTest(unittest.TestCase):\n"
            f"    def test_total(self):\n        self.assertTrue(total([]) == 0)\n        self.{old}({given})\n"
        )
        files = project(name, TOTAL, test, python=">=3.12")
        yield Case(name, "cpython", files, lacks={"tests/test_core.py": f".{old}("})


# code, a text that must be gone, the Python it needs
WARNED = (
    ("def total(values):\n    return sum(values) + 0 * len('\\d')\n", "len('\\d')", ""),
    ("def total(values):\n    assert values is not 3\n    return sum(values)\n", "is not 3", ""),
    ("import datetime\n\n\ndef total(values):\n    return sum(values) + 0 * datetime.datetime.utcnow().year\n", "utcnow()", ">=3.12"),
    ("from datetime import datetime\n\n\ndef total(values):\n    return sum(values) + 0 * datetime.utcfromtimestamp(0).year\n",
     "utcfromtimestamp", ">=3.12"),
    ("import logging\n\n\ndef total(values):\n    logging.getLogger('a').warn('b')\n    return sum(values)\n", ".warn(", ""),
    ("import threading\n\n\ndef total(values):\n    return sum(values) + 0 * len(threading.currentThread().getName())\n",
     "currentThread", ""),
    ("def total(values):\n    handle = open(__file__)\n    return sum(values) + 0 * len(handle.read())\n", "handle = open(", ""),
    ("import ast\n\n\ndef total(values):\n    node = ast.parse('1').body[0].value\n"
     "    return sum(values) if isinstance(node, ast.Num) else 0\n", "ast.Num", ">=3.12"),
    ("import locale\n\n\ndef total(values):\n    return sum(values) + 0 * len(locale.getdefaultlocale())\n", "getdefaultlocale", ""),
    ("import asyncio\n\n\nasync def later(value):\n    return value\n\n\ndef total(values):\n"
     "    loop = asyncio.get_event_loop()\n    return loop.run_until_complete(later(sum(values)))\n", "get_event_loop", ">=3.12"),
    ("import abc\n\n\nclass Box(abc.ABC):\n    pass\n\n\ndef total(values):\n    assert (values, 'none')\n    return sum(values)\n",
     "assert (values, 'none')", ""),
    ("import importlib.resources\n\n\ndef total(values):\n    text = importlib.resources.read_text(__package__, '__init__.py')\n"
     "    return sum(values) + 0 * len(text)\n", "resources.read_text(", ""),
    ("import unittest\n\n\nclass Box(unittest.TestCase):\n    def test_a(self):\n        pass\n\n\ndef total(values):\n"
     "    return sum(values) + 0 * unittest.makeSuite(Box).countTestCases()\n", "makeSuite", ""),
    ("import importlib\n\n\ndef total(values):\n    return sum(values) if importlib.find_loader('json') else 0\n", "find_loader(", ""),
    ("async def later(value):\n    return value\n\n\ndef total(values):\n    return sum(values) if 3 is not None and 3 is 3 else 0\n",
     "3 is 3", ""),
    ("import configparser\nimport io\n\n\ndef total(values):\n    found = configparser.ConfigParser()\n"
     "    found.readfp(io.StringIO('[a]'))\n    return sum(values)\n", "readfp", ""),
)  # fmt: skip


def deprecations() -> Iterator[Case]:
    """Warnings that the project's own configuration makes errors."""
    for name, (code, gone, python) in zip(NAMES, WARNED, strict=False):
        files = project(name, code, plain(name), settings=ERRORS, python=python or ">=3.9,<3.12")
        yield Case(name, "warnings", files, lacks={f"{name}/core.py": gone})


ARRAYS = (
    ("np.float(value)", "1", 1), ("np.int(value)", "1", 1), ("np.bool8(value)", "1", True), ("np.float_(value)", "1", 1),
    ("np.array([value, np.NaN]).shape[0]", "1", 2), ("np.Inf > value", "1", True),
    ("int(np.product([value, 2]))", "3", 6), ("bool(np.in1d([value], [1])[0])", "1", True),
    ("np.array([value], dtype=np.str0).shape[0]", "1", 1), ("float(np.trapz([value, value]))", "1", 1.0),
    ("bool(np.alltrue([value]))", "1", True), ("bool(np.sometrue([value]))", "1", True),
    ("np.asfarray([value]).shape[0]", "1", 1), ("np.array([value], dtype=np.object).shape[0]", "1", 1),
    ("np.unicode_(value)", "'a'", "a"), ("int(np.array([value, 3]).ptp())", "1", 2),
    ("np.string_('a').decode() * value", "1", "a"), ("int(np.cumproduct([value, 2])[1])", "1", 2),
    ("np.complex_(value).real", "1", 1.0), ("np.msort([value, 0]).tolist()", "1", [0, 1]),
    ("issubclass(np.VisibleDeprecationWarning, UserWarning) * value", "1", 1),
    ("np.AxisError.__name__ * value", "1", "AxisError"),
    ("np.find_common_type([np.float32], []).itemsize * value", "1", 4),
)  # fmt: skip


def numbers() -> Iterator[Case]:
    """Names that numpy took away."""
    for number, (name, (used, given, result)) in enumerate(zip(NAMES, ARRAYS, strict=False)):
        code = f"import numpy as np\n\n\ndef named(value):\n    return {used}\n"
        gone = f"{used}\n"
        if number % 4 == 3 and used.startswith("np."):
            word = used[3:].partition("(")[0]
            if "." not in word and "[" not in word:
                code = f"from numpy import {word}\n\n\ndef named(value):\n    return {used[3:]}\n"
                gone = f"import {word}\n"
        needs = '"numpy>=2"'
        yield Case(name, "numpy", project(name, code, plain(name, "named", f"named({given})", repr(result)), needs=needs),
                   lacks={f"{name}/core.py": gone})  # fmt: skip


ITEM = "class Item(BaseModel):\n    size: int\n"
# imports, what follows the class's first field, an expression over Item, what it gives, a text that must be gone
MODELS = (
    ("BaseModel, validator", "\n    @validator('size')\n    def positive(cls, value):\n        assert value > 0\n        return value\n",
     "Item(size=2).size", "2", "@validator"),
    ("BaseModel, Field", "    code: str = Field('a', regex='^a')\n", "Item(size=2).size", "2", "regex="),
    ("BaseModel", "\n    class Config:\n        orm_mode = True\n", "Item(size=2).size", "2", "orm_mode"),
    ("BaseModel, root_validator", "\n    @root_validator(pre=True)\n    def known(cls, values):\n        return values\n",
     "Item(size=2).size", "2", "root_validator"),
    ("BaseModel", "", "Item(size=2).dict()", "{'size': 2}", ""),
    ("BaseModel", "", "Item.parse_obj({'size': 2}).size", "2", ""),
    ("BaseModel", "", "Item(size=2).json()", "'{\"size\":2}'", ""),
    ("BaseModel", "    code: Optional[str]\n", "Item(size=2).code", "None", "code: Optional[str]\n"),
    ("BaseModel", "\n    class Config:\n        allow_mutation = False\n", "Item(size=2).size", "2", "allow_mutation"),
    ("BaseModel, Field", "    codes: list = Field([], min_items=0)\n", "Item(size=2).codes", "[]", "min_items"),
    ("BaseModel, conlist", "    codes: conlist(int, min_items=1) = [1]\n", "Item(size=2).codes", "[1]", "min_items"),
    ("BaseModel, constr", "    code: constr(regex='^a') = 'a'\n", "Item(size=2).code", "'a'", "regex="),
    ("BaseModel, BaseSettings", "\n\nclass Options(BaseSettings):\n    deep: int = 1\n", "Item(size=2).size", "2", "import BaseModel, BaseSettings"),
    ("BaseModel", "", "sorted(Item.__fields__)", "['size']", ""),
    ("BaseModel, Field", "    code: str = Field('a', const=True)\n", "Item(size=2).code", "'a'", "const="),
    ("BaseModel, validator", "    codes: list = []\n\n    @validator('codes', each_item=True)\n    def whole(cls, value):\n        return int(value)\n",
     "Item(size=2, codes=['1']).codes", "[1]", "each_item"),
    ("BaseModel", "", "Item.schema()['title']", "'Item'", ""),
    ("BaseModel", "", "Item(size=2).copy(update={'size': 3}).size", "3", ""),
    ("BaseModel, parse_obj_as", "", "parse_obj_as(Item, {'size': 2}).size", "2", ""),
    ("BaseModel", "\n    class Config:\n        schema_extra = {'example': {}}\n        anystr_strip_whitespace = True\n",
     "Item(size=2).size", "2", "schema_extra ="),
)  # fmt: skip


def models() -> Iterator[Case]:
    """What pydantic 2 says otherwise, refuses, or warns of where warnings are errors."""
    for name, (imported, body, used, result, gone) in zip(NAMES, MODELS, strict=False):
        extra = "from typing import Optional\n\n" if "Optional" in body else ""
        inside = f"\n\ndef made():\n    return {used}\n"
        code = f"{extra}from pydantic import {imported}\n\n\n{ITEM}{body}{inside}"
        files = project(
            name, code, plain(name, "made", "made()", result), needs='"pydantic>=2"', settings=ERRORS, python=">=3.10"
        )
        old = gone or used
        yield Case(name, "pydantic", files, lacks={f"{name}/core.py": old})


def _test(name: str, before: str, test: str) -> str:
    return f"import pytest\n\nfrom {name}.core import total\n\n\n{before}{test}"


STRICT = '\n[tool.pytest.ini_options]\naddopts = "--strict-markers"\n'
FIXTURE = "@pytest.fixture\ndef values():\n    return [1, 2]\n\n\n"
# what stands before the test, the test, settings, file, text that must be there, text that must not
TESTS = (
    ("@pytest.mark.usefixtures()\n@pytest.fixture\ndef values():\n    return [1, 2]\n\n\n",
     "def test_total(values):\n    assert total(values) == 3\n", "", "tests/test_core.py", "", "@pytest.mark.usefixtures()"),
    ("", "@pytest.mark.quick\ndef test_total():\n    assert total([1, 2]) == 3\n", STRICT, "pyproject.toml", "quick", ""),
    ("", "def test_total():\n    with pytest.warns(None) as found:\n        assert total([1, 2]) == 3\n    assert not found\n", "",
     "tests/test_core.py", "", "warns(None)"),
    ("", "class TestTotal:\n    def setup(self):\n        self.values = [1, 2]\n\n"
     "    def test_total(self):\n        assert total(self.values) == 3\n", "", "tests/test_core.py", "setup_method", "def setup(self)"),
    (FIXTURE, "def test_total(vales):\n    assert total(vales) == 3\n", "", "tests/test_core.py", "", "(vales)"),
    ("", "def test_total(request):\n    assert request.node.get_marker('quick') is None\n    assert total([1, 2]) == 3\n", "",
     "tests/test_core.py", "get_closest_marker", "get_marker"),
    ("", "async def test_total():\n    assert total([1, 2]) == 3\n", "", "pyproject.toml", "asyncio", ""),
    ("", "def test_total():\n    with pytest.raises(TypeError, message='no'):\n        total(3)\n", "", "tests/test_core.py", "",
     "message="),
    ("", "def test_total():\n    return total([1, 2]) == 3\n", ERRORS, "tests/test_core.py", "assert total", "return total"),
    (FIXTURE, "def test_total():\n    assert total(values()) == 3\n", "", "tests/test_core.py", "total(values)", "values())"),
    ("@pytest.fixture(scope='modul')\ndef values():\n    return [1, 2]\n\n\n", "def test_total(values):\n    assert total(values) == 3\n",
     "", "tests/test_core.py", "module", "'modul'"),
    ("", "@pytest.mark.parametrise('a', [1, 2])\ndef test_total(a):\n    assert total([a]) == a\n", "",
     "tests/test_core.py", "parametrize", "parametrise"),
    ("", "def test_total():\n    with pytest.raises(pytest.fail.Exception):\n        pytest.fail(msg='none')\n    assert total([1, 2]) == 3\n", "", "tests/test_core.py",
     "reason=", "msg="),
    ("", "def test_total(capsys, tmpdir_factory):\n    assert total([1, 2]) == 3\n    assert issubclass(pytest.collect.Item, object)\n", "",
     "tests/test_core.py", "", "collect.Item"),
    ("import nose.tools\n\n\n", "def test_total():\n    nose.tools.assert_equal(total([1, 2]), 3)\n", "", "tests/test_core.py", "",
     "nose.tools.assert_equal"),
)  # fmt: skip


def pytests() -> Iterator[Case]:
    """What newer pytests refuse."""
    for name, (before, test, settings, place, wanted, gone) in zip(NAMES, TESTS, strict=False):
        files = project(name, TOTAL, _test(name, before, test), settings=settings)
        yield Case(name, "pytest", files, {place: wanted}, {place: gone} if gone else {})
