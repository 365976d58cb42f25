"""History as Parquet: what is written is what another program reads."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.adapters.store import open_store
from bot.commands.program import program
from bot.errors import Misconfigured
from bot.settings import read
from bot.telemetry import metrics_of
from bot.telemetry.history import exported
from tests.telemetry.test_flows import many
from tests.telemetry.test_metrics import declared, event, run, written


def test_another_program_reads_the_same(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    events = [*many(30), *run(99, "acb", 21), event(22, "error", "a", error="E: no")]
    metrics = metrics_of([written(tmp_path, events)], [declared("a", "b", "c")])
    handlers, sequences, errors = (parquet.read_table(path).to_pylist() for path in exported([metrics], tmp_path / "p"))
    assert sum(row["count"] for row in handlers if row["handler"] == "a") == metrics.handlers["a"].count == 32
    assert {row["start"].timestamp() for row in handlers} == {w.start for w in metrics.handlers["a"].windows}
    first = handlers[0]
    assert sum(first["bucket_counts"]) == first["count"] - first["errors"]
    assert (first["p50_ms"], first["mean_ms"]) == pytest.approx((5.0, 5.0), rel=0.01)
    assert [(row["order"], row["count"], row["violations"]) for row in sequences] == [
        (["a", "b", "c"], 30, 1),
        (["a", "c", "b"], 1, 1),
    ]
    assert [(row["handler"], row["exception"], row["count"]) for row in errors] == [("a", "E", 1)]


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(Misconfigured) as raised:
        exported([], tmp_path)
    assert "self-healing-bot[parquet]" in raised.value.hint


def test_a_folder_that_can_not_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="can't be written"):
        exported([], tmp_path / "file")


def test_the_command_exports_files_or_what_the_state_holds(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path, state = written(tmp_path, many(3)), tmp_path / "state"
    settings = read(state=str(state))
    store = open_store(settings.database, settings.state)
    store.save(metrics_of([path]), kind="telemetry", repository="o/n")
    store.close()
    runner = CliRunner()
    for number, paths in enumerate(([str(path)], [])):
        out = tmp_path / f"out{number}"
        done = runner.invoke(program, ["telemetry", "export", *paths, "--out", str(out), "--state", str(state)])
        assert done.exit_code == 0, done.output
        assert [Path(line).name for line in done.stdout.splitlines()] == [
            "handlers.parquet",
            "sequences.parquet",
            "errors.parquet",
        ]
        assert parquet.read_table(out / "handlers.parquet").num_rows == 3
    assert runner.invoke(program, ["telemetry", "export"]).exit_code == 2
