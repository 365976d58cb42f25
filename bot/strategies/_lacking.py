"""What Python says of a name that a module does not have, or of a module that is not there."""

from __future__ import annotations

import re2

NO_ATTRIBUTE = re2.compile(r"module '([\w.]+)' has no attribute '(\w+)'")
NO_NAME = re2.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
NO_MODULE = re2.compile(r"No module named '([\w.]+)'")
