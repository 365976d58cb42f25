"""One broken repository: its files, what must (or must not) stand in them when healed, and how small ones are made."""

from __future__ import annotations

from dataclasses import dataclass, field

NAMES = (
    "basket", "ledger", "parcel", "ticket", "sensor", "recipe", "voucher", "harbour", "orchard", "sorrel", "tariff",
    "meadow", "lantern", "compass", "anchor", "garden", "kettle", "ribbon", "saddle", "timber", "violet", "walnut",
    "zephyr", "cinder", "drizzle", "ember", "fathom", "glacier", "hammock", "indigo",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One broken repository: `says` and `lacks` are texts that files must and must not hold when healed."""

    name: str
    klass: str
    files: dict[str, str]
    says: dict[str, str] = field(default_factory=dict)
    lacks: dict[str, str] = field(default_factory=dict)
    log: str = ""

    @property
    def offered(self) -> bool:
        """Return whether the fix can only be offered, because nothing but the forge can run what it changes."""
        return self.klass == "workflow"

    @property
    def builds(self) -> bool:
        """Return whether what is broken shows when the project is built, so that the log is that of a build."""
        return self.klass == "packaging"


def project(
    name: str, code: str, test: str, *, needs: str = "", settings: str = "", python: str = ">=3.9"
) -> dict[str, str]:
    """Return the files of a project of one module `core` and one test module."""
    head = f'[project]\nname = "{name}"\nversion = "1.0"\nrequires-python = "{python}"\ndependencies = [{needs}]\n'
    lead = "" if code.startswith(("import ", "from ", '"""')) else "\n"
    return {
        "pyproject.toml": head + settings,
        f"{name}/__init__.py": f'"""The {name}."""\n',
        f"{name}/core.py": f'"""What a {name} does."""\n\n{lead}{code}',
        "tests/test_core.py": test,
        ".gitignore": "__pycache__/\n",
    }


def plain(name: str, function: str = "total", call: str = "total([1, 2])", result: str = "3") -> str:
    """Return a test module with one assertion about one call."""
    return f"from {name}.core import {function}\n\n\ndef test_{function}():\n    assert {call} == {result}\n"


TOTAL = "def total(values):\n    return sum(values)\n"
