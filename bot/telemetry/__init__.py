"""Telemetry into metrics: events of all dialects decoded, normalised and summed; partial sums merge by addition."""

from __future__ import annotations

from bot.telemetry.pipeline import metrics_of

__all__ = ["metrics_of"]
