"""Faults injected into real libraries: for benchmarks of detection, localisation and repair.

    from bench.injector import KINDS, TRAIN, fetch, inject

    library = fetch("inflection", Path("/tmp/libraries"))      # sdist by pip, a git checkout with one commit
    for fault in islice(inject(library.files, ("comparison", "lost-tests"), seed=1), 10):
        fault.kind, fault.type        # 'comparison', 'error': what it is, and the anomaly type it should be found as
        fault.file, fault.function    # where: POSIX path, qualified name ('' at module level)
        fault.lines                   # lines of the faulty file that count as right
        fault.edits                   # new texts by path; write them with library.copy(target, fault.edits)
        fault.said                    # what was done, in words

`inject` yields without looking whether the fault shows: run the tests and take those faults that fail one (type
`error`, `state`, `dependency`), or that the signals of their type show. It shares no code with the repair operators.
"""

from bench.injector.inject import KINDS, SLIPS, inject
from bench.injector.libraries import TEST, TRAIN, Library, fetch
from bench.injector.values import Fault

__all__ = ["KINDS", "SLIPS", "TEST", "TRAIN", "Fault", "Library", "fetch", "inject"]
