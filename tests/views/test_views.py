"""The four views: what they say of a known run, as JSON, Markdown and SVG, whatever the names in it are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from defusedxml.ElementTree import fromstring

from bot import messages, viewing
from bot.codebase import of
from bot.commands.program import program
from bot.model import TelemetryMetrics
from bot.telemetry.pipeline import metrics_of
from bot.views import NAMES, VIEWS, Seen, of_anomaly
from bot.views.drawing import label, milliseconds, shown
from tests import make
from tests.deliver.test_messages import facts, validation
from tests.deliver.world import patch

HOSTILE = 'a"]; click b0 "javascript:x" <script>alert(1)</script> | `x` \n--> </svg>&amp;'
BEATS = ("shop.load", "shop.price", "shop.save")
SEQUENCE = {
    "id": "order",
    "name": "Order",
    "movements": [
        {
            "id": "m",
            "name": "M",
            "beats": [
                {"beat": n, "event": "e", "handler": name, "kind": "pure", "timing": "immediate", "expected_ms": 20}
                for n, name in enumerate(BEATS, 1)
            ],
        }
    ],
}


def event(minute: int, second: int, kind: str, **fields: object) -> str:
    return json.dumps({"timestamp": f"2026-11-20T10:{minute:02}:{second:02}.000Z", "event": kind, **fields})


def events(folder: Path, names: tuple[str, ...] = BEATS, extra: int = 0) -> Path:
    """Write twenty executions; in the last two the first two beats are swapped, from the tenth on one is slow."""
    lines = []
    for number in range(20):
        order = [names[1], names[0], names[2]] if number >= 18 else list(names)
        for at, name in enumerate(order):
            took = {0: 10.0, 1: 90.0 if number >= 14 else 30.0, 2: 5.0}[names.index(name)]
            about = {"handler": name, "sequence": "order", "execution": f"e{number}"}
            lines.append(event(number, at * 5, "beat-started", **about))
            lines.append(event(number, at * 5 + 1, "beat-completed", duration_ms=took, **about))
    lines += [event(30, 0, "beat-completed", handler=f"other{n}", duration_ms=float(n)) for n in range(extra)]
    lines += [event(30, 1, "error", handler="other0", error="ValueError: x")] * bool(extra)
    (folder / "events.jsonl").write_text("\n".join(lines) + "\n")
    return folder / "events.jsonl"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    import subprocess

    made = tmp_path / "repo"
    (made / "sequences").mkdir(parents=True)
    (made / "sequences" / "order.json").write_text(json.dumps(SEQUENCE))
    (made / "shop.py").write_text("def load():\n    return 1\n\n\ndef price():\n    return 2\n")
    (made / "test_shop.py").write_text("from shop import load\n\n\ndef test_load():\n    assert load() == 1\n")
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *command], cwd=made, check=True)
    return made


def view(*arguments: str) -> str:
    result = CliRunner().invoke(program, ["view", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def as_json(*arguments: str) -> Any:
    return json.loads(view(*arguments, "--format", "json"))


def test_the_heatmap_names_the_ten_slowest_handlers_and_shows_when(tmp_path: Path) -> None:
    found = as_json("heatmap", str(events(tmp_path, extra=30)))
    assert found["slowest"] == ["shop.price", *(f"other{n}" for n in range(29, 20, -1))]
    price = found["rows"][0]
    late = [cell["ratio"] for cell in price["cells"] if cell["ratio"] is not None]
    assert late[0] == pytest.approx(1, abs=0.05)
    assert late[-1] == pytest.approx(3, abs=0.1)
    text = view("heatmap", str(events(tmp_path)))
    assert "| `shop.price` | 20 | 48 ms | 90 ms | 0.0% | 🟩" in text
    assert "🟥" in text


def test_the_flow_shows_the_declared_order_and_where_it_is_left(tmp_path: Path, repo: Path) -> None:
    (one,) = as_json("flow", str(events(tmp_path)), "--repo", str(repo))["sequences"]
    assert (one["declared"], one["violations"]) == (list(BEATS), 2)
    assert [(order["count"], order["diverges"]) for order in one["orders"]] == [(18, None), (2, 0)]
    text = view("flow", str(events(tmp_path)), "--sequences", str(repo / "sequences"))
    assert '  b1["shop.load"]' in text
    assert "  b1 -- 18 --> b2" in text
    assert "linkStyle 2,3 stroke:#cf222e" in text
    undeclared = view("flow", str(events(tmp_path)))
    assert "not declared" in undeclared
    assert "linkStyle" not in undeclared


def test_the_coverage_report_ranks_by_use_and_says_what_no_test_reaches(tmp_path: Path, repo: Path) -> None:
    found = as_json("coverage", str(events(tmp_path)), "--repo", str(repo))
    rows = {row["handler"]: (row["reached"], row["file"], row["line"]) for row in found["rows"]}
    assert rows == {
        "shop.load": (True, "shop.py", 1),
        "shop.price": (False, "shop.py", 5),
        "shop.save": (None, "", 0),
    }
    assert found["tested_share"] == 0.5
    assert "| `shop.price` | 20 | 33.3% | **no** | `shop.py:5` |" in view(
        "coverage", str(events(tmp_path)), "--repo", str(repo)
    )
    assert "No tests are known." in view("coverage", str(events(tmp_path)))


def test_the_timeline_puts_the_beats_one_after_the_other(tmp_path: Path) -> None:
    found = as_json("timeline", str(events(tmp_path, extra=2)))
    order, others = found["sequences"]
    assert [(beat["handler"], beat["start"], beat["end"]) for beat in order["beats"]] == [
        ("shop.load", 0.0, 10.0),
        ("shop.price", 10.0, 40.0),
        ("shop.save", 40.0, 45.0),
    ]
    assert [beat["handler"] for beat in others["beats"]] == ["other0", "other1"]
    text = view("timeline", str(events(tmp_path, extra=2)))
    assert "shop.price :222, 889" in text
    assert "other0 :crit, 0, 1" in text


@pytest.mark.parametrize("name", NAMES)
def test_every_form_survives_hostile_names_and_nothing_at_all(name: Any, tmp_path: Path) -> None:
    hostile = metrics_of([events(tmp_path, (HOSTILE, HOSTILE * 9, "\x00\u202e"), extra=1)])
    for metrics in (hostile, TelemetryMetrics()):
        seen = viewing.seen(metrics, of({}))
        root = fromstring(viewing.drawn((name, "svg"), seen))
        assert not [node for node in root.iter() if node.tag.endswith("script")]
        text = viewing.drawn((name, "md"), seen)
        for block in text.split("```mermaid")[1:]:
            inside = block.split("```")[0]
            assert "<" not in inside.replace("<br", "")
            assert "click b0" not in [line.strip()[:8] for line in inside.splitlines()]
            assert ";" not in inside
        assert json.loads(viewing.drawn((name, "json"), seen))["view"] == name


def test_labels_and_durations() -> None:
    assert label("") == "_"
    assert label("x" * 60, most=10) == "x" * 9 + "_"
    assert shown("<" + "x" * 60, most=10) == "&lt;xxx…xxxx"
    assert [milliseconds(value) for value in (0.01234, 12.345, 1234, 65_000)] == [
        "0.0123 ms",
        "12.3 ms",
        "1,234 ms",
        "65.0 s",
    ]


def test_a_pull_request_carries_the_view_of_its_type(tmp_path: Path) -> None:
    metrics = metrics_of([events(tmp_path)])
    slow = make.anomaly(type="performance", handler="shop.price")
    assert of_anomaly(slow, metrics).startswith("The slowest handlers")
    wrong = {"expected": list(BEATS), "observed": [BEATS[1], BEATS[0]], "count": 2}
    order = make.anomaly(type="behavioral", sequence="order", metrics=wrong)
    assert "b2 -- 2 --> b1" in of_anomaly(order, metrics)
    gap = make.anomaly(type="coverage", handler="shop.save", metrics={"file": "shop.py", "line": 3})
    assert "| `shop.save` | 20 | 33.3% | **no** | `shop.py:3` |" in of_anomaly(gap, metrics, (slow, gap))
    told = make.anomaly(type="coverage", handler="save", metrics={"file": "a.py", "line": 3, "count": 5, "share": 0.25})
    alone = of_anomaly(told, TelemetryMetrics())
    assert alone.startswith("Tests reach 75% of what is used and known.")
    assert "| `save` | 5 | 25.0% | **no** | `a.py:3` |" in alone
    assert "gantt" in of_anomaly(make.anomaly(type="state"), metrics)
    for nothing in (None, make.anomaly(type="error"), make.anomaly(type="behavioral", metrics={})):
        assert of_anomaly(nothing, metrics) == ""
    assert of_anomaly(slow, TelemetryMetrics()) == ""
    body = messages.body(facts(view=of_anomaly(slow, metrics)), validation(patch(), ""))
    assert "### What was seen\n\nThe slowest handlers" in body
    assert "### What was seen" not in messages.body(facts(), validation(patch(), ""))


def test_drawing_needs_no_more_than_what_is_seen() -> None:
    assert "No handler was seen" in VIEWS["heatmap"].markdown(VIEWS["heatmap"].data(Seen(TelemetryMetrics())))
