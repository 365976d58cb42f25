"""Django's own test command, as a run of pytest with pytest-django: the same tests, settings and test database.

pytest tells the outcome of each test, which `manage.py test` does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

import re2

from bot.checks.discovery.calls import exists
from bot.checks.discovery.config import Config
from bot.checks.discovery.invocations import Invocation
from bot.checks.discovery.pins import Pins
from bot.model import Check

_STYLE = re2.compile(r"(?m)^from (?:django\.test|rest_framework\.test)\b")
_SETTINGS = re2.compile(r"DJANGO_SETTINGS_MODULE['\"]\s*[,\]]\s*=?\s*['\"]([\w.]+)['\"]")
_NAMES = "test*.py"
"""The files that Django's runner looks into."""


def django_check(config: Config, made: tuple[Invocation, ...], tests: tuple[str, ...]) -> Check | None:
    """Return the check that runs a Django project's tests, None where they are not written for Django or not called."""
    call = next((found for one in made if (found := _test_call(one))), None)
    if call is None and not any(_STYLE.search(config.files[path]) for path in tests):
        return None
    manage = min((path for path in config.files if PurePosixPath(path).name == "manage.py"), key=_depth, default="")
    if call is None and not manage:
        return None
    cwd = call.cwd if call else str(PurePosixPath(manage).parent)
    settings = _settings(config, call, manage)
    words = call.arguments if call else ()
    return Check(
        name="django",
        kind="test",
        tool="pytest",
        argv=("python", "-m", "pytest", "-o", f"python_files={_NAMES}", *settings, *_paths(config, cwd, words)),
        cwd=cwd,
        found_in=call.found_in if call else manage,
        runner="pytest",
        needs=(*Pins(config, made).requirements("pytest"), *Pins(config, made).requirements("pytest-django")),
        env=call.env if call else {},
    )


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _test_call(call: Invocation) -> Invocation | None:
    """Return a call of Django's test command, with the words after `test` as its arguments."""
    words = call.arguments
    own = call.tool == "manage.py" or (call.tool == "python" and words[:1] and words[0].endswith("manage.py"))
    if (own or call.tool in {"django", "django-admin"}) and "test" in words[:2]:
        rest = words[words.index("test") + 1 :]
        return Invocation("django", rest, call.env, call.cwd, call.found_in, call.rank)
    return None


def _settings(config: Config, call: Invocation | None, manage: str) -> Iterator[str]:
    """Yield the option for the settings module: named by the call, its environment, or manage.py."""
    words = call.arguments if call else ()
    named = [word.partition("=")[2] for word in words if word.startswith("--settings=")]
    named += [words[place + 1] for place, word in enumerate(words[:-1]) if word == "--settings"]
    named += [call.env["DJANGO_SETTINGS_MODULE"]] if call and "DJANGO_SETTINGS_MODULE" in call.env else []
    if manage and (found := _SETTINGS.search(config.files[manage])):
        named.append(found.group(1))
    if named:
        yield f"--ds={named[0]}"


def _paths(config: Config, cwd: str, words: tuple[str, ...]) -> Iterator[str]:
    """Yield the test labels that are folders or modules of the project."""
    for place, word in enumerate(words):
        if word.startswith("-") or (place and words[place - 1] == "--settings"):
            continue
        path = word.replace(".", "/") if "/" not in word and not word.endswith(".py") else word
        yield from [found for found in (path, f"{path}.py") if exists(config.files, cwd, found)][:1]
