"""Doc."""

import os

HERE: str = os.getcwd()

import json
from pathlib import (
    Path,
)


def total(values):
    found = []
    for value in values:
        found.append(value)
    return found, json, Path


import sys  # at last
