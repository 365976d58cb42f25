"""A pytest plugin that notes calls of a project's functions as events, as production telemetry would. Stdlib only.

`SELFHEAL_BENCH_OUT` names the file of events, `SELFHEAL_BENCH_ROOT` the project, `SELFHEAL_BENCH_START` the time of the
first event in seconds. Durations are CPU time, so that a busy machine does not count. At most 300 calls of each
function are noted.
"""

import json
import os
import sys
import time
from datetime import UTC, datetime

MOST = 300


class Recorder:
    """Keeps a stack of running calls; each call ends as a beat of its caller's execution."""

    def __init__(self):
        self.root = os.path.realpath(os.environ["SELFHEAL_BENCH_ROOT"]) + os.sep
        self.start = float(os.environ["SELFHEAL_BENCH_START"])
        self.names, self.counts, self.stack, self.events, self.number = {}, {}, [], [], 0

    def named(self, code):
        if code not in self.names:
            path = os.path.realpath(code.co_filename)
            inside = path.startswith(self.root) and "test" not in path[len(self.root) :]
            inside = inside and "<" not in (code.co_name[0], code.co_filename[0])
            module = path[len(self.root) :].removesuffix(".py").replace("/__init__", "").replace("/", ".")
            self.names[code] = f"{module}.{getattr(code, 'co_qualname', code.co_name)}" if inside else ""
        return self.names[code]

    def profile(self, frame, event, _argument):
        if event == "call" and (name := self.named(frame.f_code)):
            self.number += 1
            self.stack.append((frame, name, self.number, [], time.thread_time_ns()))
        elif event == "return" and self.stack and self.stack[-1][0] is frame:
            _, name, number, beats, began = self.stack.pop()
            spent = (time.thread_time_ns() - began) / 1e6
            if self.stack:
                self.stack[-1][3].append(name)
            self.counts[name] = self.counts.get(name, 0) + 1
            if self.counts[name] <= MOST:
                self.events.append((name, number, beats, spent))

    def write(self):
        with open(os.environ["SELFHEAL_BENCH_OUT"], "w") as out:
            for place, (name, number, beats, spent) in enumerate(self.events):
                at = datetime.fromtimestamp(self.start + place / 1000, UTC).isoformat()
                fields = {"timestamp": at, "event": "beat-completed", "handler": name, "duration_ms": round(spent, 6)}
                out.write(json.dumps(fields) + "\n")
                for beat in beats if len(beats) > 1 else ():
                    fields = {"timestamp": at, "event": "beat-completed", "handler": beat}
                    out.write(json.dumps(dict(fields, sequence=name, execution=f"{name}-{number}")) + "\n")


def pytest_configure(config):
    config.recorder = Recorder()
    sys.setprofile(config.recorder.profile)


def pytest_unconfigure(config):
    sys.setprofile(None)
    config.recorder.write()
