"""Source archives with a build backend of their own, so that building is tested for real and takes nothing else."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

BACKEND = """
import os, zipfile
def build_wheel(out, config=None, metadata=None):
    name, version = {name!r}, {version!r}
    {extra}
    file = f"{{name}}-{{version}}-py3-none-any.whl"
    info = f"{{name}}-{{version}}.dist-info"
    with zipfile.ZipFile(os.path.join(out, file), "w") as wheel:
        wheel.writestr(f"{{name}}.py", "origin = 'built'\\n")
        about = ["Metadata-Version: 2.1", f"Name: {{name}}", f"Version: {{version}}"]
        kind = ["Wheel-Version: 1.0", "Generator: test", "Root-Is-Purelib: true", "Tag: py3-none-any"]
        rows = [f"{{name}}.py,,", f"{{info}}/METADATA,,", f"{{info}}/WHEEL,,", f"{{info}}/RECORD,,"]
        for part, lines in (("METADATA", about), ("WHEEL", kind), ("RECORD", rows)):
            wheel.writestr(f"{{info}}/{{part}}", "\\n".join(lines) + "\\n")
    return file
"""
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def sdist(
    folder: Path, name: str, version: str = "1.0", *, extra: str = "pass", builds: str = "", zipped: bool = False
) -> Path:
    """Write a source archive whose backend does `extra` and builds a wheel of `builds` (itself by default)."""
    folder.mkdir(parents=True, exist_ok=True)
    top = f"{name}-{version}"
    files = {
        f"{top}/PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{top}/pyproject.toml": PYPROJECT,
        f"{top}/backend.py": BACKEND.format(name=builds or name, version=version, extra=extra),
    }
    path = folder / (f"{top}.zip" if zipped else f"{top}.tar.gz")
    if zipped:
        with zipfile.ZipFile(path, "w") as archive:
            for one, text in files.items():
                archive.writestr(one, text)
        return path
    with tarfile.open(path, "w:gz") as archive:
        for one, text in files.items():
            member = tarfile.TarInfo(one)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path
