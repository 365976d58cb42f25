"""What functions do on inputs seen in the tests and on variations of them: to tell candidates apart."""

from __future__ import annotations

import base64
import copy
import hashlib
import inspect
import pickle
import random
import sys
from typing import Any, Callable, Iterator

from .swap import OverBudget, Sources, ticks
from .watch import alarm

MOST_BYTES = 20_000
MOST_ITEMS = 200
FRESH = ("a", " ", "A", "7")  # what a varied text may get beside what it has
PLAIN = (bool, int, float, str)
WHOLE = 1e15  # floats up to here are written as the whole numbers that they are equal to
LEAST_INPUTS = 40  # for all calls together: more would take too long where a call is slow


class Recorder:
    """Keeps the arguments of the calls of some code objects, pickled, each distinct call once."""

    def __init__(self, codes: dict[Any, str], most: int) -> None:
        self.codes, self.most = codes, most
        self.calls: list[tuple[str, str]] = []
        self.seen: set[tuple[str, bytes]] = set()

    def __enter__(self) -> Recorder:
        sys.setprofile(self._call)
        return self

    def __exit__(self, *_error: object) -> None:
        sys.setprofile(None)

    def _call(self, frame: Any, event: str, _arg: object) -> None:
        name = self.codes.get(frame.f_code) if event == "call" else None
        if name is None or len(self.calls) >= self.most:
            return
        sys.setprofile(None)  # pickling calls the project's own code, which must not be recorded
        try:
            arguments = inspect.getargvalues(frame)
            values = [frame.f_locals[one] for one in arguments.args]
            values += list(frame.f_locals.get(arguments.varargs, ())) if arguments.varargs else []
            data = pickle.dumps((values, frame.f_locals.get(arguments.keywords, {}) if arguments.keywords else {}))
            if len(data) <= MOST_BYTES and (name, data) not in self.seen:
                self.seen.add((name, data))
                self.calls.append((name, base64.b64encode(data).decode()))
        except Exception:  # noqa: BLE001  what can't be pickled is no input
            return
        finally:
            sys.setprofile(self._call)


def inputs(data: str, seed: int, count: int) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """Yield a recorded call's arguments, then variations of them, the same ones for the same seed."""
    raw = base64.b64decode(data)
    for variation in range(count + 1):
        values, named = pickle.loads(raw)  # noqa: S301  made by ourselves inside the sandbox
        rng = random.Random(f"{seed} {variation}")  # noqa: S311
        places = [at for at, value in enumerate(values) if vary(value, random.Random(0)) is not value]  # noqa: S311
        if variation and not places:
            return
        if variation:
            for at in {rng.choice(places), rng.choice(places)}:
                values[at] = related(values, at, rng)
        yield values, named


def related(values: list[Any], at: int, rng: random.Random) -> Any:
    """Return another value for an argument: now and then one that another argument holds, else a near one."""
    own = values[at]
    fields = fields_of(own)
    if fields:
        return other_object(own, fields, [field for value in values for field in fields_of(value).values()], rng)
    held = [part for other in values if isinstance(other, (list, tuple)) for part in other if type(part) is type(own)]
    if held and rng.randrange(3) == 0:
        return rng.choice(held)
    return vary(own, rng)


def vary(value: Any, rng: random.Random) -> Any:
    """Return a value of the same kind that differs a little; the value itself where nothing is known of its kind."""
    kind = type(value)
    if kind is bool:
        return not value
    if kind is int:
        return rng.choice([value + 1, value - 1, value + 2, 0, 1, value * 2, value // 2])
    if kind is float:
        return rng.choice([value + 1, value - 1, value / 2, value * 2])
    return _varied_collection(value, kind, rng)


def _varied_collection(value: Any, kind: Any, rng: random.Random) -> Any:
    if kind is str:
        return "".join(_sequence(list(value), rng, lambda: rng.choice([*value, *FRESH])))
    if kind in (list, tuple):
        return kind(_sequence(list(value), rng, lambda: _element(value, rng)))
    if kind is dict and value:
        return _dictionary(value, rng)
    fields = fields_of(value)
    return other_object(value, fields, [], rng) if fields else value


def _dictionary(value: Any, rng: random.Random) -> Any:
    """Return the dictionary without a key, with two values exchanged, or with another value for a key."""
    key, way = rng.choice(list(value)), rng.randrange(4)
    if way == 0:
        return {one: kept for one, kept in value.items() if one != key}
    pairs = exchangeable(value)
    if way == 1 and pairs:
        one, two = rng.choice(pairs)
        return {**value, one: value[two], two: value[one]}
    return {**value, key: vary(value[key], rng)}


def exchangeable(held: Any) -> list[tuple[Any, Any]]:
    """Return the pairs of keys whose values may stand for one another: of one kind, or one of them missing."""
    rows = list(held.items())
    return [
        (one, two)
        for at, (one, mine) in enumerate(rows)
        for two, its in rows[at + 1 :]
        if mine is not its and _alike(mine, its)
    ]


def _alike(one: Any, two: Any) -> bool:
    missing = one is None or two is None
    return type(one) is type(two) or (missing and not _plain(one) and not _plain(two))


def _plain(value: Any) -> bool:
    return type(value) in PLAIN


def fields_of(value: Any) -> dict[str, Any]:
    """Return the numbers, texts and truths that an instance of a class of the project's own holds, by name."""
    kind = type(value)
    if kind.__module__ == "builtins" or isinstance(value, type) or inspect.isroutine(value) or inspect.ismodule(value):
        return {}
    state = getattr(value, "__dict__", None)
    held = state if isinstance(state, dict) else {name: getattr(value, name, None) for name in _slots(kind)}
    return {name: part for name, part in held.items() if _plain(part)}


def _slots(kind: type) -> list[str]:
    slots = getattr(kind, "__slots__", ())
    return [slots] if isinstance(slots, str) else [str(name) for name in slots]


def other_object(value: Any, fields: dict[str, Any], held: list[Any], rng: random.Random) -> Any:
    """Return a copy of an object with two fields exchanged, or one changed to what another holds or something near."""
    pairs = exchangeable(getattr(value, "__dict__", {}))
    if pairs and rng.randrange(3) == 0:
        one, two = rng.choice(pairs)
        return _twin(value, {one: getattr(value, two), two: getattr(value, one)})
    name = rng.choice(sorted(fields))
    alike = [part for part in held if type(part) is type(fields[name])]
    new = rng.choice(alike) if alike and rng.randrange(2) else vary(fields[name], rng)
    return _twin(value, {name: new})


def _twin(value: Any, fields: dict[str, Any]) -> Any:
    """Return a copy of an object with other fields, the object itself where it can't be copied so."""
    try:
        twin = copy.copy(value)
        for name, new in fields.items():
            object.__setattr__(twin, name, new)
    except Exception:  # noqa: BLE001  a stranger's __copy__ may raise anything
        return value
    return twin


def _element(value: Any, rng: random.Random) -> Any:
    return vary(rng.choice(list(value)), rng) if value else 1


def _sequence(items: list[Any], rng: random.Random, fresh: Callable[[], Any]) -> list[Any]:
    """Return the items with one less, twice, exchanged, other or more, their first half, one alone, or none."""
    kind = rng.randrange(8)
    if not items or kind == 0:
        at = rng.randrange(len(items) + 1)
        return [*items[:at], fresh(), *items[at:]]
    at, other = rng.randrange(len(items)), rng.randrange(len(items))
    exchanged = list(items)
    exchanged[at], exchanged[other] = items[other], items[at]
    forms = {
        1: [*items[:at], *items[at + 1 :]],
        2: [*items[:at], items[at], *items[at:]],
        3: exchanged,
        4: [*items[:at], fresh(), *items[at + 1 :]],
        5: items[: len(items) // 2],
        6: [items[at]],
        7: [],
    }
    return forms[kind]


def shape(value: Any, depth: int = 4, above: tuple[int, ...] = ()) -> str:
    """Return a text that is the same for equal values, without addresses; what lies deeper than `depth` is cut."""
    if depth < 0 or id(value) in above:
        return "..."
    inner = (*above, id(value))
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}[{','.join(shape(one, depth - 1, inner) for one in value[:MOST_ITEMS])}]"
    if isinstance(value, (set, frozenset)):
        return f"set[{','.join(sorted(shape(one, depth - 1, inner) for one in value))}]"
    if isinstance(value, dict):
        pairs = [f"{shape(key, depth - 1, inner)}:{shape(one, depth - 1, inner)}" for key, one in value.items()]
        return f"{type(value).__name__}[{','.join(pairs[:MOST_ITEMS])}]"
    return _simple(value) or _object(value, depth, inner)


def readable(value: Any) -> str:
    """Return a value as people write it, where that is the same in every run."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  a stranger's __repr__ may raise anything
        return shape(value, 3)
    return shape(value, 3) if " at 0x" in text or len(text) > 300 else text


def _simple(value: Any) -> str:
    if isinstance(value, float):
        rounded = round(value, 9)
        return repr(int(rounded) if abs(rounded) < WHOLE and rounded == int(rounded) else rounded)
    plain = value is None or isinstance(value, (bool, int, str, bytes, complex))
    return repr(value)[:2000] if plain else ""


def _object(value: Any, depth: int, above: tuple[int, ...]) -> str:
    if inspect.isgenerator(value) or hasattr(value, "__next__"):
        return f"iterator[{','.join(_drained(value, depth, above))}]"
    if inspect.isroutine(value) or isinstance(value, type):
        return str(getattr(value, "__qualname__", ""))
    return f"{type(value).__name__}[{shape(getattr(value, '__dict__', {}), depth - 1, above)}]"


def _drained(value: Any, depth: int, above: tuple[int, ...]) -> Iterator[str]:
    for count, one in enumerate(value):
        if count >= MOST_ITEMS:
            return
        yield shape(one, depth - 1, above)


def answer(function: Callable[..., Any], values: list[Any], named: dict[str, Any]) -> str:
    """Return what a call gives or raises, and what it makes of its arguments, as a text; `*` says that they change."""
    given = shape(values)
    try:
        result = shape(function(*values, **named))
    except Exception as error:  # noqa: BLE001  an exception is an answer too
        return f"raises {type(error).__name__}"
    left = shape(values)
    return f"{result} | {'' if left == given else '*'}{left}"


def brief(text: str) -> str:
    """Return a text short enough to send, still different for different texts."""
    if len(text) <= 160:
        return text
    return f"{text[:120]}...{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


class Behaviour:
    """The recorded calls of a few functions, and what versions of these functions answer to them."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.calls: list[tuple[str, str, str]] = []

    def codes(self, functions: list[list[Any]]) -> dict[Any, str]:
        """Return the live code of functions given as path and line, by a key that names them."""
        found = {}
        for path, line in functions:
            for live in self.lives(path, line):
                found[live.__code__] = f"{path}:{line}"
        return found

    def lives(self, path: str, line: int) -> list[Any]:
        """Return the live functions made from the outermost function that starts at a line."""
        source = self.sources.by_path.get(path)
        functions = [one for one in source.functions if one.line == line] if source else []
        lives: list[Any] = []
        for function in functions:
            for code in function.before.values():
                if code.co_name == function.name and code.co_firstlineno == line:
                    lives += source.live.get((code.co_name, line), ()) if source else ()
        return lives

    def each(self, count: int) -> int:
        """Return how many variations of each call to make: more where only few calls were seen."""
        return max(count, LEAST_INPUTS // max(1, len(self.calls)))

    def answers(self, seed: int, count: int, limit: int, each: float) -> Iterator[str]:
        """Yield what the functions as they are now answer to each call and its variations."""
        for key, data, _ in self.calls:
            path, _, line = key.rpartition(":")
            live = self.lives(path, int(line))[0]
            for values, named in inputs(data, seed, self.each(count)):
                ticks.start(limit)
                try:
                    with alarm(each):
                        yield brief(answer(live, values, named))
                except OverBudget:
                    yield "never ends"

    def shown(self, seed: int, count: int) -> list[list[str]]:
        """Return the calls and their variations as texts with where they come from, in the order of the answers."""
        texts = []
        for key, data, origin in self.calls:
            path, _, line = key.rpartition(":")
            name = self.lives(path, int(line))[0].__qualname__
            for values, named in inputs(data, seed, self.each(count)):
                parts = [readable(value) for value in values]
                parts += [f"{key}={readable(value)}" for key, value in named.items()]
                texts.append([f"{name}({', '.join(parts)})"[:400], origin])
        return texts
