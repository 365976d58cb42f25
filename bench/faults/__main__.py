"""Kills the App at every point of its way and counts what was made: `python -m bench.faults [--short]`.

`--short` spreads the points over a few rounds, several kills in each; the long form has one round for each point. Ends
with 1 when anything was made other than once, or an acknowledged delivery was lost.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.faults.killing import killed, points

ROUNDS = 12
LEAST = 40


def main() -> None:
    """Play all rounds, print a line for each, and say what they come to."""
    whole = points()
    rounds = ROUNDS if "--short" in sys.argv else len(whole)
    reached, faults = 0, 0
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            came = killed(Path(folder), tuple(whole[number::rounds]))
        reached += came.reached
        faults += len(came.faults)
        print(f"{number + 1:3}/{rounds}  {came.reached} of {len(came.points)} kills  {came.seconds:5.1f} s", flush=True)
        for fault in came.faults:
            print(f"       {fault}; killed {', '.join(map(str, came.points))}")
    print(f"{reached} kills at {len(whole)} points, {faults} faults")
    sys.exit(0 if reached >= LEAST and not faults else 1)


if __name__ == "__main__":
    main()
