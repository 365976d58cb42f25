from pathlib import Path

import pytest

from bot.codebase import Codebase, index
from bot.model import CodebaseInfo


def info(folder: Path) -> CodebaseInfo:
    return CodebaseInfo(repository="r", checkout="", tree=str(folder / "tree"), digest="", index=str(folder / "i/x"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    for number in range(3):
        (tmp_path / "tree" / f"m{number}.py").write_text(f"def f{number}(): return {number}\n")
    return tmp_path


def forget() -> None:
    index._known.clear()


def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    from bot.codebase import repository

    seen: list[str] = []
    real = repository.parse
    monkeypatch.setattr(repository, "parse", lambda text: seen.append(text) or real(text))
    return seen


def test_a_second_run_reads_only_what_changed(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget()
    assert Codebase(info(tree)).find("f1")
    forget()
    seen = parsed(monkeypatch)
    assert Codebase(info(tree)).find("f1")
    assert seen == []
    (tree / "tree" / "m1.py").write_text("def g1(): return 1\n")
    forget()
    changed = Codebase(info(tree))
    assert changed.find("g1")
    assert not changed.find("f1")
    assert seen == ["def g1(): return 1\n"]


def test_what_is_known_in_the_process_is_not_read_again(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget()
    Codebase(info(tree)).symbols("m0.py")
    seen = parsed(monkeypatch)
    assert Codebase(info(tree)).symbols("m0.py")[0].name == "f0"
    assert seen == []


@pytest.mark.parametrize("content", [b"", b"\xc1 nonsense", index.msgspec.msgpack.encode({"version": 0, "facts": {}})])
def test_a_broken_or_old_index_counts_as_empty(tree: Path, content: bytes) -> None:
    forget()
    (tree / "i").mkdir()
    (tree / "i" / "x").write_bytes(content)
    assert Codebase(info(tree)).find("f1")
    assert len(index.load(tree / "i" / "x")) == 3


def test_an_index_that_can_not_be_written_is_no_fault(tree: Path) -> None:
    forget()
    (tree / "i").write_text("a file")
    assert Codebase(info(tree)).find("f1")


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    forget()
    monkeypatch.setattr(index, "MOST", 2)
    for number in range(5):
        index.facts(f"{number}.py", "", lambda: index.Facts())
    assert len(index._known) <= 2


def test_deep_code_is_read_without_recursion() -> None:
    from bot.codebase import of

    text = "x = " + "+".join(["f()"] * 3000) + "\n"
    assert len(of({"a.py": text}).calls("a.py")) in {0, 3000}


def test_notes_outlive_the_run_and_follow_the_content(tree: Path) -> None:
    index._noted.clear()
    looked: list[str] = []

    def make(path: str) -> list[str]:
        looked.append(path)
        return [path]

    def noted() -> dict[str, list[str]]:
        codebase = Codebase(info(tree))
        return dict(codebase.noted("test", codebase.python_files, make))

    assert noted() == {f"m{n}.py": [f"m{n}.py"] for n in range(3)}
    index._noted.clear()
    (tree / "tree" / "m1.py").write_text("x = 2\n")
    assert noted()["m1.py"] == ["m1.py"]
    assert looked == ["m0.py", "m1.py", "m2.py", "m1.py"]


@pytest.mark.parametrize("content", [b"", index.msgspec.msgpack.encode({"version": 0, "notes": {}})])
def test_broken_or_old_notes_count_as_none(tree: Path, content: bytes) -> None:
    (tree / "i").mkdir()
    (tree / "i" / "x.notes").write_bytes(content)
    assert index.load_notes(tree / "i" / "x") == frozenset()
