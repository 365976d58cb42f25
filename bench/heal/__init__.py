"""HealBench: faults of all seven types in real libraries, healed by the command, judged by suite and original code.

    python -m bench.heal [--sample N] [--seed N] [--kind KIND]... [--library NAME]... [--budget SECONDS] [--out FILE]

Each case is a commit after a green one: a new function with a test of its own, and, in four of five cases, one fault
(`bench.injector`). Faults that no check shows come with telemetry recorded from the library's own suite, before and
after. `selfheal heal --good HEAD~1` runs in a process of its own.

A patch is *plausible* when the whole suite passes with it, the new tests included, and *correct* when the faulty
function is the original again, or does the same on all recorded calls; for speed, when nine tenths of the slow-down
are won back; for tests that were lost, when the new ones notice a broken function. It is *wrong* when it was offered
as proven and is not correct.
"""
