"""Sequence files as users write them, for the order and the expected times of their handlers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from bot.errors import Misconfigured
from bot.model import Sequence

LARGEST = 2_000_000  # bytes of a sequence file


def sequence_files(folder: Path) -> tuple[Path, ...]:
    """Return the JSON files of a folder of sequences, or the file itself; empty when there is nothing."""
    if folder.is_file():
        return (folder,)
    return tuple(sorted(p for p in folder.glob("*.json") if p.is_file() and p.name != "schema.json"))


def read_sequence(text: str, name: str) -> Sequence:
    """Return the sequence a file declares; raises `Misconfigured` that names the file and the place."""
    try:
        return Sequence.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(
            f"{name}: {place}: {first['msg']}" if place else f"{name}: {first['msg']}",
            hint="`selfheal config schema` prints the form of a sequence file.",
        ) from None


def read_sequences(paths: Iterable[Path]) -> tuple[tuple[Sequence, ...], tuple[str, ...]]:
    """Return the sequences that the files declare, and for each file that declares none the reason."""
    found, refused = [], []
    for path in paths:
        if path.stat().st_size > LARGEST:
            refused.append(f"{path.name}: larger than {LARGEST:,} bytes")
            continue
        try:
            found.append(read_sequence(path.read_text(encoding="utf-8", errors="replace"), path.name))
        except Misconfigured as error:
            refused.append(str(error))
    return tuple(found), tuple(refused)
