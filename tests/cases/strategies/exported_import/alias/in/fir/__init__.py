"""Firs."""

import os
from fir.core import total
from .core import (
    SIZE,
    shown as shown_too,
)
from json import dumps
