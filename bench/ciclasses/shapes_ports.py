"""What newer versions took away, as it stands in packages of several modules, in tests, and in their helpers."""

# ruff: noqa: E501 - rows of tables, each a small file

from __future__ import annotations

from collections.abc import Iterator

from bench.ciclasses.case import TOTAL, Case, src

ERRORS = '\n[tool.pytest.ini_options]\naddopts = "-ra"\nfilterwarnings = [\n    "error",\n]\n'
TESTED = "from {0}.core import {1}\n\n\ndef test_it():\n    assert {2}\n"
Row = tuple[str, str, str, str, str]

# name, code, the claim of the test, a text that must be gone, the Python it needs
GONE: tuple[Row, ...] = (
    ("alder", "import collections\n\n\ndef flat(value):\n    if isinstance(value, collections.Iterable) and not isinstance(value, (str, collections.Mapping)):\n        return [item for part in value for item in flat(part)]\n    return [value]\n", "flat([1, [2]]) == [1, 2]", "collections.Mapping", ""),
    ("birch", "import imp\nimport os\n\n\ndef loaded(path):\n    name = os.path.splitext(os.path.basename(path))[0]\n    return imp.load_source(name, path)\n", "loaded(__file__).__name__ == 'test_core'", "imp.load_source", ">=3.12"),
    ("cedar", "from distutils.spawn import find_executable\n\n\ndef has(tool):\n    return find_executable(tool) is not None\n", "has('sh') and not has('no-such-tool')", "distutils", ">=3.12"),
    ("dogwood", "import os\nfrom distutils.dir_util import mkpath\n\n\ndef made(path):\n    mkpath(path)\n    return os.path.isdir(path)\n", "made('made/deep')", "distutils", ">=3.12"),
    ("elm", "import html.parser\n\n\ndef plain(text):\n    return html.parser.HTMLParser().unescape(text)\n", "plain('a &amp; b') == 'a & b'", ".unescape(text)\n    x", ""),
    ("fir", "import array\n\n\ndef packed(values):\n    return array.array('B', values).tostring()\n", "packed([65]) == b'A'", "tostring", ""),
    ("larch", "import inspect\n\n\ndef parameters(function):\n    names, varargs, keywords, defaults = inspect.getargspec(function)\n    return names\n", "parameters(lambda a, b: 0) == ['a', 'b']", "getargspec", ""),
    ("maple", "import xml.etree.cElementTree as ElementTree\n\n\ndef tags(text):\n    return [child.tag for child in ElementTree.fromstring(text)]\n", "tags('<a><b/></a>') == ['b']", "cElementTree", ""),
    ("oak", "import plistlib\n\n\ndef read(path):\n    with open(path, 'wb') as file:\n        plistlib.dump({'a': 1}, file)\n    return plistlib.readPlist(path)\n", "read('a.plist') == {'a': 1}", "readPlist", ""),
    ("spruce", "import pipes\nimport sys\n\n\ndef line(parts):\n    return ' '.join(pipes.quote(part) for part in parts) if sys.argv else ''\n", "line(['a b', 'c']) == \"'a b' c\"", "pipes", ">=3.13"),
    ("willow", "import imghdr\n\n\ndef kind(data):\n    return imghdr.what(None, data)\n", "kind(b'GIF89a') == 'gif'", "", ">=3.13"),
    ("hazel", "import random\n\n\ndef mixed(values):\n    values = list(values)\n    random.shuffle(values, random.random)\n    return sorted(values)\n", "mixed([2, 1]) == [1, 2]", "values, random.random", ""),
)  # fmt: skip
OLD_TEST = (
    "import unittest\n\nfrom {0}.core import total\n\n\nclass TotalTest(unittest.TestCase):\n    def setUp(self):\n        self.values = [1, 2]\n\n"
    "    def test_total(self):\n        self.assertEquals(total(self.values), 3, 'the sum')\n        self.assertNotEquals(total([]), 3)\n\n"
    "    def test_kinds(self):\n        with self.assertRaisesRegexp(TypeError, 'unsupported'):\n            total(['a'])\n        self.assertRegexpMatches('abc', 'b')\n        self.assertAlmostEquals(total([0.1, 0.2]), 0.3)\n"
)


def _cases(
    klass: str, rows: tuple[Row, ...], settings: str = "", python: str = ">=3.10", needs: str = ""
) -> Iterator[Case]:
    for name, code, claim, gone, version in rows:
        imported = claim.removeprefix("not ").partition("(")[0].strip()
        files = src(
            name, code, TESTED.format(name, imported, claim), settings=settings, python=version or python, needs=needs
        )
        yield Case(name, klass, files, lacks={f"src/{name}/core.py": gone} if gone else {})


def shaped_removals() -> Iterator[Case]:
    """What newer Pythons took away, in a function that a test calls."""
    yield from _cases("cpython", GONE)
    files = src("yew", TOTAL, OLD_TEST.format("yew"), python=">=3.12")
    yield Case("yew", "cpython", files, lacks={"tests/test_core.py": "Equals("})


WARNED: tuple[Row, ...] = (
    ("alder", "from datetime import datetime, timedelta\n\n\ndef expiry(days):\n    return datetime.utcnow() + timedelta(days=days)\n\n\ndef left(days):\n    return (expiry(days) - datetime.utcnow()).days\n", "left(3) in (2, 3)", "utcnow", ">=3.12"),
    ("birch", "import re\n\nPATTERN = re.compile('^\\s*(\\w+)\\s*=')\n\n\ndef key(line):\n    return PATTERN.match(line).group(1)\n", "key(' a = 1') == 'a'", "'^\\s", ""),
    ("cedar", "import logging\n\nlogger = logging.getLogger(__name__)\n\n\ndef told(text):\n    logger.warn('told %s', text)\n    return text\n", "told('a') == 'a'", ".warn(", ">=3.10,<3.13"),
    ("dogwood", "import importlib.resources as resources\n\n\ndef source():\n    with resources.open_text(__package__, 'core.py') as file:\n        return file.readline()\n", "source()", "open_text", "<3.12"),
    ("elm", "import threading\n\n\ndef run(work):\n    thread = threading.Thread(target=work)\n    thread.setDaemon(True)\n    thread.start()\n    thread.join()\n    return thread.isDaemon()\n", "run(list)", "setDaemon", ""),
    ("fir", "import pkg_resources\n\n\ndef version(name):\n    return pkg_resources.get_distribution(name).version\n", "version('pytest')", "pkg_resources", ""),
    ("hazel", "import json\n\n\ndef stored(path, rows):\n    json.dump(rows, open(path, 'w'))\n    return json.load(open(path))\n", "stored('rows.json', [1]) == [1]", "json.load(open(path))", ""),
    ("larch", "import asyncio\n\n\nasync def one(value):\n    await asyncio.sleep(0)\n    return value\n\n\nasync def both(value):\n    return await asyncio.gather(one(value), one(value))\n\n\ndef run(value):\n    return asyncio.get_event_loop().run_until_complete(both(value))\n", "run(1) == [1, 1]", "get_event_loop", ">=3.12"),
    ("maple", "import re\n\n\ndef split(text):\n    return re.split(r'[,;]', text, 1)\n", "split('a,b;c') == ['a', 'b;c']", "text, 1)", ">=3.13"),
    ("oak", "import pkgutil\n\n\ndef known(name):\n    return pkgutil.find_loader(name) is not None\n", "known('json') and not known('no_such_one')", "find_loader", ">=3.12"),
    ("pine", "import ast\n\n\ndef texts(source):\n    return [node.s for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Str)]\n", "texts('a = \"b\"') == ['b']", "ast.Str", ">=3.12"),
    ("rowan", "import xml.etree.ElementTree as ET\n\n\ndef has(text, name):\n    child = ET.fromstring(text).find(name)\n    if child:\n        return True\n    return child is not None\n", "has('<a><b/></a>', 'b')", "if child:", ">=3.12"),
)  # fmt: skip


def shaped_warnings() -> Iterator[Case]:
    """Warnings that pytest's settings make errors."""
    yield from _cases("warnings", WARNED, ERRORS, ">=3.10,<3.12")


ARRAYS: tuple[Row, ...] = (
    ("alder", "import numpy as np\n\n\nclass Grid:\n    def __init__(self, rows):\n        self.cells = np.zeros((rows, rows), dtype=np.float)\n        self.mask = np.ones(rows, dtype=np.bool)\n\n    def total(self):\n        return np.int(self.cells.sum() + self.mask.sum())\n", "Grid(2).total() == 2", "np.float)", ""),
    ("birch", "from numpy import array, float_, product\n\n\ndef volume(sides):\n    return float_(product(array(sides)))\n", "volume([2, 3]) == 6.0", "product(", ""),
    ("cedar", "import numpy\n\n\ndef stacked(rows):\n    return numpy.row_stack([numpy.asfarray(row) for row in rows]).shape\n", "stacked([[1], [2]]) == (2, 1)", "asfarray", ""),
    ("dogwood", "import numpy as np\n\nLOW = np.NINF\nHIGH = np.PINF\n\n\ndef bounded(value):\n    return LOW < value < HIGH\n", "bounded(1.0)", "NINF", ""),
    ("elm", "import numpy as np\n\n\ndef spread(values):\n    data = np.asarray(values)\n    return int(data.ptp()) + int(np.asarray(values).ptp(axis=0))\n", "spread([1, 4]) == 6", ".ptp()", ""),
    ("fir", "import numpy as np\n\n\ndef area(heights):\n    return float(np.trapz(heights, dx=0.5))\n\n\ndef common(left, right):\n    return list(np.in1d(left, right, invert=False))\n", "area([0, 2]) == 0.5 and common([1, 2], [2]) == [False, True]", "np.in1d", ""),
    ("hazel", "import numpy as np\n\n\ndef names(values):\n    return np.array(values, dtype=np.unicode_).tolist() + [np.string_(b'a').decode()]\n", "names(['b']) == ['b', 'a']", "unicode_", ""),
    ("larch", "import numpy as np\nfrom numpy.core.umath_tests import inner1d\n\n\ndef dot(left, right):\n    return int(inner1d(np.array(left), np.array(right)))\n", "dot([1, 2], [3, 4]) == 11", "inner1d", ""),
)  # fmt: skip


def shaped_numbers() -> Iterator[Case]:
    """Names that numpy 1.24 to 2.x took away, in classes, constants and plain imports."""
    yield from _cases("numpy", ARRAYS, needs='"numpy>=2"')


MODELS: tuple[Row, ...] = (
    ("alder", "from typing import List, Optional\n\nfrom pydantic import BaseModel, Field, validator\n\n\nclass User(BaseModel):\n    id: int\n    name: str = Field(..., max_length=20, regex='^[a-z]+$')\n    tags: List[str] = Field(default_factory=list, max_items=3)\n    email: Optional[str]\n\n    @validator('name', pre=True)\n    def lower(cls, value):\n        return value.lower()\n\n    class Config:\n        orm_mode = True\n\n\ndef made():\n    return User(id=1, name='ABE').dict(exclude_none=True)\n", "made() == {'id': 1, 'name': 'abe', 'tags': []}", "regex=", ""),
    ("birch", "from pydantic import BaseModel, validator\n\n\nclass Span(BaseModel):\n    start: int\n    end: int\n\n    @validator('end')\n    def after(cls, value, values):\n        if 'start' in values and value < values['start']:\n            raise ValueError('end before start')\n        return value\n\n\ndef length():\n    return Span(start=1, end=3).end\n", "length() == 3", "import BaseModel, validator", ""),
    ("cedar", "from pydantic import BaseModel, root_validator\n\n\nclass Pair(BaseModel):\n    left: int = 0\n    right: int = 0\n\n    @root_validator\n    def ordered(cls, values):\n        if values['left'] > values['right']:\n            raise ValueError('out of order')\n        return values\n\n\ndef made():\n    return Pair(left=1, right=2).right\n", "made() == 2", "root_validator", ""),
    ("dogwood", "from pydantic import BaseSettings, Field\n\n\nclass Settings(BaseSettings):\n    port: int = Field(8000, env='SERVICE_PORT')\n\n    class Config:\n        env_prefix = 'app_'\n\n\ndef port():\n    return Settings().port\n", "port() == 8000", "from pydantic import BaseSettings", ""),
    ("elm", "from typing import List\n\nfrom pydantic import BaseModel\n\n\nclass Tags(BaseModel):\n    __root__: List[str]\n\n\ndef made():\n    return Tags.parse_obj(['a']).__root__\n", "made() == ['a']", "__root__: List", ""),
    ("fir", "from __future__ import annotations\n\nfrom typing import Optional\n\nfrom pydantic import BaseModel\n\n\nclass Node(BaseModel):\n    name: str\n    parent: Optional[Node] = None\n\n\nNode.update_forward_refs()\n\n\ndef made():\n    return Node.parse_raw('{\"name\": \"a\"}').json()\n", "made() == '{\"name\":\"a\",\"parent\":null}'", "parse_raw", ""),
    ("hazel", "from typing import Generic, TypeVar\n\nfrom pydantic.generics import GenericModel\n\nT = TypeVar('T')\n\n\nclass Page(GenericModel, Generic[T]):\n    items: list[T]\n\n\ndef made():\n    return Page[int](items=[1]).copy().items\n", "made() == [1]", "GenericModel", ""),
    ("larch", "from pydantic import BaseModel, conint, constr, validate_arguments\n\n\nclass Item(BaseModel):\n    code: constr(regex=r'^[A-Z]{3}$', strip_whitespace=True)\n    size: conint(gt=0) = 1\n\n\n@validate_arguments\ndef doubled(value: int):\n    return value * 2 * Item(code='ABC').size\n", "doubled('2') == 4", "validate_arguments", ""),
)  # fmt: skip


def shaped_models() -> Iterator[Case]:
    """Models as version 1 wanted them, where warnings are errors."""
    yield from _cases("pydantic", MODELS, ERRORS, needs='"pydantic>=2"')


# name, files of the tests, place, text that must be there, text that must not
TESTS = (
    ("alder", {"pytest.ini": "[pytest]\nfilterwarnings = error\n", "tests/conftest.py": "import pytest\n\n\n@pytest.yield_fixture\ndef values():\n    yield [1, 2]\n", "tests/test_core.py": "from {0}.core import total\n\n\ndef test_total(values):\n    assert total(values) == 3\n"}, "tests/conftest.py", "@pytest.fixture", "yield_fixture"),
    ("birch", {"tests/test_core.py": "from {0}.core import total\n\nrows = []\n\n\ndef setup():\n    rows.append(1)\n\n\ndef teardown():\n    rows.clear()\n\n\ndef test_total():\n    assert total(rows) == 1\n"}, "tests/test_core.py", "def setup_", "def setup()"),
    ("cedar", {"tests/conftest.py": "def pytest_ignore_collect(path, config):\n    return path.basename == 'test_old.py' or None\n", "tests/test_core.py": "from {0}.core import total\n\n\ndef test_total():\n    assert total([1]) == 1\n"}, "tests/conftest.py", "collection_path", "(path, config)"),
    ("dogwood", {"tests/conftest.py": "import pytest\n\n\n@pytest.fixture\n@pytest.mark.slow\ndef values():\n    return [1, 2]\n", "tests/test_core.py": "from {0}.core import total\n\n\ndef test_total(values):\n    assert total(values) == 3\n"}, "tests/conftest.py", "@pytest.fixture\ndef", "mark.slow"),
    ("elm", {"tests/test_core.py": "import pytest\n\nfrom {0}.core import total\n\n\ndef test_total():\n    assert total([1]) == 1\n\n", "tests/test_more.py": "import pytest\n\n\ndef test_name(request):\n    assert request.getfuncargvalue('tmp_path').is_dir()\n"}, "tests/test_more.py", "getfixturevalue", "getfuncargvalue"),
    ("fir", {"setup.cfg": "[pytest]\ntestpaths = tests\n", "tests/test_core.py": "from {0}.core import total\n\n\ndef test_total():\n    assert total([1]) == 1\n"}, "setup.cfg", "[tool:pytest]", "[pytest]"),
    ("hazel", {"tests/test_core.py": "from nose.tools import assert_equal, raises\n\nfrom {0}.core import total\n\n\n@raises(TypeError)\ndef test_wrong():\n    total(3)\n\n\ndef test_total():\n    assert_equal(total([1, 2]), 3)\n"}, "tests/test_core.py", "pytest.raises(TypeError)", "nose"),
    ("larch", {"tests/test_core.py": "import pytest\n\nfrom {0}.core import total\n\n\nclass TestTotal:\n    def setup(self):\n        self.values = [1, 2]\n\n    def teardown(self):\n        self.values = None\n\n    @pytest.mark.parametrize('more, result', [(0, 3), (1, 4)])\n    def test_total(self, more, result):\n        assert total([*self.values, more]) == result\n"}, "tests/test_core.py", "def teardown_method(self)", "def setup(self)"),
    ("maple", {"pytest.ini": "[pytest]\naddopts = --strict -p no:cacheprovider\n", "tests/test_core.py": "import pytest\n\nfrom {0}.core import total\n\n\n@pytest.mark.asyncio\nasync def test_total():\n    assert total([1]) == 1\n"}, "pyproject.toml", "pytest-asyncio", ""),
    ("oak", {"tests/test_core.py": "import pytest\n\nfrom {0}.core import total\n\n\ndef test_total():\n    with pytest.warns(None):\n        assert total([1]) == 1\n\n\ndef test_wrong():\n    with pytest.raises(TypeError, match='int') as error:\n        total(3)\n    assert 'int' in str(error.value)\n"}, "tests/test_core.py", "", "warns(None)"),
)  # fmt: skip


def shaped_tests() -> Iterator[Case]:
    """Tests, plugins and settings that pytest 8 and 9 refuse."""
    for name, given, place, wanted, gone in TESTS:
        files = src(name, TOTAL, "") | {path: text.replace("{0}", name) for path, text in given.items()}
        yield Case(name, "pytest", files, {place: wanted}, {place: gone} if gone else {})
