from pathlib import Path

import pytest

from bot.codebase import distributions, of
from bot.codebase.distributions import Distributions, is_stdlib, removed


@pytest.mark.parametrize(
    ("module", "distribution"),
    [
        ("yaml", "pyyaml"),
        ("cv2", "opencv-python"),
        ("google.cloud.storage.blob", "google-cloud-storage"),
        ("google.protobuf.message", "protobuf"),
        ("azure.storage.queue", "azure-storage-queue"),
        ("ruamel.yaml", "ruamel-yaml"),
        ("requests.adapters", "requests"),
        ("some_thing", "some-thing"),
    ],
)
def test_the_table_and_the_rule(module: str, distribution: str) -> None:
    assert Distributions().of(module) == distribution


def test_the_table_is_large_and_tells_only_differences() -> None:
    table = distributions._table()
    assert len(table) >= 150
    assert not [
        name for name, owner in table.items() if distributions.canonical(name) == distributions.canonical(owner)
    ]


def install(folder: Path, name: str, *paths: str) -> None:
    info = folder / "lib" / "python3.11" / "site-packages" / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").write_text("".join(f"{path},,\n" for path in paths))


def test_installed_metadata_decides(tmp_path: Path) -> None:
    install(
        tmp_path, "Fancy_Yaml", "yaml/__init__.py", "yaml/x.py", "_yaml.cpython-311.so", "../../bin/y", "yaml/d.txt"
    )
    install(tmp_path, "google_thing", "google/cloud/thing/a.py", "google/__init__.py", "not-a-module/a.py")
    (tmp_path / "lib/python3.11/site-packages/bare-1.dist-info").mkdir()
    known = Distributions(tmp_path)
    assert known.of("yaml") == "fancy-yaml"
    assert known.of("google.cloud.thing.a") == "google-thing"
    assert known.imports("fancy.yaml") == ("_yaml", "yaml")
    assert known.imports("PyYAML") == ("_yaml", "yaml")
    assert known.imports("never-heard-of") == ("never_heard_of",)
    assert known.is_installed("yaml.x")
    assert not known.is_installed("cv2")
    assert known.known("never_heard_of") == ""
    assert of({}).distributions.of("yaml") == "pyyaml"


@pytest.mark.parametrize(
    ("module", "python", "there"),
    [
        ("os.path", "", True),
        ("tomllib", "3.10", False),
        ("tomllib", "3.11.4", True),
        ("imp", "3.11", True),
        ("imp", "3.12", False),
        ("imp", "", True),
        ("requests", "3.12", False),
        ("zoneinfo", "3.6", False),
        ("compression", "3.20", True),
    ],
)
def test_the_standard_library(module: str, python: str, there: bool) -> None:
    assert is_stdlib(module, python) is there


def test_what_was_removed() -> None:
    gone = removed("distutils.core", "3.12")
    assert gone
    assert (gone.name, gone.since, gone.distribution) == ("distutils", 12, "setuptools")
    assert removed("distutils", "3.11") is None
    assert removed("os") is None
    assert removed("requests") is None
    bare = removed("spwd")
    assert bare
    assert (bare.distribution, bare.instead) == ("", "")
    assert removed("_crypt")
