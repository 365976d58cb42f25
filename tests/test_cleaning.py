"""Secrets leave what is uploaded, however it is packed, and what can't be unpacked is told."""

import gzip
import io
import struct
import zipfile

import pytest

from bot import cleaning
from bot.cleaning import cleaned

SECRET = "ghp_" + "a1B2" * 9
TEXT = f"one\nkey {SECRET}\nthree\n".encode()
CLEAN = b"one\nkey [redacted]\nthree\n"


def archive(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return made.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_plain_gzip_and_zip_lose_their_secrets() -> None:
    assert cleaned(TEXT) == CLEAN
    assert gzip.decompress(cleaned(gzip.compress(TEXT))) == CLEAN
    assert members(cleaned(archive(a=TEXT, b=b"plain", c=b""))) == {"a": CLEAN, "b": b"plain", "c": b""}


def test_a_database_stays_as_it_is() -> None:
    assert cleaned(b"SQLite format 3\0" + TEXT) == b"SQLite format 3\0" + TEXT


def test_a_truncated_gzip_keeps_the_good_part_and_stays_cut_off() -> None:
    lines = "".join(f"{n} {n * n}\n" for n in range(50_000)).encode()
    found = cleaned(gzip.compress(TEXT + lines)[:-2_000])
    reader = gzip.GzipFile(fileobj=io.BytesIO(found))
    assert reader.read(len(CLEAN)) == CLEAN
    with pytest.raises(EOFError):
        reader.read()


def test_what_grows_too_large_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "LARGEST", 1000)
    with pytest.raises(EOFError):
        gzip.decompress(cleaned(gzip.compress(b"x" * 5_000_000)))
    assert members(cleaned(archive(a=b"x" * 5_000, b=b"y"))) == {"a (left out: too large)": b"", "b": b"y"}


def test_archives_in_archives_are_not_kept() -> None:
    assert members(cleaned(archive(inner=archive(a=TEXT), packed=gzip.compress(TEXT)))) == {
        "inner": b"PK\x03\x04",
        "packed": gzip.compress(TEXT)[:4],
    }
    assert gzip.decompress(cleaned(gzip.compress(gzip.compress(TEXT)))) == gzip.compress(TEXT)[:4]


def test_encrypted_and_damaged_members_are_named() -> None:
    made = bytearray(archive(a=TEXT, b=b"fine"))
    spot = made.rfind(b"PK\x01\x02", 0, made.rfind(b"PK\x01\x02"))
    struct.pack_into("<H", made, spot + 8, 1)
    assert members(cleaned(bytes(made))) == {"a (left out: encrypted)": b"", "b": b"fine"}
    broken = bytearray(archive(a="".join(f"{n * n}" for n in range(999)).encode()))
    broken[140:150] = b"\xff" * 10
    assert members(cleaned(bytes(broken))) == {"a (left out: damaged)": b""}
    folder = zipfile.ZipInfo("folder/")
    with_folder = io.BytesIO()
    with zipfile.ZipFile(with_folder, "w") as file:
        file.writestr(folder, b"")
    assert members(cleaned(with_folder.getvalue())) == {"folder/": b""}


def test_a_damaged_archive_holds_nothing() -> None:
    assert cleaned(b"PK\x03\x04" + TEXT) == b""
