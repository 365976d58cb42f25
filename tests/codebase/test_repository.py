from pathlib import Path

import pytest

from bot.codebase import Codebase, import_roots, is_test_path, module_map, of, parse
from bot.codebase.texts import FolderTexts
from bot.errors import Misconfigured
from bot.model import CodebaseInfo

FILES = {
    "src/pkg/__init__.py": "from .core import run\n",
    "src/pkg/core.py": """import os, sys as system
from . import util
from .util import (helper as h, other)
LIMIT: int = 3
A, B = 1, 2

@decorated
def run(x):
    def inner():
        return x
    return inner()

class Box:
    size = 1
    def get(self):
        local = 2
        return local
    if True:
        async def later(self): pass
""",
    "src/pkg/util.py": "try:\n    import yaml\nexcept ImportError:\n    yaml = None\nhelper = other = 1\n",
    "src/pkg/sub/__init__.py": "from ..util import helper\nfrom .. import core\n",
    "tests/test_core.py": "import pkg.core\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import x\n"
    "def test_a():\n    from pkg import util\n",
    "broken.py": "def (:\n",
    "README.md": "# hello\n",
}


@pytest.fixture
def codebase() -> Codebase:
    return of(FILES, good={**FILES, "src/pkg/util.py": "helper = other = 1\n"})


def test_files_and_modules(codebase: Codebase) -> None:
    assert codebase.text("README.md") == "# hello\n"
    assert codebase.import_roots == (".", "src")
    assert codebase.modules["pkg.core"] == "src/pkg/core.py"
    assert codebase.modules["pkg"] == "src/pkg/__init__.py"
    assert codebase.module_name("src/pkg/sub/__init__.py") == "pkg.sub"
    assert codebase.tree("broken.py") is None
    assert codebase.tree("absent.py") is None
    assert codebase.symbols("broken.py") == ()
    assert codebase.tree("src/pkg/core.py") is codebase.tree("src/pkg/core.py")


def test_symbols_have_kinds_and_lines(codebase: Codebase) -> None:
    rows = [(s.qualname, s.kind, s.line, s.end_line) for s in codebase.symbols("src/pkg/core.py")]
    assert rows == [
        ("LIMIT", "variable", 4, 4),
        ("A", "variable", 5, 5),
        ("B", "variable", 5, 5),
        ("run", "function", 8, 11),
        ("run.inner", "function", 9, 10),
        ("Box", "class", 13, 19),
        ("Box.size", "variable", 14, 14),
        ("Box.get", "method", 15, 17),
        ("Box.later", "method", 19, 19),
    ]


@pytest.mark.parametrize(
    ("line", "name"), [(7, "run"), (8, "run"), (10, "run.inner"), (11, "run"), (16, "Box.get"), (14, None), (1, None)]
)
def test_function_at(codebase: Codebase, line: int, name: str | None) -> None:
    found = codebase.function_at("src/pkg/core.py", line)
    assert (found.qualname if found else None) == name


def test_find_by_name_and_qualified_name(codebase: Codebase) -> None:
    assert [s.file for s in codebase.find("helper")] == ["src/pkg/util.py"]
    assert [s.line for s in codebase.find("Box.get")] == [15]
    assert codebase.find("nothing") == ()


def test_imports(codebase: Codebase) -> None:
    os_, system, here, util = codebase.imports("src/pkg/core.py")
    assert (os_.module, os_.bound, system.alias, system.bound) == ("os", ("os",), "system", ("system",))
    assert (here.module, here.names, here.level) == ("", ("util",), 1)
    assert (util.module, util.names, util.bound) == ("util", ("helper", "other"), ("h", "other"))
    assert codebase.imports("src/pkg/util.py")[0].guarded
    flags = {one.module: (one.guarded, one.nested) for one in codebase.imports("tests/test_core.py")}
    assert flags == {"pkg.core": (False, False), "typing": (False, False), "x": (True, False), "pkg": (False, True)}


def test_importers_follow_relative_and_submodule_imports(codebase: Codebase) -> None:
    assert codebase.importers("src/pkg/util.py") == ("src/pkg/core.py", "src/pkg/sub/__init__.py", "tests/test_core.py")
    assert codebase.importers("src/pkg/core.py") == (
        "src/pkg/__init__.py",
        "src/pkg/sub/__init__.py",
        "tests/test_core.py",
    )
    assert codebase.importers("README.md") == ()


def test_changes_since_the_good_version(codebase: Codebase) -> None:
    assert codebase.changed == {"src/pkg/util.py": (1, 2, 3, 4)}
    assert of(FILES).changed == {}


def test_knowledge_of_folders(tmp_path: Path) -> None:
    (tmp_path / "now" / "pkg").mkdir(parents=True)
    (tmp_path / "now" / "pkg" / "a.py").write_bytes(b"\xef\xbb\xbfx = 1\r\n")
    (tmp_path / "now" / "data.bin").write_bytes(b"\0\1")
    (tmp_path / "now" / "LICENSE").write_text("free")
    (tmp_path / "now" / ".git").mkdir()
    (tmp_path / "good").mkdir()
    info = CodebaseInfo(
        repository="r", checkout="", tree=str(tmp_path / "now"), digest="d", good_tree=str(tmp_path / "good")
    )
    codebase = Codebase(info)
    assert set(codebase.files) == {"pkg/a.py", "LICENSE"}
    assert len(codebase.files) == 2
    assert codebase.text("pkg/a.py") == "\ufeffx = 1\r\n"
    assert codebase.symbols("pkg/a.py")[0].name == "x"
    assert codebase.good == {}
    assert codebase.changed == {}
    assert codebase.spectrum is None
    assert codebase.packages == {}
    with pytest.raises(KeyError):
        codebase.text("absent")
    assert "data.bin" not in FolderTexts(tmp_path / "now")


def test_a_codebase_without_a_folder_is_empty() -> None:
    codebase = Codebase(CodebaseInfo(repository="r", checkout="", tree="", digest=""))
    assert not codebase.files
    assert not codebase.good


def test_source_with_a_coding_line_and_source_that_is_too_deep() -> None:
    assert parse("# -*- coding: latin-1 -*-\nx = '\udce9'\n") is not None
    assert parse("x = '\udce9'\n") is None
    assert parse("(" * 5000) is None


@pytest.mark.parametrize(
    ("path", "test"),
    [
        ("tests/helpers.py", True),
        ("pkg/test_x.py", True),
        ("pkg/x_test.py", True),
        ("conftest.py", True),
        ("pkg/tests.py", True),
        ("pkg/contest.py", False),
        ("pkg/latest.py", False),
        ("tests/data.json", False),
    ],
)
def test_what_test_code_is(path: str, test: bool) -> None:
    assert is_test_path(path) is test


def test_import_roots_of_monorepos_and_of_packages_named_like_roots() -> None:
    files = ["packages/a/src/a/__init__.py", "lib/__init__.py", "lib/x.py", "docs/src/conf.py", ".x/src/a.py"]
    assert import_roots(files) == (".", "packages/a/src")
    assert module_map(["src/a.py", "a.py", "src/__init__x.py"])["a"] == "a.py"


def test_a_broken_sequence_is_named() -> None:
    with pytest.raises(Misconfigured, match=r"sequences/a\.json is not JSON"):
        _ = of({"sequences/a.json": "{"}).sequences
