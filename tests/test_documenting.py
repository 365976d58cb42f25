"""Pages from code, tests and telemetry, and what becomes of one that telemetry contradicts."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from bot.codebase import of
from bot.codebase.claims import block, claims
from bot.commands.program import program
from bot.detectors import documentation
from bot.detectors._seen import Seen
from bot.documenting import Known, pages
from bot.model import ErrorCount, HandlerMetrics, SequenceMetrics, TelemetryMetrics
from tests import make
from tests.e2e import kinds
from tests.e2e.test_heal import heal
from tests.proof.ground import PYTEST, Case, seen

ORDER = ("validate", "price", "reserve", "charge")
PAGE = f"# Order\n\n{block('order', 'order', ('validate', 'reserve', 'price', 'charge'))}\nText.\n"


def metrics(count: int = 30, **more: object) -> TelemetryMetrics:
    """Return metrics of a sequence that ran in order."""
    found = SequenceMetrics(
        count=count, avgTime=1.0, beats=ORDER, errorRate=0.0, violations=0, orders=((ORDER, count),)
    )
    return make.metrics(sequences={"order": found}, **more)


def test_a_claim_reads_back_as_it_was_written() -> None:
    text = block("errors", "a --> b", ()) + "\n" + block("order", "order", ORDER)
    assert [(one.kind, one.name, one.values) for one in claims(text)] == [
        ("errors", "a-----b", ()),
        ("order", "order", ORDER),
    ]


def test_the_command_writes_a_page_for_each_handler_and_sequence(tmp_path: Path) -> None:
    checkout, options = kinds.broken(tmp_path, "error")
    events = options[options.index("--telemetry") + 1]
    out = tmp_path / "out"
    done = CliRunner().invoke(program, ["docs", str(checkout), "--telemetry", events, "--out", str(out)])
    assert done.exit_code == 0, done.stderr
    made = {path.relative_to(out).as_posix(): path.read_text() for path in out.rglob("*.md")}
    assert {"index.md", "tests.md", "handlers/initials.md", "sequences/order.md", "sequences/greet.md"} <= set(made)
    assert "<!-- selfheal:errors initials: KeyError -->" in made["handlers/initials.md"]
    assert "def initials(customer)" in made["handlers/initials.md"]
    assert "1. `validate`\n2. `price`" in made["sequences/order.md"]
    assert "`shop.flow`" in made["tests.md"]
    wrong = CliRunner().invoke(program, ["docs", str(checkout), "--out", str(checkout / "pyproject.toml")])
    assert wrong.exit_code == 2


def test_without_telemetry_and_sequences_public_functions_get_a_page() -> None:
    files = {
        "a.py": "async def f(x: int) -> int:\n    return x\n\n\ndef _g(): ...\n",
        "b.py": "class C:\n    def m(self): ...\n",
    }
    made = pages(Known(of(files), (), TelemetryMetrics()))
    assert sorted(made) == ["handlers/a.f.md", "handlers/b.C.m.md", "index.md", "tests.md"]
    assert "async def f(x: int) -> int" in made["handlers/a.f.md"]
    assert "There are no tests." in made["tests.md"]
    lone = HandlerMetrics(count=1, avgTime=1.0, p50=1.0, p95Time=1.0, p99Time=1.0, errorRate=0.0, lastSeen="now")
    named = pages(Known(of({}), (), metrics(handlers={"gone": lone})))
    assert "No function of this name" in named["handlers/gone.md"]


def test_a_page_that_telemetry_contradicts_is_an_anomaly() -> None:
    codebase = of({"docs/order.md": PAGE})
    (found,) = documentation.detect(Seen(metrics(), codebase=codebase))
    assert (found.severity, found.metrics["wanted"]) == ("medium", list(ORDER))
    assert documentation.detect(Seen(metrics(5), codebase=codebase)) == ()
    right = of({"docs/order.md": block("order", "order", ORDER)})
    assert documentation.detect(Seen(metrics(), codebase=right)) == ()


def test_an_error_that_a_page_does_not_know_is_an_anomaly() -> None:
    error = ErrorCount(cause_key="k", handler="price", exception="KeyError", message="x", count=5, first=0.0, last=1.0)
    codebase = of({"docs/price.md": block("errors", "price", ("ValueError",))})
    (found,) = documentation.detect(Seen(metrics(errors=(error,)), codebase=codebase))
    assert found.metrics["wanted"] == ["KeyError", "ValueError"]
    rare = error.model_copy(update={"count": 1})
    assert documentation.detect(Seen(metrics(errors=(rare,)), codebase=codebase)) == ()


def test_only_the_page_that_says_what_was_seen_is_proven(tmp_path: Path) -> None:
    files = {"docs/order.md": PAGE, "a.py": "X = 1\n", "tests/test_a.py": "def test_a():\n    assert True\n"}
    right = PAGE.replace(
        block("order", "order", ("validate", "reserve", "price", "charge")), block("order", "order", ORDER)
    )
    cause = {
        "type": "documentation", "pattern": "contradicted-page", "file": "docs/order.md", "line": 3, "failures": (),
        "details": {"class": "docs", "tool": "page", "wanted": "\n".join(ORDER)}, "failing_tests": (),
    }  # fmt: skip
    case = Case(tmp_path, files, [{"docs/order.md": "# Order\n"}, {"docs/order.md": right}],
                failing=(), checks=(PYTEST,), diagnosis=cause)  # fmt: skip
    verdict = case.prove()
    assert verdict.proven, verdict.refusals
    assert "does not say what telemetry shows" in verdict.refusals[0]
    assert seen(verdict)["documentation read again"] == (True, "the page says what telemetry shows")


def test_a_contradicted_page_is_healed_from_the_command(tmp_path: Path) -> None:
    checkout, options = kinds.broken(tmp_path, "behavioral")
    kinds.mend(checkout, options, "behavioral")
    (checkout / "docs").mkdir()
    (checkout / "docs/order.md").write_text(PAGE)
    done = heal(checkout, *options[2:])
    assert done.code == 0, done.told
    assert "+2. `price`" in done.patch
