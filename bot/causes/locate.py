"""From an anomaly to a place in the code: the diagnosis of each type, with what it rests on."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from bot.causes.flaky import flaky
from bot.causes.patterns import Function, recognise
from bot.codebase import Codebase, Symbol, of
from bot.codebase.localise import rank
from bot.model import Anomaly, Diagnosis, Failure, RecordedCall, Suspect

TEST_CLASSES = frozenset({"test-failure", "crash", "timeout", "oom"})
CALLS_DEEP = 4  # calls between a slow function and those that are slow because of it
SEEN = 50  # failures of one anomaly whose tracebacks and messages are looked at
DETAILS = ("class", "tool", "exception", "message", "code", "root_line")


def details_of(anomaly: Anomaly) -> dict[str, str]:
    """Return what the anomaly's metrics say of the failure, as text by key, and what the parser noted."""
    noted = {key: value for failure in anomaly.failures for key, value in failure.details}
    known = {key: str(anomaly.metrics.get(key) or "") for key in DETAILS}
    return {**noted, **known}


def failing_of(anomaly: Anomaly) -> tuple[str, ...]:
    """Return the ids of the anomaly's failing tests, each once, in order."""
    return tuple(dict.fromkeys(failure.test_id for failure in anomaly.failures if failure.test_id))


def diagnose_failure(anomaly: Anomaly, codebase: Codebase) -> Diagnosis:
    """Return the diagnosis of an error, state or dependency anomaly: the faulty line and the other suspects."""
    details = details_of(anomaly)
    klass = details["class"] or str(anomaly.metrics.get("pattern", anomaly.type))
    tests = failing_of(anomaly)
    suspects = _suspects(anomaly, codebase, klass, tests)
    first = suspects[0] if suspects else None
    unsteady = flaky(tests, codebase)
    if unsteady:
        details = {**details, "flaky": unsteady.said, "flaky_confidence": str(unsteady.confidence)}
    return Diagnosis(
        anomaly_id=anomaly.id,
        type=anomaly.type,
        file=first.file if first else "",
        function=first.function if first else "",
        line=first.line if first else 0,
        pattern=unsteady.pattern if unsteady else str(anomaly.metrics.get("pattern") or klass),
        confidence=round(anomaly.confidence * (0.5 + 0.5 * first.score if first else 0.3), 3),
        suspects=suspects,
        rests_on=(*([unsteady.said] if unsteady else []), *_rests_on(anomaly, codebase, suspects)),
        failures=anomaly.failures,
        failing_tests=tests,
        affected_tests=tests,
        affected_handlers=(anomaly.handler,) if anomaly.handler else (),
        calls=_calls(anomaly),
        details={**details, **(_texts(anomaly) if _told_by_metrics(anomaly) else {})},
    )


def _told_by_metrics(anomaly: Anomaly) -> bool:
    """Return whether the metrics say more than a failure's own facts do."""
    return anomaly.type in ("state", "documentation") or not anomaly.failures


def _suspects(anomaly: Anomaly, codebase: Codebase, klass: str, tests: tuple[str, ...]) -> tuple[Suspect, ...]:
    frames = _frames(anomaly, codebase)
    ran = klass in TEST_CLASSES or evaluated(anomaly)
    if ran and codebase.spectrum is not None and tests:
        first = anomaly.failures[:SEEN]
        stacks, messages = [one.frames for one in first], [one.message for one in first]
        ranked = rank(codebase.spectrum, tests, codebase, stacks=stacks, messages=messages)
        if ranked:
            return ranked[:50]
    return frames or _pointed_at(anomaly, codebase) or _of_handler(anomaly, codebase)


def evaluated(anomaly: Anomaly) -> bool:
    """Return whether failures end in text that running tests made into code (`eval`), so that no file is to blame."""
    ends = [failure.frames[-1].file for failure in anomaly.failures if failure.frames]
    return bool(ends) and all(file.startswith("<") for file in ends)


def _of_handler(anomaly: Anomaly, codebase: Codebase) -> tuple[Suspect, ...]:
    """Return the handler's own function, where telemetry names the handler and nothing more."""
    recorded = anomaly.metrics.get("tool") == "telemetry" or anomaly.type == "state"
    symbol = _handler_symbol(anomaly, codebase) if recorded else None
    if symbol is None:
        return ()
    return (Suspect(file=symbol.file, function=symbol.qualname, line=symbol.line, score=0.5),)


def _frames(anomaly: Anomaly, codebase: Codebase) -> tuple[Suspect, ...]:
    places: dict[tuple[str, int], str] = {}
    for failure in anomaly.failures:
        for frame in reversed(failure.frames):
            if frame.file in codebase.files:
                places.setdefault((frame.file, frame.line), frame.function)
    tested_last = sorted(places, key=lambda place: codebase.is_test(place[0]))
    return tuple(
        Suspect(
            file=file, function=_function(codebase, file, line) or places[file, line], line=line, score=0.9 / (n + 1)
        )
        for n, (file, line) in enumerate(tested_last)
    )


def _pointed_at(anomaly: Anomaly, codebase: Codebase) -> tuple[Suspect, ...]:
    places = [(failure.file, failure.line or 1) for failure in anomaly.failures if failure.file in codebase.files]
    places += [_metric_place(anomaly)] if anomaly.metrics.get("file") in codebase.files else []
    return tuple(
        Suspect(file=str(file), function=_function(codebase, str(file), line), line=line, score=0.9)
        for file, line in dict.fromkeys(places)
    )


def _metric_place(anomaly: Anomaly) -> tuple[str, int]:
    return str(anomaly.metrics["file"]), int(anomaly.metrics.get("line") or 1)


def _function(codebase: Codebase, file: str, line: int) -> str:
    symbol = codebase.function_at(file, line)
    return symbol.qualname if symbol else ""


def _rests_on(anomaly: Anomaly, codebase: Codebase, suspects: tuple[Suspect, ...]) -> tuple[str, ...]:
    said = [_said(failure) for failure in anomaly.failures[:3]]
    if codebase.spectrum is not None and failing_of(anomaly):
        said.append("coverage by test (Ochiai)")
    cures = [one for one in codebase.info.cures if {*one.tests} & {*failing_of(anomaly)}]
    said += [f"an edit of {one.file}:{one.line}, tried out, makes the failing tests pass" for one in cures[:1]]
    if any(suspect.line in codebase.changed.get(suspect.file, ()) for suspect in suspects[:5]):
        said.append(f"lines changed since {codebase.info.good[:10]}")
    return tuple(said)


def _said(failure: Failure) -> str:
    where = f"{failure.log}:{failure.root_line_no}: " if failure.log else ""
    return f"{where}{failure.root_line.strip() or failure.message}"[:300]


def diagnose_slow(anomaly: Anomaly, codebase: Codebase) -> Diagnosis:
    """Return the diagnosis of a performance anomaly: the handler's function and the costliest pattern in it."""
    symbol = _handler_symbol(anomaly, codebase)
    node = function_node(codebase, symbol) if symbol else None
    hits = recognise(node) if node else ()
    pattern = hits[0].pattern if hits else "slow"
    line = hits[0].line if hits else symbol.line if symbol else 0
    suspects = tuple(
        Suspect(file=symbol.file, function=symbol.qualname, line=hit.line, score=round(0.9 / (n + 1), 3))
        for n, hit in enumerate(hits)
        if symbol
    )
    basis = f"pattern {pattern} at line {line}" if hits else "no costly pattern recognised in the function"
    return _found(anomaly, codebase, Place(symbol, pattern, basis, line, suspects))


def diagnose_flow(anomaly: Anomaly, codebase: Codebase) -> Diagnosis:
    """Return the diagnosis of a behavioral anomaly: the first divergence and the code that calls the handlers."""
    wanted = [str(name) for name in anomaly.metrics.get("expected", ())]
    caller = _sequence_symbol(anomaly, codebase) or _caller(codebase, wanted)
    diverged = str(anomaly.metrics.get("first_divergence", ""))
    basis = f"first divergence: {diverged}" if diverged else "order of the beats"
    found = _found(anomaly, codebase, Place(caller, str(anomaly.metrics.get("pattern", "order")), basis))
    return found.model_copy(update={"calls": _calls_of(caller, found.calls, codebase) if caller else ()})


def _calls_of(caller: Symbol, calls: tuple[RecordedCall, ...], codebase: Codebase) -> tuple[RecordedCall, ...]:
    """Return the recorded calls of a function, else those of a step that it hands its own parameters on to."""
    own = tuple(call for call in calls if call.handler.rpartition(".")[2] == caller.name)
    node = function_node(codebase, caller)
    if own or node is None:
        return own
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    given = [name for name in names if name not in ("self", "cls")]
    for call in (n for n in ast.walk(node) if isinstance(n, ast.Call) and given):
        if [getattr(argument, "id", "") for argument in call.args] == given and not call.keywords:
            handed = tuple(one for one in calls if one.handler.rpartition(".")[2] == _call_name(call))
            if handed:
                return handed
    return ()


def diagnose_gap(anomaly: Anomaly, codebase: Codebase) -> Diagnosis:
    """Return the diagnosis of a coverage or documentation anomaly: the untested function or the stale section."""
    if anomaly.metrics.get("file") in codebase.files:
        found = diagnose_failure(anomaly, codebase)
        return found.model_copy(update={"calls": _calls(anomaly)})
    symbol = _handler_symbol(anomaly, codebase)
    pattern = str(anomaly.metrics.get("pattern") or ("untested" if anomaly.type == "coverage" else "docs"))
    return _found(anomaly, codebase, Place(symbol, pattern, anomaly.description))


def follows(anomaly: Anomaly, others: Iterable[Anomaly], codebase: Codebase) -> bool:
    """Return whether a slow handler is slow because it calls another slow one, whose code changed since the good one.

    Its own code did not change, so there is nothing in it to repair.
    """
    symbol = _handler_symbol(anomaly, codebase)
    if symbol is None or _changed(symbol, codebase):
        return False
    slow = [found for one in others if one is not anomaly and (found := _handler_symbol(one, codebase))]
    waiting = [one for one in slow if _changed(one, codebase)]
    seen = set(waiting)
    for _ in range(CALLS_DEEP):
        calls = [call for one in waiting for call in codebase.callers(one)]
        if any(call.file == symbol.file and call.caller == symbol.qualname for call in calls):
            return True
        above = [codebase.function_at(call.file, call.line) for call in calls]
        waiting = [one for one in dict.fromkeys(above) if one is not None and one not in seen]
        seen.update(waiting)
    return False


def _changed(symbol: Symbol, codebase: Codebase) -> bool:
    """Return whether a function is another than in the last good version, or new."""
    old = codebase.good.get(symbol.file)
    if old is None or old == codebase.text(symbol.file):
        return bool(codebase.good) and old is None
    before = of({symbol.file: old})
    there = next((one for one in before.symbols(symbol.file) if one.qualname == symbol.qualname), None)
    return there is None or _lines_of(there, before) != _lines_of(symbol, codebase)


def _lines_of(symbol: Symbol, codebase: Codebase) -> list[str]:
    return codebase.text(symbol.file).splitlines()[(symbol.start or symbol.line) - 1 : symbol.end_line]


def refuted(anomaly: Anomaly, codebase: Codebase) -> bool:
    """Return whether a function said to be untested is run by a test, now that it was measured."""
    told, spectrum = anomaly.metrics, codebase.spectrum
    if told.get("pattern") != "untested" or spectrum is None or told.get("file") not in codebase.files:
        return False
    found = [one for one in codebase.symbols(str(told["file"])) if one.qualname == told.get("function")]
    return any(spectrum.tests_of(one.file, range(one.line + 1, one.end_line + 1)) for one in found)


@dataclass(frozen=True)
class Place:
    """A place in the code with the pattern found there and what that rests on; `line` 0 is the symbol's own."""

    symbol: Symbol | None
    pattern: str
    basis: str
    line: int = 0
    suspects: tuple[Suspect, ...] = ()

    def all_suspects(self) -> tuple[Suspect, ...]:
        """Return the suspects, or the symbol itself when there are none."""
        if self.suspects or self.symbol is None:
            return self.suspects
        line = self.line or self.symbol.line
        return (Suspect(file=self.symbol.file, function=self.symbol.qualname, line=line, score=0.6),)


def _found(anomaly: Anomaly, codebase: Codebase, place: Place) -> Diagnosis:
    symbol, suspects = place.symbol, place.all_suspects()
    sure = 0.9 if place.suspects else 0.6 if symbol else 0.3
    return Diagnosis(
        anomaly_id=anomaly.id,
        type=anomaly.type,
        file=symbol.file if symbol else "",
        function=symbol.qualname if symbol else "",
        line=suspects[0].line if suspects else 0,
        pattern=place.pattern,
        confidence=round(anomaly.confidence * sure, 3),
        suspects=suspects,
        rests_on=(place.basis, *anomaly.evidence[:3]),
        failures=anomaly.failures,
        failing_tests=failing_of(anomaly),
        affected_tests=_tests_of(codebase, symbol),
        affected_handlers=(anomaly.handler,) if anomaly.handler else (),
        calls=_calls(anomaly),
        details={**details_of(anomaly), **_texts(anomaly)},
    )


def _tests_of(codebase: Codebase, symbol: Symbol | None) -> tuple[str, ...]:
    if symbol is None or codebase.spectrum is None:
        return ()
    return codebase.spectrum.tests_of(symbol.file, range(symbol.line, symbol.end_line + 1))


def _calls(anomaly: Anomaly) -> tuple[RecordedCall, ...]:
    return tuple(RecordedCall.model_validate(call) for call in anomaly.metrics.get("calls", ()))


def _texts(anomaly: Anomaly) -> dict[str, str]:
    plain = {key: str(value) for key, value in anomaly.metrics.items() if isinstance(value, str | int | float)}
    lists = {key: value for key, value in anomaly.metrics.items() if isinstance(value, list | tuple)}
    named = {key: value for key, value in lists.items() if value and all(isinstance(one, str) for one in value)}
    return plain | {key: "\n".join(value) for key, value in named.items()}


def _handler_symbol(anomaly: Anomaly, codebase: Codebase) -> Symbol | None:
    name = (anomaly.handler or "").rpartition(".")[2].rpartition("::")[2].partition("[")[0]
    found = [symbol for symbol in codebase.find(name) if symbol.kind in ("function", "method")]
    dotted = [symbol for symbol in found if (anomaly.handler or "").endswith(symbol.qualname)]
    outside = [symbol for symbol in dotted or found if not codebase.is_test(symbol.file)]
    best = outside or dotted or found
    return best[0] if best else None


def function_node(codebase: Codebase, symbol: Symbol) -> Function | None:
    """Return the syntax tree of a function, or None when its file does not parse."""
    tree = codebase.tree(symbol.file)
    for node in ast.walk(tree) if tree else ():
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name == symbol.name and symbol.line <= node.lineno <= symbol.end_line:
            return node
    return None


def _sequence_symbol(anomaly: Anomaly, codebase: Codebase) -> Symbol | None:
    """Return the function after which a sequence is named, with its module or class, None when none or several are."""
    name = anomaly.sequence or ""
    known = codebase.find(name.rpartition(".")[2]) if "." in name else ()
    functions = [one for one in known if one.kind in ("function", "method") and not codebase.is_test(one.file)]
    named = [one for one in functions if f".{codebase.module_name(one.file)}.{one.qualname}".endswith(f".{name}")]
    return named[0] if len(named) == 1 else None


def _caller(codebase: Codebase, wanted: list[str]) -> Symbol | None:
    best: tuple[int, Symbol | None] = (1, None)
    names = {name.rpartition(".")[2] for name in wanted}
    for file in codebase.python_files:
        for symbol in () if codebase.is_test(file) else codebase.symbols(file):
            node = function_node(codebase, symbol) if symbol.kind in ("function", "method") else None
            called = {_call_name(n) for n in ast.walk(node) if isinstance(n, ast.Call)} if node else set()
            if len(called & names) > best[0]:
                best = (len(called & names), symbol)
    return best[1]


def _call_name(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
