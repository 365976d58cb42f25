"""The recorder in real programs: what it writes is what stage 1 reads, and it costs and breaks nothing."""

from __future__ import annotations

import ast
import http.server
import json
import math
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner

from bench.recorder import LIMITS, measured
from bot import recorder
from bot.codebase import of
from bot.commands.program import program
from bot.model import Diagnosis
from bot.strategies._recorded import test_file as file_of
from bot.telemetry import otlp
from bot.telemetry.pipeline import metrics_of

PROGRAM = """
import asyncio, multiprocessing, os, random, sys, threading
from selfheal_recorder import add, beat, configure, execution, flush, record, stats

random.seed(1)
assert random.random() == 0.13436424411240122

@record
def price(cart, discount=0):
    cart.pop("x", None)
    return sum(cart.values()) - discount

@record(sequence="order", number=3)
async def ship(order):
    await asyncio.sleep(0)
    return {"shipped": order}

@record
def numbers():
    got = yield 1
    yield got
    return "end"

@record
async def later(n):
    for one in range(n):
        try:
            yield one
        except KeyError:
            yield "caught"

class Shop:
    @record
    def pay(self, amount, card_token="x"):
        if amount > 2:
            raise ValueError("too much, sk-abcdefghijklmnop")
        return (amount, 1)

    @record
    @staticmethod
    def double(x):
        return [(x, x)]

async def flow():
    for one in range(5):
        with execution("order", "o%d" % one):
            price({"a": one, "x": 1})
            async with beat("paid", number=2) as step:
                step.note(state={"total": one}, args=[object()])
            await ship(one)
    assert [x async for x in later(3)] == [0, 1, 2]
    some = later(3)
    assert await some.__anext__() == 0
    assert await some.athrow(KeyError()) == "caught"
    await some.aclose()
    task = asyncio.ensure_future(ship("never"))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass

def work(times):
    for _ in range(times):
        price({"a": 1, "b": 2.5}, discount=1)

if __name__ == "__main__":
    asyncio.run(flow())
    some = numbers()
    assert (next(some), some.send(5)) == (1, 5)
    some.close()
    Shop().pay(1)
    try:
        Shop().pay(3, card_token="abc")
    except ValueError as error:
        assert str(error).startswith("too much")
    assert Shop.double(2) == [(2, 2)]
    together = [threading.Thread(target=work, args=(50,)) for _ in range(4)]
    together += [multiprocessing.get_context(how).Process(target=work, args=(50,)) for how in ("fork", "spawn")]
    for one in together:
        one.start()
    for one in together:
        one.join()
    child = os.fork()
    if child == 0:
        work(10)
        flush()
        os._exit(0)
    os.waitpid(child, 0)
    add("made.by.hand", 1763640000.0, 0.25, outcome="passed")
"""
PRICES = 5 + 6 * 50 + 10


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    done = CliRunner().invoke(program, ["recorder", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0
    assert "actions/upload-artifact@v4" in done.stdout
    assert "@record" in done.stderr
    (tmp_path / "program.py").write_text(PROGRAM)
    return tmp_path


def run(
    folder: Path, *arguments: str, python: str = sys.executable, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder with nothing of this project to import."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SELFHEAL", "PYTHON", "COV"))}
    command = [python, "-B", "-W", "error", *arguments]
    return subprocess.run(
        command, cwd=folder, env={**kept, **environment}, capture_output=True, text=True, timeout=100, check=False
    )


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def older_pythons() -> list[str]:
    known = [*Path.home().glob(".pyenv/versions/3.8.*/bin/python"), Path(shutil.which("python3.8") or "-")]
    return [str(path) for path in known if path.is_file()][:1]


def test_the_recorder_is_one_file_for_python_3_8_that_imports_only_the_standard_library() -> None:
    tree = ast.parse(recorder.source(), feature_version=(3, 8))
    roots = {
        alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    roots |= {str(node.module).partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert roots <= sys.stdlib_module_names
    assert ast.get_docstring(tree)


@pytest.mark.parametrize("python", [sys.executable, *older_pythons()])
def test_a_program_with_threads_processes_and_coroutines_is_recorded_whole(folder: Path, python: str) -> None:
    target = folder / "telemetry" / "events.jsonl"
    done = run(folder, "program.py", python=python, SELFHEAL_TELEMETRY=str(target), SELFHEAL_VALUES="1")
    assert done.returncode == 0, done.stderr
    metrics = metrics_of([target])
    counts = {name: one.count for name, one in metrics.handlers.items()}
    assert counts == {
        "program.price": PRICES,
        "paid": 5,
        "program.ship": 6,
        "program.later": 2,
        "program.numbers": 1,
        "program.Shop.pay": 2,
        "program.Shop.double": 1,
        "made.by.hand": 1,
    }
    order = metrics.sequences["order"]
    assert order.orders[0] == (("program.price", "paid", "program.ship"), 5)
    assert metrics.handlers["program.Shop.pay"].errorRate == 0.5
    assert metrics.handlers["program.ship"].errorRate == 0
    (error,) = metrics.errors
    assert (error.handler, error.exception, error.message) == ("program.Shop.pay", "ValueError", "too much, [redacted]")
    assert metrics.dropped == {}


def test_recorded_values_are_replayable_or_only_shown(folder: Path) -> None:
    target = folder / "events.jsonl"
    assert run(folder, "program.py", SELFHEAL_TELEMETRY=str(target), SELFHEAL_VALUES="yes").returncode == 0
    ended = [one for one in events(target) if one["event"] != "beat-started" and "context" in one]
    found = {(one["handler"], one["event"]): one["context"] for one in ended}
    assert found["program.Shop.pay", "beat-completed"] == {"args": [1], "kwargs": {}, "result": [1, 1]}
    assert found["program.Shop.pay", "error"] == {"shown": {"args": [3], "kwargs": {"card_token": "[redacted]"}}}
    assert found["program.Shop.double", "beat-completed"] == {"args": [2], "kwargs": {}, "shown": {"result": [[2, 2]]}}
    assert found["paid", "beat-completed"] == {"state": {"total": 4}, "shown": {"args": ["<builtins.object>"]}}
    first = next(one for one in ended if one["handler"] == "program.price")
    assert first["context"]["args"] == [{"a": 0, "x": 1}], "as it was given, not as the function left it"
    calls = [call for call in metrics_of([target]).calls if call.handler == "program.price"]
    codebase = of({"program.py": PROGRAM, "tests/test_a.py": "def test_a(): pass\n"})
    diagnosis = Diagnosis(
        anomaly_id="a",
        type="coverage",
        file="program.py",
        function="price",
        line=9,
        pattern="untested",
        confidence=1,
    )
    made = file_of(diagnosis, calls, "recorded", codebase)
    assert made is not None
    assert "assert price({'a': 1, 'b': 2.5}, discount=1) == pytest.approx(2.5)" in made.text


def test_without_a_target_nothing_is_written_and_with_a_bad_one_the_program_runs_on(folder: Path) -> None:
    assert run(folder, "program.py").returncode == 0
    assert {path.name for path in folder.iterdir()} == {"program.py", "selfheal_recorder.py"}
    (folder / "file").write_text("")
    code = "import selfheal_recorder as r\nf = r.record(abs)\nassert f(-1) == 1\nr.flush()\nprint(r.stats())"
    done = run(folder, "-c", code, SELFHEAL_TELEMETRY=str(folder / "file" / "below"), SELFHEAL_SAMPLE="none")
    assert done.stdout == "{'written': 0, 'dropped': 2}\n", done.stderr


def test_sampling_takes_whole_executions_and_a_folder_gets_a_file_for_each_process(folder: Path) -> None:
    code = """
import selfheal_recorder as r
one, two = r.record(handler="one")(len), r.record(handler="two", sample=0)(len)
for number in range(400):
    with r.execution("s", str(number)):
        one([]), two([])
two([])
"""
    done = run(folder, "-c", code, SELFHEAL_TELEMETRY=f"{folder}/many/", SELFHEAL_SAMPLE="0.25")
    assert done.returncode == 0, done.stderr
    (path,) = (folder / "many").iterdir()
    found = [(one["execution"], one["handler"]) for one in events(path) if one["event"] == "beat-completed"]
    assert 50 < len(found) / 2 < 150
    assert len(found) == 2 * len({execution for execution, _ in found})


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what is sent; the first request is refused as a busy receiver would."""

    bodies: ClassVar[list[tuple[str, bytes]]] = []
    busy = 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).busy -= 1
        self.send_response(503 if self.busy >= 0 else 200)
        self.end_headers()
        if self.busy < 0:
            self.bodies.append((self.headers["Authorization"], body))

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_spans_reach_an_otlp_receiver_that_is_busy_at_first(folder: Path, receiver: str) -> None:
    import gzip

    code = """
import time, selfheal_recorder as r
@r.record(values=True)
def price(n):
    return 1 / n
for name in "ab":
    with r.execution("order", name):
        price(2)
        with r.beat("paid", number=2): pass
time.sleep(2.5)
try: price(0)
except ZeroDivisionError: pass
"""
    done = run(folder, "-c", code, SELFHEAL_TELEMETRY=receiver, SELFHEAL_TOKEN="t0ken", OTEL_SERVICE_NAME="shop")
    assert done.returncode == 0, done.stderr
    assert {token for token, _ in Receiver.bodies} == {"Bearer t0ken"}
    spans = [one for _, body in Receiver.bodies for one in otlp.traces(gzip.decompress(body), "application/json")]
    found = list(otlp.events(spans))
    assert [one.handler for one in found if one.execution == "a"] == ["program.price"] * 2 + ["paid"] * 2
    (error,) = [one for one in found if one.event == "error"]
    assert error.error == "ZeroDivisionError: division by zero"
    assert {span.service for span in spans} == {"shop"}


TESTS = """
import pytest
from selfheal_recorder import record

@record
def half(n):
    return n / 2

def test_good():
    assert half(2) == 1

@pytest.mark.parametrize("n", [3])
def test_bad(n):
    assert half(n) == 1

def test_raises():
    {}["key"]

@pytest.fixture
def broken():
    raise OSError("no disk")

def test_setup(broken): pass

@pytest.mark.skip
def test_skipped(): pass

@pytest.mark.xfail
def test_expected(): assert 0
"""


@pytest.mark.parametrize("more", [(), ("-p", "xdist", "-n", "2")])
def test_the_plugin_writes_the_telemetry_of_a_test_run(folder: Path, more: tuple[str, ...]) -> None:
    (folder / "test_it.py").write_text(TESTS)
    (folder / "test_broken.py").write_text("import nowhere\n")
    plain = (
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "selfheal_recorder",
        "--continue-on-collection-errors",
    )
    done = run(folder, *plain, "--selfheal", "out.jsonl", *more, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert "3 failed" in done.stdout or "2 failed" in done.stdout, done.stdout + done.stderr
    metrics = metrics_of([folder / "out.jsonl"])
    rates = {name: one.errorRate for name, one in metrics.handlers.items()}
    assert rates == {
        "test_it.py::test_good": 0,
        "test_it.py::test_bad[3]": 1,
        "test_it.py::test_raises": 1,
        "test_it.py::test_setup": 1,
        "test_it.py::test_expected": 0,
        "test_broken.py": 1,
        "test_it.half": 0,
    }
    causes = {error.handler: (error.exception, error.message) for error in metrics.errors}
    assert causes["test_it.py::test_raises"] == ("KeyError", "'key'")
    assert causes["test_it.py::test_setup"] == ("OSError", "no disk")
    assert causes["test_it.py::test_bad[3]"][0] == "AssertionError"
    assert causes["test_broken.py"] == ("ModuleNotFoundError", "No module named 'nowhere'")


def test_the_cost_of_a_call_stays_within_its_limits(tmp_path: Path) -> None:
    # What else runs on the machine only ever adds to a cost: the least of a few measurements is the nearest to it.
    over: dict[str, float] = dict.fromkeys(LIMITS, math.inf)
    for _ in range(6):
        found = measured(tmp_path, rounds=9)
        over = {name: min(least, found[name]) for name, least in over.items() if found[name] > LIMITS[name]}
        if not over:
            break
    assert over == {}


def test_a_place_that_cannot_be_written_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = CliRunner().invoke(program, ["recorder", str(tmp_path / "file" / "x")])
    assert done.exit_code == 2
    done = CliRunner().invoke(program, ["recorder", str(tmp_path / "mine.py")])
    assert (tmp_path / "mine.py").is_file()
