"""Give pytest's section of setup.cfg the name that pytest reads, and correct misspelt options of its configuration."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._text import edit
from bot.strategies._workflows import told

_UNKNOWN = re2.compile(r"Unknown config option: (\w+)")
# https://docs.pytest.org/en/stable/reference/reference.html#configuration-options, and those of well-known plugins
_OPTIONS = frozenset(
    "addopts cache_dir collect_imported_tests confcutdir console_output_style doctest_encoding doctest_optionflags"
    " empty_parameter_set_mark enable_assertion_pass_hook faulthandler_timeout filterwarnings junit_duration_report"
    " junit_family junit_log_passing_tests junit_logging junit_suite_name log_auto_indent log_cli log_cli_date_format"
    " log_cli_format log_cli_level log_date_format log_file log_file_date_format log_file_format log_file_level"
    " log_file_mode log_format log_level markers minversion norecursedirs python_classes python_files"
    " python_functions pythonpath required_plugins testpaths tmp_path_retention_count tmp_path_retention_policy"
    " truncation_limit_chars truncation_limit_lines usefixtures verbosity_assertions verbosity_test_cases"
    " xfail_strict asyncio_mode asyncio_default_fixture_loop_scope timeout timeout_method env"
    " DJANGO_SETTINGS_MODULE mock_use_standalone_module".split()
)
_FILES = ("pytest.ini", "setup.cfg", "tox.ini", "pyproject.toml")


def _option(name: str, meant: str, codebase: Codebase) -> tuple[FileEdit, ...]:
    pattern = re2.compile(rf"^(\s*){name}(\s*=)")
    for path in _FILES:
        lines = split_lines(codebase.files.get(path, ""))
        hits = [i for i, line in enumerate(lines) if pattern.search(line)]
        if len(hits) == 1:
            lines[hits[0]] = str(pattern.sub(rf"\1{meant}\2", lines[hits[0]]))
            return edit(path, codebase.text(path), "".join(lines))
    return ()


@strategy(
    causes=("test-failure", "error", "actions-config", "import-error", "no-tests-collected", "none"),
    trust="glance",
    prior=0.85,
)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield the corrections that pytest's own words ask for."""
    said = told(diagnosis, codebase)
    text = codebase.files.get("setup.cfg", "")
    if "change to [tool:pytest]" in said and "\n[pytest]" in f"\n{text}":
        yield Proposal(
            strategy="pytest_section",
            title="Rename [pytest] to [tool:pytest] in setup.cfg",
            edits=edit("setup.cfg", text, f"\n{text}".replace("\n[pytest]", "\n[tool:pytest]", 1)[1:]),
            confidence=0.97,
            why="pytest reads this section of setup.cfg under the new name only.",
        )
    for name in dict.fromkeys(_UNKNOWN.findall(said)):
        near = nearest(name, _OPTIONS)
        edits = _option(name, near[0], codebase) if near else ()
        if near and edits:
            yield Proposal(
                strategy="pytest_section",
                title=f"Correct {name} to {near[0]} in {edits[0].path}",
                edits=edits,
                confidence=near[1],
                why=f"pytest has no option `{name}`; `{near[0]}` is the only one that near.",
            )
