"""Sequence files as users write them, for the order and the expected times of their handlers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from bot.codebase.sequences import sequence_of
from bot.errors import Misconfigured
from bot.model import Sequence

LARGEST = 2_000_000  # bytes of a sequence file


def sequence_files(folder: Path) -> tuple[Path, ...]:
    """Return the JSON files of a folder of sequences, or the file itself; empty when there is nothing."""
    if folder.is_file():
        return (folder,)
    return tuple(sorted(p for p in folder.glob("*.json") if p.is_file() and p.name != "schema.json"))


def read_sequences(paths: Iterable[Path]) -> tuple[tuple[Sequence, ...], tuple[str, ...]]:
    """Return the sequences that the files declare, and for each file that declares none the reason."""
    found, refused = [], []
    for path in paths:
        try:
            found.append(_read(path))
        except Misconfigured as error:
            refused.append(str(error))
    return tuple(found), tuple(refused)


def _read(path: Path) -> Sequence:
    if path.stat().st_size > LARGEST:
        raise Misconfigured(f"{path.name}: larger than {LARGEST:,} bytes")
    try:
        data = json.loads(path.read_text(encoding="utf-8", errors="replace"))
    except (ValueError, RecursionError) as error:
        raise Misconfigured(f"{path.name} is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise Misconfigured(f"{path.name} holds no sequence: it is not a JSON object")
    return sequence_of(path.name, data)
