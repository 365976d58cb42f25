import json
from pathlib import Path
from typing import Any

import pytest

from bot.codebase import declared_sequences
from bot.errors import Misconfigured

ROOT = Path(__file__).parents[2]


def beat(number: int = 1, **over: Any) -> dict[str, Any]:
    return {"beat": number, "event": "e", "handler": "h", "kind": "pure", "timing": "immediate", **over}


def sequence(*beats: dict[str, Any], **over: Any) -> str:
    return json.dumps({"id": "s", "name": "S", "movements": [{"id": "main", "name": "M", "beats": beats}], **over})


def test_our_own_sequences_are_valid() -> None:
    files = {f"sequences/{path.name}": path.read_text() for path in (ROOT / "sequences").glob("*.json")}
    assert len(declared_sequences(files)) == 7


@pytest.mark.parametrize("folder", ["flows", "flows/", "./flows", ""])
def test_the_folder_and_its_subfolders_are_read(folder: str) -> None:
    folder = folder.removeprefix("./")
    files = {"flows/a/b.json": sequence(beat()), "flows/readme.md": "x"}
    assert [one.id for one in declared_sequences(files, folder)] == ["s"]


def test_other_folders_and_schemas_are_passed_over() -> None:
    files = {"data/x.json": "nonsense", "sequences/schema.json": '{"$schema": "x", "$defs": {}}'}
    assert declared_sequences(files) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "sequences/a.json is not JSON"),
        ("[]", "holds no sequence"),
        ("{}", "field id: Field required"),
        (sequence(beat(1), beat(2, kind="odd")), "movement main, beat 2, field kind"),
        (sequence(beat(1), beat(1)), "beat 1 is declared twice"),
        (sequence(), "movement main, field beats"),
        (sequence(beat(), surprise=1), "field surprise"),
        (json.dumps({"id": "s", "name": "S", "movements": [3]}), "movement 1"),
    ],
)
def test_errors_name_the_place(text: str, message: str) -> None:
    with pytest.raises(Misconfigured, match=message):
        declared_sequences({"sequences/a.json": text})


def test_an_id_is_used_once() -> None:
    files = {"sequences/a.json": sequence(beat()), "sequences/b.json": sequence(beat())}
    with pytest.raises(Misconfigured, match=r"b\.json: the id 's' is taken by sequences/a\.json"):
        declared_sequences(files)
