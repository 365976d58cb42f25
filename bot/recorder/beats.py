"""The recorder itself: a decorator, a context manager, and when they record."""

from __future__ import annotations

import atexit
import contextlib
import contextvars
import functools
import inspect
import os
import random
import sys
import time
import traceback
from typing import Any, Iterator, NamedTuple

from bot.recorder.targets import Call, File, Http, Plan, counts, program
from bot.recorder.values import NAMES, Copy, given, hidden, returned

MOST_ERROR = 3_800  # characters of an error kept
_NOTHING = object()
_random = random.Random()  # of its own, so that a program's seeded numbers stay the same


class Flow(NamedTuple):
    """One run of a sequence: its names, and whether it is recorded."""

    sequence: str
    execution: str
    taken: bool


class Settings:
    """What is recorded at present and where; without a target nothing is."""

    target: File | Http | None = None
    values, sample, hide = False, 1.0, NAMES


_now = Settings()
_around: contextvars.ContextVar[Flow | None] = contextvars.ContextVar("selfheal_execution", default=None)


def begin(plan: Plan, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Call | None:
    """Return the running beat, or None when it is not recorded; without `kwargs` its values are not asked for."""
    try:
        target, flow = _now.target, _around.get()
        share = _now.sample if plan.sample is None else plan.sample
        taken = flow.taken if flow is not None else share >= 1 or _random.random() < share
        if target is None or not taken:
            return None
        sequence, execution = plan.sequence, ""
        if flow is not None and sequence in ("", flow.sequence):
            sequence, execution = flow.sequence, flow.execution
        context: dict[str, Any] = {}
        if kwargs is not None and (_now.values if plan.values is None else plan.values):
            skip = int(plan.bound)
            context = given(plan.names[skip:], args[skip:], kwargs, _now.hide)
        call = Call(plan, sequence, execution, time.time_ns(), time.perf_counter_ns(), context)
        target.started(call)
        return call
    except Exception:
        counts["dropped"] += 1
        return None


def end(call: Call, result: Any = _NOTHING, error: BaseException | None = None) -> None:
    """Record the end of a beat; an exit, an interrupt or a cancelled task is an end and no error."""
    try:
        took, target = time.perf_counter_ns() - call.clock, _now.target
        if call.context and result is not _NOTHING:
            returned(call.context, result, _now.hide)
        if target is not None:
            target.ended(call, call.at + took, took / 1e6, _told(error) if isinstance(error, Exception) else None)
    except Exception:
        counts["dropped"] += 1


def _told(error: Exception) -> str:
    """Return the traceback without the recorder's own frames, its end when it is long."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__ and frames.tb_next is not None:
        frames = frames.tb_next
    text = hidden("".join(traceback.format_exception(type(error), error, frames, limit=-20)))
    return text if len(text) <= MOST_ERROR else "Traceback (most recent call last):\n" + text[-MOST_ERROR:]


def _wrapped(function: Any, plan: Plan) -> Any:
    """Return the function, recorded, as what it is: a coroutine function, a generator function of either kind."""
    kinds = (
        (inspect.isasyncgenfunction, _async_generator),
        (inspect.iscoroutinefunction, _coroutine),
        (inspect.isgeneratorfunction, _generator),
    )
    make = next((make for known, make in kinds if known(function)), _plain)
    return functools.wraps(function)(make(function, plan))


def _plain(function: Any, plan: Plan) -> Any:
    def recorded(*args: Any, **kwargs: Any) -> Any:
        call = None if _now.target is None else begin(plan, args, kwargs)
        if call is None:
            return function(*args, **kwargs)
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            end(call, error=error)
            raise
        end(call, result)
        return result

    return recorded


def _coroutine(function: Any, plan: Plan) -> Any:
    async def recorded(*args: Any, **kwargs: Any) -> Any:
        call = None if _now.target is None else begin(plan, args, kwargs)
        if call is None:
            return await function(*args, **kwargs)
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            end(call, error=error)
            raise
        end(call, result)
        return result

    return recorded


def _generator(function: Any, plan: Plan) -> Any:
    def recorded(*args: Any, **kwargs: Any) -> Any:
        call = None if _now.target is None else begin(plan, args, kwargs)
        try:
            result = yield from function(*args, **kwargs)
        except BaseException as error:
            if call is not None:
                end(call, error=error)
            raise
        if call is not None:
            end(call)
        return result

    return recorded


def _async_generator(function: Any, plan: Plan) -> Any:
    async def recorded(*args: Any, **kwargs: Any) -> Any:
        call = None if _now.target is None else begin(plan, args, kwargs)
        inner, ended = function(*args, **kwargs), None
        step = inner.__anext__()
        try:
            while True:
                value = await step
                try:
                    sent = yield value
                except GeneratorExit:
                    await inner.aclose()
                    raise
                except BaseException as thrown:
                    step = inner.athrow(thrown)
                else:
                    step = inner.asend(sent)
        except StopAsyncIteration:
            pass
        except BaseException as error:
            ended = error
            raise
        finally:
            if call is not None:
                end(call, error=ended)

    return recorded


class Beat:
    """A block of code as a beat, for `with` and `async with`."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._call: Call | None = None

    def note(self, **context: Any) -> None:
        """Add values to the end of the beat: `args`, `kwargs`, `result`, `state`, `frozen`, `invariants` or others."""
        if self._call is None:
            return
        for name, value in context.items():
            copy = Copy(_now.hide)
            clean = copy.of(value, name)
            exact = copy.whole or name not in ("args", "kwargs", "result")
            (self._call.context if exact else self._call.context.setdefault("shown", {}))[name] = clean

    def __enter__(self) -> Beat:
        self._call = None if _now.target is None else begin(self._plan)
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if self._call is not None:
            end(self._call, error=error)

    async def __aenter__(self) -> Beat:
        return self.__enter__()

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self.__exit__(kind, error, trace)


def beat(handler: str, **options: Any) -> Beat:
    """Return a context manager that records its block; options: `sequence`, `number`, `sample`."""
    return Beat(_plan(handler, **options))


def record(function: Any = None, **options: Any) -> Any:
    """Record every call of a function; options: `handler` (its dotted name), `sequence`, `number`, `values`, `sample`.

    Coroutine functions count from call to end, generators from the first item to the last.
    """
    if function is None:
        return functools.partial(record, **options)
    if isinstance(function, (staticmethod, classmethod)):
        return type(function)(record(function.__func__, **options))
    if not callable(function) or inspect.isclass(function):
        return function
    code, dotted = getattr(function, "__code__", None), getattr(function, "__qualname__", type(function).__name__)
    plan = _plan(options.pop("handler", "%s.%s" % (_module(function), dotted)), **options)
    names = code.co_varnames[: code.co_argcount] if code else ()
    bound = "." in dotted.rpartition("<locals>.")[2] and names[:1] in (("self",), ("cls",))
    return _wrapped(function, plan._replace(names=names, bound=bound))


def _module(function: Any) -> str:
    """Return the module of a function as others import it, also when it is the program that runs."""
    name, around = getattr(function, "__module__", "") or "", getattr(function, "__globals__", {})
    if name not in ("__main__", "__mp_main__"):
        return str(name)
    spec = getattr(around.get("__spec__"), "name", "")
    return str(spec or program(around.get("__file__"))).replace(".__main__", "")


def _plan(handler: str, **options: Any) -> Plan:
    return Plan(handler.replace("<locals>.", "").strip("."), **options)


@contextlib.contextmanager
def execution(sequence: str, name: str = "", sample: float | None = None) -> Iterator[str]:
    """Make the beats inside one run of a sequence, all of them sampled or none; gives its name, a new one without."""
    name = name or os.urandom(8).hex()
    share = _now.sample if sample is None else sample
    token = _around.set(Flow(sequence, name, share >= 1 or _random.random() < share))
    try:
        yield name
    finally:
        with contextlib.suppress(ValueError):  # a generator may end in another context
            _around.reset(token)


def add(handler: str, start: float, seconds: float, error: str | None = None, **context: Any) -> None:
    """Record a beat that is over: its start in UTC seconds since 1970, how long it took, and its error's text."""
    target, clean = _now.target, Copy(_now.hide).of(context)
    if target is not None:
        call = Call(_plan(handler), "", "", int(start * 1e9), 0, clean)
        target.started(call)
        target.ended(call, call.at + int(seconds * 1e9), seconds * 1e3, error and hidden(error)[-MOST_ERROR:])


def configure(
    target: str, token: str = "", values: bool = False, sample: float = 1.0, redact: tuple[str, ...] = ()
) -> None:
    """Record to a file, a folder or an OTLP address from now on; an empty target records nothing any more."""
    before, remote = _now.target, target.startswith(("http://", "https://"))
    _now.values, _now.sample = values, sample
    _now.hide = (*NAMES, *(name.lower() for name in redact if name))
    _now.target = (
        None if not target else Http(target, token, _when_children_end) if remote else File(target, _when_children_end)
    )
    if before is not None:
        before.close()


def flush() -> None:
    """Write what is held; this happens by itself with the next event after half a second, and at the end."""
    if _now.target is not None:
        _now.target.flush(last=True)


def stats() -> dict[str, int]:
    """Return how many events (spans, for OTLP) were written and how many could not be."""
    return dict(counts)


def _when_children_end() -> None:
    """Processes of `multiprocessing` end without `atexit`; what they run instead is asked to write too."""
    util: Any = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.Finalize(None, flush, exitpriority=10)


def _before_fork() -> None:
    if _now.target is not None:
        _now.target.before_fork()


def _after_fork() -> None:
    _random.seed()
    if _now.target is not None:
        _now.target.forked()


def _from_environment() -> None:
    said = os.environ.get
    try:
        share = float(said("SELFHEAL_SAMPLE") or 1)
    except ValueError:
        share = 1.0
    redact = tuple(name.strip() for name in (said("SELFHEAL_REDACT") or "").split(","))
    wanted = (said("SELFHEAL_VALUES") or "").lower() in ("1", "true", "yes", "on")
    configure(said("SELFHEAL_TELEMETRY") or "", said("SELFHEAL_TOKEN") or "", wanted, share, redact)


def listen() -> None:
    """Take the settings from the environment, and be told when the process forks or ends."""
    _from_environment()
    atexit.register(flush)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_before_fork, after_in_child=_after_fork)
