"""The recorder for users' code: its parts, put together as one file that needs nothing but Python 3.8."""

from __future__ import annotations

import ast
from pathlib import Path

NAME = "selfheal_recorder.py"
PARTS = ("values", "targets", "beats", "plugin")
HEAD = '''\
"""Records what functions do as beat events. One file, standard library only, Python 3.8 and later: copy it anywhere.

    from selfheal_recorder import beat, execution, record

    @record                                   # or @record(sequence="order", number=1, values=True, sample=0.1)
    def price(cart): ...

    with execution("order", "order-17"):      # beats inside belong to this run of the sequence
        price(cart)
        with beat("pay") as step:
            step.note(state={"total": 12})

Nothing is recorded until there is a target: SELFHEAL_TELEMETRY (or `configure`) names a file, a folder (one file for
each process) or the http(s) address of an OTLP receiver, with SELFHEAL_TOKEN as its bearer token. SELFHEAL_VALUES=1
adds arguments and results, SELFHEAL_SAMPLE=0.1 takes a tenth, SELFHEAL_REDACT=iban,name hides more fields than the
usual. `python -m pytest -p selfheal_recorder --selfheal FILE` records a test run.

Trouble of the recorder is never the program's: what could not be written is counted in `stats()`. A process that is
killed loses its last half second.
"""

from __future__ import annotations

'''
SNIPPET = """\
      - run: python -m pytest -p selfheal_recorder --selfheal selfheal-telemetry.jsonl
        env:
          SELFHEAL_VALUES: "1" # arguments and results of recorded functions too, secrets taken out
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: selfheal-telemetry
          path: selfheal-telemetry.jsonl
"""


def source() -> str:
    """Return the text of the recorder as one file."""
    imports: set[str] = set()
    bodies = []
    for part in PARTS:
        text = (Path(__file__).parent / f"{part}.py").read_text(encoding="utf-8")
        found, body = _split(text)
        imports |= found
        bodies.append(body)
    plain = sorted(one for one in imports if one.startswith("import "))
    named = [f"from typing import {', '.join(sorted(_typing(imports)))}"]
    names = '__all__ = ["Beat", "add", "beat", "configure", "execution", "flush", "record", "stats"]'
    return HEAD + "\n".join([*plain, *named, "", names, *bodies, "", "listen()", ""])


def _split(text: str) -> tuple[set[str], str]:
    """Return the imports of a part, and its text below them without its docstring."""
    tree = ast.parse(text)
    found = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    rest = next(node for node in tree.body[1:] if node not in found)
    lines = text.splitlines()
    return {ast.unparse(node) for node in found}, "\n".join(lines[rest.lineno - 1 :]).rstrip() + "\n\n"


def _typing(imports: set[str]) -> set[str]:
    known = [one.partition(" import ")[2] for one in imports if one.startswith("from typing ")]
    return {name.strip() for names in known for name in names.split(",")}
