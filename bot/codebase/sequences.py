"""The sequences that a repository declares for its own code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from bot.errors import Misconfigured
from bot.model import Sequence

_HINT = "Compare it with the sequence files of this program: selfheal sequences --json -"


def declared_sequences(files: Mapping[str, str], folder: str = "sequences/") -> tuple[Sequence, ...]:
    """Return the sequences of the JSON files in a folder, in the order of their paths.

    Raises `Misconfigured` naming file, movement and beat where one is not valid, and for an id that is used twice.
    JSON schemas (files with `$schema` and no movements) are passed over.
    """
    prefix = f"{folder.strip('/')}/" if folder.strip("/.") else ""
    found: dict[str, Sequence] = {}
    origin: dict[str, str] = {}
    for path in sorted(files):
        if path.startswith(prefix) and path.endswith(".json") and (data := _data(path, files[path])) is not None:
            sequence = sequence_of(path, data)
            if sequence.id in found:
                raise Misconfigured(f"{path}: the id {sequence.id!r} is taken by {origin[sequence.id]}", hint=_HINT)
            found[sequence.id], origin[sequence.id] = sequence, path
    return tuple(found.values())


def _data(path: str, text: str) -> dict[str, Any] | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Misconfigured(f"{path} is not JSON: {error}", hint=_HINT) from error
    if not isinstance(data, dict):
        raise Misconfigured(f"{path} holds no sequence: it is not a JSON object", hint=_HINT)
    return None if "movements" not in data and {"$schema", "$defs"} & set(data) else data


def sequence_of(path: str, data: dict[str, Any]) -> Sequence:
    """Return a sequence from parsed JSON; raises `Misconfigured` naming file, movement and beat."""
    known = {key: value for key, value in data.items() if key != "$schema"}
    try:
        sequence = Sequence.model_validate(known)
    except ValidationError as error:
        first = error.errors()[0]
        where = _where(known, first["loc"])
        raise Misconfigured(f"{path}{where}: {first['msg']}", hint=_HINT) from error
    numbers = [beat.beat for beat in sequence.beats]
    if twice := next((number for number in numbers if numbers.count(number) > 1), None):
        raise Misconfigured(f"{path}: beat {twice} is declared twice", hint=_HINT)
    return sequence


def _where(data: Mapping[str, Any], location: tuple[int | str, ...]) -> str:
    """Return the place of a validation error in the words of a sequence file."""
    return "".join(f", {part}" for part in _parts(data, location))


def _parts(data: Any, location: tuple[int | str, ...]) -> Iterator[str]:
    inside = ""
    for key in location:
        if isinstance(key, int):
            data = data[key] if isinstance(data, list) and key < len(data) else {}
            label = {"movements": "id", "beats": "beat"}.get(inside, "")
            name = data.get(label, key + 1) if isinstance(data, dict) else key + 1
            yield f"{inside.removesuffix('s')} {name}"
        else:
            data = data.get(key) if isinstance(data, dict) else None
            inside = key
    if location and isinstance(location[-1], str):
        yield f"field {location[-1]}"
