"""The self-healing bot: from a red run to a proven, merged fix."""

__version__ = "0.1.0"
