"""Factories with a default for everything, so that a test states only what matters to it."""

from __future__ import annotations

from typing import Any

from bot.model import Anomaly, Diagnosis, Failure, FileEdit, Intake, Patch, Request, TelemetryMetrics


def failure(**over: Any) -> Failure:
    """Return a failing test."""
    fields: dict[str, Any] = {
        "class": "test-failure",
        "tool": "pytest",
        "test_id": "tests/test_a.py::test_x",
        "exception": "AssertionError",
        "message": "assert 1 == 2",
        "file": "tests/test_a.py",
        "line": 3,
        "root_line": "E       assert 1 == 2",
        "root_line_no": 10,
        "cause_key": "AssertionError:assert N == N",
    }
    return Failure(**{**fields, **over})


def anomaly(**over: Any) -> Anomaly:
    """Return an error anomaly with one failure."""
    fields: dict[str, Any] = {
        "id": "a1b2c3d4",
        "type": "error",
        "severity": "high",
        "handler": "test_x",
        "description": "a test fails",
        "confidence": 0.9,
        "metrics": {"class": "test-failure", "tool": "pytest", "exception": "AssertionError"},
        "failures": (failure(),),
    }
    return Anomaly(**{**fields, **over})


def diagnosis(**over: Any) -> Diagnosis:
    """Return a diagnosis of a failing test."""
    fields: dict[str, Any] = {
        "anomaly_id": "a1b2c3d4",
        "type": "error",
        "file": "pkg/a.py",
        "function": "f",
        "line": 2,
        "pattern": "test-failure",
        "confidence": 0.8,
        "details": {"class": "test-failure", "tool": "pytest", "exception": "AssertionError", "message": ""},
    }
    return Diagnosis(**{**fields, **over})


def patch(**over: Any) -> Patch:
    """Return a patch of one line in one file."""
    fields: dict[str, Any] = {
        "id": "p1",
        "anomaly_id": "a1b2c3d4",
        "type": "error",
        "strategy": "search",
        "trust": "review",
        "title": "Use <= in f",
        "why": "the comparison excludes the bound",
        "confidence": 0.9,
        "edits": (FileEdit(path="pkg/a.py", text="def f(a, b):\n    return a <= b\n"),),
        "kinds": {"pkg/a.py": "code"},
        "diff": (
            "--- a/pkg/a.py\n+++ b/pkg/a.py\n@@ -1,2 +1,2 @@\n def f(a, b):\n-    return a < b\n+    return a <= b\n"
        ),
        "files": ("pkg/a.py",),
    }
    return Patch(**{**fields, **over})


def request(**over: Any) -> Request:
    """Return a request with an intake."""
    fields: dict[str, Any] = {
        "request_id": "req-1",
        "repository": "o/n",
        "deadline": 1e12,
        "intake": Intake(repository="o/n"),
    }
    return Request(**{**fields, **over})


def metrics(**over: Any) -> TelemetryMetrics:
    """Return empty metrics."""
    return TelemetryMetrics(**over)
