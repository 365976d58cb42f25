"""The store, against a real SQLite file and a real PostgreSQL server."""

import multiprocessing
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text

from bot import services
from bot.adapters import lock, migrations, schema
from bot.adapters.clock import ManualClock, SystemClock
from bot.adapters.database import connect
from bot.adapters.memory import MemoryStore
from bot.adapters.store import KEY_CHARS, SqlStore, open_store, short
from bot.errors import Misconfigured, Transient
from bot.model import Insight, StrategyRecord
from bot.settings import read

BIG = "x" * 100_000


@pytest.fixture(params=["sqlite", "postgres", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    if request.param == "memory":
        made: SqlStore = MemoryStore()
    elif request.param == "sqlite":
        made = open_store(f"sqlite:///{tmp_path / 'selfheal.sqlite3'}", tmp_path)
    else:
        url = request.getfixturevalue("postgres")
        made = open_store(url, tmp_path)
        with made.engine.begin() as connection:
            names = ", ".join(table.name for table in schema.metadata.sorted_tables if table.name != "sh_version")
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    yield made
    made.close()


def test_same_content_has_the_same_id_and_loads(store: SqlStore) -> None:
    first = store.save(Insight(text="é \x00 🤖"), kind="insight", repository="o/n")
    assert first == store.save(Insight(text="é \x00 🤖"), kind="insight", repository="o/other")
    assert first != store.save(Insight(text="é \x00 🤖"), kind="other")
    assert store.load(first, Insight).text == "é \x00 🤖"


def test_bytes_that_are_no_text_come_back(store: SqlStore) -> None:
    for odd in ("\udce9 caf\u00e9 \\ud83d", "\udce9" + BIG):
        value = Insight(text=odd, rests_on=("x",))
        assert store.load(store.save(value, kind="insight"), Insight) == value


def test_large_values_live_in_the_folder(store: SqlStore) -> None:
    record = store.save(Insight(text=BIG), kind="insight")
    assert store.load(record, Insight).text == BIG
    with store.engine.connect() as connection:
        row = connection.execute(schema.records.select()).one()
    assert row.body is None
    assert store.fetch(row.blob).stat().st_size > len(BIG)


def test_unknown_record_names_the_state(store: SqlStore) -> None:
    with pytest.raises(Misconfigured, match="no record 'nothing'") as caught:
        store.load("nothing", Insight)
    assert "--state" in caught.value.hint


def test_history_is_newest_first_and_by_place(store: SqlStore) -> None:
    for name in ("a", "b", "c", "a"):
        store.save(Insight(text=name), kind="insight", repository="o/n", key="k")
    store.save(Insight(text="elsewhere"), kind="insight", repository="o/m", key="k")
    found = store.history(Insight, kind="insight", repository="o/n", key="k")
    assert [each.text for each in found] == ["a", "c", "b"]
    assert [each.text for each in store.history(Insight, kind="insight", repository="o/n", key="k", limit=1)] == ["a"]
    latest = store.latest(Insight, kind="insight", repository="o/n", key="k")
    assert latest is not None
    assert latest.text == "a"
    assert store.latest(Insight, kind="insight", repository="o/n") is None


def test_since_looks_at_all_keys_of_a_repository(tmp_path: Path) -> None:
    times = iter(range(100, 200))
    store = MemoryStore(now=lambda: float(next(times)))
    store.save(Insight(text="old"), kind="insight", repository="o/n", key="1")
    border = next(times)
    store.save(Insight(text="new"), kind="insight", repository="o/n", key="2")
    found = store.since(border, Insight, kind="insight", repository="o/n")
    assert [each.text for each in found] == ["new"]
    store.close()


def test_the_first_answer_stays(store: SqlStore) -> None:
    assert store.answered("deployment.deploy", "r1") is None
    store.answer("deployment.deploy", "r1", "one")
    store.answer("deployment.deploy", "r1", "two")
    assert store.answered("deployment.deploy", "r1") == "one"
    assert store.answered("learning.track", "r1") is None


def test_credit_counts_a_fix_once(store: SqlStore) -> None:
    store.credit("search", "error", "o/n", False, once="fix-1")
    record = store.credit("search", "error", "o/n", False, once="fix-1")
    assert (record.successes, record.failures) == (0, 1)
    record = store.credit("search", "error", "o/n", True)
    assert (record.successes, record.failures) == (1, 1)
    store.credit("search", "error", "o/m", True, once="fix-2")
    assert store.records("o/n") == (record,)
    assert len(store.records()) == 2


def test_long_keys_stay_apart(store: SqlStore) -> None:
    one, two = "k" * 1000 + "1", "k" * 1000 + "2"
    store.save(Insight(text="1"), kind="insight", key=one)
    store.save(Insight(text="2"), kind="insight", key=two)
    found = store.latest(Insight, kind="insight", key=one)
    assert found is not None
    assert found.text == "1"
    assert len(short(one)) < KEY_CHARS + 40
    assert short("a\x00b") == "ab"


def test_content_is_kept_once_and_never_guessed(store: SqlStore) -> None:
    ref = store.keep(b"hello")
    assert store.keep(b"hello") == ref
    assert store.fetch(ref).read_bytes() == b"hello"
    for wrong in ("0" * 64, "../../etc/passwd", "", "Z" * 64):
        with pytest.raises(Misconfigured, match="not in the state"):
            store.fetch(wrong)


def test_scratch_folders_can_be_purged(store: SqlStore) -> None:
    folder = store.folder("key/with/../slashes")
    (folder / "file").write_text("x")
    assert store.folder("key/with/../slashes") == folder
    store.purge()
    assert not list(store.folder("key/with/../slashes").iterdir())


def test_threads_do_not_lose_a_count(store: SqlStore) -> None:
    if isinstance(store, MemoryStore):
        pytest.skip("one connection in memory is not shared between threads at work")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: store.credit("s", "error", "o/n", number % 2 == 0), range(40)))
    assert store.records("o/n") == (
        StrategyRecord(strategy="s", type="error", repository="o/n", successes=20, failures=20),
    )


def test_a_blob_that_fails_to_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("no space")))
    with pytest.raises(OSError, match="no space"):
        store.keep(b"content")
    assert not [path for path in (store.root / "blobs").rglob("*") if path.is_file()]
    store.close()


def test_migrations_make_the_tables_of_this_version(tmp_path: Path, postgres: str) -> None:
    for url in (f"sqlite:///{tmp_path / 'm.sqlite3'}", postgres):
        engine = connect(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE somebody_elses (a INTEGER)"))
            schema.metadata.drop_all(connection)
            migrations.upgrade(connection)
            context = MigrationContext.configure(
                connection,
                opts={"include_name": lambda name, kind, _: kind != "table" or name.startswith(schema.PREFIX)},
            )
            assert compare_metadata(context, schema.metadata) == []
            assert migrations.current(connection) == schema.HEAD
            assert inspect(connection).has_table("somebody_elses")
            connection.execute(text("DROP TABLE somebody_elses"))
        migrations.migrate(engine)
        engine.dispose()


def test_an_unfinished_state_is_migrated_from_where_it_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 's.sqlite3'}"
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE sh_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    engine.dispose()
    open_store(url, tmp_path).close()
    with sqlite3.connect(tmp_path / "s.sqlite3") as raw:
        assert raw.execute("SELECT version_num FROM sh_version").fetchone() == (schema.HEAD,)
    raw.close()


def test_head_is_the_newest_migration() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_current_head() == schema.HEAD
    assert all(table.name.startswith(schema.PREFIX) for table in schema.metadata.sorted_tables)


def test_a_state_of_a_later_version_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 's.sqlite3'}"
    open_store(url, tmp_path).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(schema.version.update().values(version_num="9999"))
    engine.dispose()
    with pytest.raises(Misconfigured, match="tables of version '9999'"):
        open_store(url, tmp_path)
    assert not lock.held(tmp_path)


def test_sqlite_is_set_up_for_durability(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 's.sqlite3'}", tmp_path)
    with store.engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 30_000
    store.close()


def test_odd_paths_work(tmp_path: Path) -> None:
    folder = tmp_path / "a b%20#?é"
    store = open_store(f"sqlite:///{folder / 's.sqlite3'}", folder)
    record = store.save(Insight(text="x"), kind="insight")
    store.close()
    reader = open_store(f"sqlite:///{folder / 's.sqlite3'}", folder, read_only=True)
    assert reader.load(record, Insight).text == "x"
    reader.close()
    assert (folder / "s.sqlite3").is_file()


def _hold(folder: str, ready: object, done: object) -> None:
    held = open_store(f"sqlite:///{folder}/s.sqlite3", Path(folder))
    held.save(Insight(text="from the server"), kind="insight")
    ready.set()  # type: ignore[attr-defined]
    done.wait(20)  # type: ignore[attr-defined]
    held.close()


def test_one_process_writes_others_read(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    ready, done = spawn.Event(), spawn.Event()
    process = spawn.Process(target=_hold, args=(str(tmp_path), ready, done))
    process.start()
    try:
        assert ready.wait(30)
        url = f"sqlite:///{tmp_path}/s.sqlite3"
        with pytest.raises(Misconfigured, match=f"in use by process {process.pid}"):
            open_store(url, tmp_path)
        assert lock.held(tmp_path)
        reader = open_store(url, tmp_path, read_only=True)
        found = reader.latest(Insight, kind="insight")
        assert found is not None
        assert found.text == "from the server"
        with pytest.raises(Misconfigured, match="can't be written"):
            reader.save(Insight(text="no"), kind="insight")
        reader.close()
    finally:
        done.set()
        process.join(20)
    assert not lock.held(tmp_path)
    open_store(f"sqlite:///{tmp_path}/s.sqlite3", tmp_path).close()


def test_a_killed_writer_leaves_a_whole_state(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from bot.adapters.store import open_store; "
        "from bot.model import Insight; folder = Path(sys.argv[1]); "
        "store = open_store(f'sqlite:///{folder}/s.sqlite3', folder); "
        "print(store.save(Insight(text='kept'), kind='insight'), flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr
    store = open_store(f"sqlite:///{tmp_path}/s.sqlite3", tmp_path)
    assert store.load(done.stdout.strip(), Insight).text == "kept"
    store.close()


def test_the_doctor_only_reads_a_state_in_use(tmp_path: Path) -> None:
    settings = read({}, state=str(tmp_path))
    assert "schema up to date" in services._database(settings).seen
    server = open_store(settings.database, tmp_path)
    found = services._database(settings)
    assert found.ok
    assert f"in use by process {os.getpid()}" in found.seen
    server.close()
    (tmp_path / "selfheal.sqlite3").write_bytes(b"no database" * 1000)
    assert not services._database(settings).ok


def test_locks_of_no_folder() -> None:
    nowhere = Path("/nowhere/at/all")
    assert not lock.held(nowhere)
    assert lock.holder(nowhere) == "unknown"


def test_bad_addresses_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="not a database address"):
        connect("nonsense")
    with pytest.raises(Misconfigured, match="'mysql' is not supported"):
        connect("mysql://h/d")
    (tmp_path / "file").write_text("x")
    with pytest.raises(Misconfigured, match="can't be made"):
        open_store("sqlite://", tmp_path / "file" / "below")


def test_nothing_to_read_and_damage_are_told(tmp_path: Path) -> None:
    reader = open_store(f"sqlite:///{tmp_path / 'none.sqlite3'}", tmp_path, read_only=True)
    with pytest.raises(Misconfigured, match="can't be opened"):
        reader.records()
    reader.close()
    sqlite3.connect(tmp_path / "empty.sqlite3").close()
    (tmp_path / "empty.sqlite3").touch()
    reader = open_store(f"sqlite:///{tmp_path / 'empty.sqlite3'}", tmp_path, read_only=True)
    with pytest.raises(Misconfigured, match="has no tables"):
        reader.records()
    reader.close()
    (tmp_path / "bad.sqlite3").write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(Misconfigured, match="is damaged"):
        open_store(f"sqlite:///{tmp_path / 'bad.sqlite3'}", tmp_path)


def test_a_lost_connection_is_transient(tmp_path: Path) -> None:
    store = open_store("postgresql://nobody@127.0.0.1:1/none", tmp_path, read_only=True)
    with pytest.raises(Transient, match="did not answer"):
        store.records()
    store.close()


def test_postgres_can_be_opened_read_only(postgres: str, tmp_path: Path) -> None:
    open_store(postgres, tmp_path).close()
    reader = open_store(postgres, tmp_path, read_only=True)
    with pytest.raises(Misconfigured, match="can't be written"):
        reader.save(Insight(text="no"), kind="insight")
    reader.close()


def test_migrations_can_be_checked_and_taken_back(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'm.sqlite3'}")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE somebody_elses (a INTEGER)"))
        migrations.upgrade(connection)
        config.attributes["connection"] = connection
        command.check(config)
        command.downgrade(config, "base")
        assert set(inspect(connection).get_table_names()) == {"somebody_elses", schema.VERSION_TABLE}
    engine.dispose()


def test_a_row_written_by_another_in_between_is_found_on_a_second_look() -> None:
    store = MemoryStore()
    store.answer("s", "r", "one")
    tries: list[int] = []

    def work(connection: Connection) -> str:
        tries.append(1)
        if len(tries) == 1:
            connection.execute(schema.answers.insert().values(sequence="s", request_id="r", record_id="x", at=0.0))
        return "done"

    assert store._write(work) == "done"
    assert len(tries) == 2
    store.close()


def test_a_folder_that_can_not_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(Misconfigured, match="can't be written"):
        open_store(f"sqlite:///{tmp_path / 's.sqlite3'}", tmp_path)


def test_without_its_driver_postgres_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Misconfigured, match="needs the driver") as caught:
        connect("postgresql://h/d")
    assert "self-healing-bot[postgres]" in caught.value.hint


def test_the_machines_clock_moves_and_the_manual_one_waits() -> None:
    clock, manual = SystemClock(), ManualClock(100.0)
    assert clock.now() > 1_700_000_000
    assert clock.monotonic() <= clock.monotonic()
    manual.pass_(5)
    assert (manual.now(), manual.monotonic()) == (105.0, 5.0)
