"""A stand-in for GitHub: HTTP over real bare repositories, signed webhooks, runs that really run."""

from tests.github.standin import App, StandIn

__all__ = ["App", "StandIn"]
