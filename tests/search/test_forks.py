"""Work done in a fork of its own, tried in a process of its own: that of the tests has threads."""

from __future__ import annotations

import subprocess
import sys

LEFT_BEHIND = """
import os, time
from bot.search.box.forks import lines

def work(emit):
    if os.fork() == 0:
        time.sleep(600)
    emit({"at": 1})

print(list(lines(work, lambda: 600)))
"""
QUIET = """
import time
from bot.search.box.forks import lines

def work(emit):
    emit({"at": 1})
    time.sleep(600)

print(list(lines(work, lambda: 0.2)))
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)
    return done.stdout.strip()


def test_processes_that_the_work_leaves_behind_do_not_hold_it_up() -> None:
    assert run(LEFT_BEHIND) == "[{'at': 1}]"


def test_what_is_quiet_for_too_long_is_ended_and_keeps_what_it_said() -> None:
    assert run(QUIET) == "[{'at': 1}]"
