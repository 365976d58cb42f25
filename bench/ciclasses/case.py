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


def src(
    name: str, code: str, test: str, *, needs: str = "", settings: str = "", python: str = ">=3.10"
) -> dict[str, str]:
    """Return the files of a project whose package lies in `src/`, built by setuptools."""
    files = project(name, code, test, needs=needs, settings=settings, python=python)
    build = 'requires = ["setuptools>=64"]\nbuild-backend = "setuptools.build_meta"'
    files["pyproject.toml"] += f"\n[build-system]\n{build}\n"
    return {f"src/{path}" if path.startswith(f"{name}/") else path: text for path, text in files.items()} | {
        "README.md": f"# {name}\n"
    }


def job(*runs: str, first: str = "") -> str:
    """Return a workflow of one job that runs these commands after the checkout, and after the step `first`."""
    steps = "".join(f"      - {step}\n" for step in (*([first] if first else []), *(f"run: {run}" for run in runs)))
    return (
        "name: ci\n\non:\n  push:\n    branches: [main]\n  pull_request:\n\njobs:\n  check:\n"
        "    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n"
        "      - uses: actions/setup-python@v5\n        with:\n"
        f'          python-version: "3.11"\n{steps}'
    )


def plain(name: str, function: str = "total", call: str = "total([1, 2])", result: str = "3") -> str:
    """Return a test module with one assertion about one call."""
    return f"from {name}.core import {function}\n\n\ndef test_{function}():\n    assert {call} == {result}\n"


TOTAL = "def total(values):\n    return sum(values)\n"
