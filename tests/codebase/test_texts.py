import os
from pathlib import Path

import pytest

from bot.codebase.texts import FolderTexts, decode, encode, may_be_text, text_of


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"", ""), (b"a\r\n\xc3\xbc", "a\r\nü"), (b"a\0b", None), (b"\xe9", None), (b"\xef\xbb\xbfx", "\ufeffx")],
)
def test_what_text_is(data: bytes, text: str | None) -> None:
    assert text_of(data) == text


@pytest.mark.parametrize(
    ("path", "size", "read"),
    [
        ("a.py", 4_000_000, True),
        ("a.py", 6_000_000, False),
        ("a.json", 900_000, True),
        ("a.json", 1_100_000, False),
        ("a.PNG", 1, False),
        ("LICENSE", 1, True),
        ("a\tb", 1, True),
        ("a\udcff.py", 1, False),
    ],
)
def test_what_is_worth_reading(path: str, size: int, read: bool) -> None:
    assert may_be_text(path, size) is read


def test_a_folder_holds_what_is_text_and_follows_no_link_to_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "latin.py").write_bytes(b"# \xe9\n")
    (tmp_path / "a" / "x.py").write_text("x\n")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "y.py").write_text("y\n")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "l.py").symlink_to("a/x.py")
    os.mkfifo(tmp_path / "pipe")
    texts = FolderTexts(tmp_path)
    assert dict(texts) == {"a/x.py": "x\n", "l.py": "x\n"}
    assert "a/latin.py" not in texts


def test_any_bytes_survive() -> None:
    data = bytes(range(256))
    assert encode(decode(data)) == data
