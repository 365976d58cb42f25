"""Refuses what is no business of a text patch: binaries, links, submodules, modes, foreign paths, hidden signs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from bot.proof.change import Change, FileChange, Refusal
from bot.proof.trees import inside
from bot.registry import gate

_BINARY = (
    ".pyc", ".pyo", ".pyd", ".so", ".dll", ".dylib", ".exe", ".whl", ".egg", ".zip", ".gz", ".bz2", ".xz", ".tar",
    ".pkl", ".pickle", ".npy", ".jar", ".bin", ".o", ".a", ".class",
)  # fmt: skip
_MODES = {
    "new file mode 120000": "a symbolic link is added", "new file mode 160000": "a submodule is added",
    "new mode 120000": "a file becomes a symbolic link", "new mode 160000": "a file becomes a submodule",
    "new file mode 100755": "an executable file is added", "new mode 100755": "a file becomes executable",
    "deleted file mode 120000": "a symbolic link is deleted", "deleted file mode 160000": "a submodule is deleted",
    "GIT binary patch": "a binary file is changed", "Binary files ": "a binary file is changed",
    "Subproject commit ": "a submodule is moved",
}  # fmt: skip
_STEERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each file or line that is not plain text inside the repository."""
    for file in change.files:
        if not inside(file.path):
            yield Refusal(file.path, 1, "the path leaves the repository")
        if file.path.lower().endswith(_BINARY):
            yield Refusal(file.path, 1, "files of this kind are binary")
        yield from _signs(file)
    yield from _headers(change)


def _signs(file: FileChange) -> Iterator[Refusal]:
    for line, text in file.added:
        for sign in text:
            if sign in _STEERING or (unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\t\f\r\n\x1b"):
                yield Refusal(file.path, line, f"the character U+{ord(sign):04X} is not text")
                break


def _headers(change: Change) -> Iterator[Refusal]:
    path = ""
    for text in change.diff.splitlines():
        if text.startswith("diff --git "):
            path = text.rpartition(" b/")[2]
        bare = text[1:] if text.startswith(("+Sub", "-Sub")) else text
        for start, seen in _MODES.items():
            if bare.startswith(start) and not text.startswith(" "):
                yield Refusal(path, 1, seen)
