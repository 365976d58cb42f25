"""Small broken repositories, made on the spot: each is a good project with one fault put in."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false"]

STOCK = '''\
"""Stock of a warehouse."""

import math
from collections import OrderedDict

from depot.text import label


class Shelf:
    """A shelf with boxes."""

    def __init__(self, size=3):
        self.size = size
        self.boxes = []

    def put(self, box):
        """Put a box on the shelf; False when it is full."""
        if len(self.boxes) >= self.size:
            return False
        self.boxes.append(box)
        return True

    def names(self):
        """Return the labels of the boxes in order."""
        return [label(box["name"], box["weight"]) for box in self.boxes]


def window(values, start, length):
    """Return `length` values from `start` on."""
    return [values[i] for i in range(start, start + length)]


def pallets(count, per_pallet=10):
    """Return how many pallets are needed."""
    return math.ceil(count / per_pallet)


def unique(values):
    """Return the values without repetition, in order."""
    return list(OrderedDict.fromkeys(values))


def net(gross, tare):
    """Return the weight of the goods."""
    return gross - tare
'''
TEXT = '''\
"""Texts on boxes."""


def label(name, weight):
    """Return what is printed on a box."""
    return f"{name.strip().upper()} {weight:.1f} kg"
'''
TESTS = """\
from depot.stock import Shelf, net, pallets, unique, window
from depot.text import label


def test_label():
    assert label(" nuts ", 2) == "NUTS 2.0 kg"


def test_shelf_is_full_after_three():
    shelf = Shelf()
    box = {"name": "a", "weight": 1}
    assert [shelf.put(box) for _ in range(4)] == [True, True, True, False]


def test_names():
    shelf = Shelf(2)
    shelf.put({"name": "nuts", "weight": 2})
    assert shelf.names() == ["NUTS 2.0 kg"]


def test_window():
    assert window([1, 2, 3, 4, 5], 1, 3) == [2, 3, 4]
    assert window([1, 2], 0, 2) == [1, 2]


def test_pallets():
    assert pallets(21) == 3
    assert pallets(20) == 2


def test_unique():
    assert unique([3, 1, 3, 2, 1]) == [3, 1, 2]


def test_net():
    assert net(12, 2) == 10
    assert net(5, 5) == 0
"""
PROJECT = """\
[project]
name = "depot"
version = "1.0"
requires-python = ">=3.8"
dependencies = []
"""
GOOD = {
    "pyproject.toml": PROJECT,
    "depot/__init__.py": '"""A depot."""\n',
    "depot/stock.py": STOCK,
    "depot/text.py": TEXT,
    "tests/test_stock.py": TESTS,
    ".gitignore": "__pycache__/\n",
}


@dataclass(frozen=True)
class Fault:
    """One edit of one file that breaks the project."""

    file: str
    old: str
    new: str
    more: dict[str, str] = field(default_factory=dict)


PLURAL = '''

def plural(name):
    """Return the plural."""
    return inflection.pluralize(name)
'''
PLURAL_TEST = """\
from depot.text import plural


def test_plural():
    assert plural("box") == "boxes"
"""
FAULTS = {
    "wrong comparison": Fault("depot/stock.py", ">= self.size", "> self.size"),
    "wrong import": Fault("depot/stock.py", "from depot.text import label", "from depot.texts import label"),
    "missing import": Fault("depot/stock.py", "import math\n", ""),
    "misspelt attribute": Fault("depot/stock.py", "for box in self.boxes]", "for box in self.boxs]"),
    "wrong argument order": Fault(
        "depot/stock.py", 'label(box["name"], box["weight"])', 'label(box["weight"], box["name"])'
    ),
    "off by one": Fault("depot/stock.py", "range(start, start + length)", "range(start, start + length - 1)"),
    "wrong default": Fault("depot/stock.py", "size=3", "size=4"),
    "wrong operator": Fault("depot/stock.py", "return gross - tare", "return gross + tare"),
    "lint failure": Fault(
        "depot/text.py",
        '"""Texts on boxes."""\n',
        '"""Texts on boxes."""\n\nimport os\n',
        {"pyproject.toml": PROJECT + '\n[tool.ruff.lint]\nselect = ["F", "E"]\n'},
    ),
    "missing dependency": Fault(
        "depot/text.py",
        '"""Texts on boxes."""\n',
        '"""Texts on boxes."""\n\nimport inflection\n' + PLURAL,
        {
            "tests/test_text.py": PLURAL_TEST,
        },
    ),
}


def make(folder: Path, files: dict[str, str], message: str = "All of it") -> Path:
    """Write files, commit them, and return the checkout."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ".git").exists():
        subprocess.run([*GIT, "init", "-q", "-b", "main"], cwd=folder, check=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    subprocess.run([*GIT, "add", "-A"], cwd=folder, check=True)
    subprocess.run([*GIT, "commit", "-q", "-m", message], cwd=folder, check=True)
    return folder


def broken(folder: Path, name: str, *, history: bool = False) -> Path:
    """Return a checkout with one fault; with `history`, the good version is the commit before."""
    fault = FAULTS[name]
    files = {**GOOD, **fault.more}
    text = GOOD[fault.file]
    assert fault.old in text, name
    files[fault.file] = text.replace(fault.old, fault.new, 1)
    if history:
        make(folder, GOOD, "Good")
    return make(folder, files, "Change something")
