"""Where a project keeps pytest's settings, and how one more is written there."""

from __future__ import annotations

from collections.abc import Mapping

from bot.codebase.changes import split_lines

# https://docs.pytest.org/en/stable/reference/customize.html#configuration-file-formats
SECTIONS = {
    "pytest.ini": "[pytest]", "tox.ini": "[pytest]", "setup.cfg": "[tool:pytest]",
    "pyproject.toml": "[tool.pytest.ini_options]",
}  # fmt: skip


def with_option(name: str, value: str, files: Mapping[str, str]) -> dict[str, str]:
    """Return the new text of the file that holds pytest's settings with one more, by path.

    A project without any gets a section in its pyproject.toml, or a file `pytest.ini`.
    """
    for path, section in SECTIONS.items():
        lines = split_lines(files.get(path, ""))
        at = next((i for i, line in enumerate(lines) if line.strip() == section), -1)
        if at >= 0:
            lines.insert(at + 1, _line(name, value, path))
            return {path: "".join(lines)}
    if "pyproject.toml" in files:
        text = files["pyproject.toml"]
        head = text if not text or text.endswith("\n") else f"{text}\n"
        return {"pyproject.toml": f"{head}\n[tool.pytest.ini_options]\n{_line(name, value, 'pyproject.toml')}"}
    return {"pytest.ini": f"[pytest]\n{_line(name, value, 'pytest.ini')}"}


def _line(name: str, value: str, path: str) -> str:
    return f'{name} = "{value}"\n' if path.endswith(".toml") else f"{name} = {value}\n"
