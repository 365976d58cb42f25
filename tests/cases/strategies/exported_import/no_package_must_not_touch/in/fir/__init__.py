"""Firs."""

from fir.core import SIZE
from fir.core import total

__all__ = []
