"""Cuts a log into the steps of its job and tells which of them failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.logs.lines import Log
from bot.logs.patterns import rx

EXIT = rx(
    r"^(?:Error: |##\[error\]|🚨 Error: |ERROR: )?(?:"
    r"Process completed with exit code (?P<actions>\d{1,9})\.?"
    r"|(?:Bash|Cmd\.exe|PowerShell) exited with code '(?P<azure>\d{1,9})'\.?"
    r"|Job failed(?: \(system failure\))?: (?:command terminated with )?exit (?:code|status) (?P<gitlab>\d{1,9})"
    r"|Exited with code exit status (?P<circle>\d{1,9})"
    r"|The command \".*\" (?:failed and )?exited with (?P<travis>\d{1,9})(?: during \S*)?\.?"
    r"|The command exited with status (?P<buildkite>-?\d{1,9})"
    r")$"
)
FINAL = rx(
    r"^(?:Done\. Your build exited with (?P<travis>\d{1,9})\.?|Finished: (?P<jenkins>[A-Z]+)"
    r"|(?P<gitlab>Job succeeded)|(?P<gitlab_bad>(?:ERROR: )?Job failed.*)|(?P<circle>CircleCI received exit code 0))$"
)
TRAVIS = rx(r"^The command \".*\" exited with \d+\.$")
SHELL = rx(r"^\$ (?P<what>\S.*)$")
RUN = rx(r"^Run (?P<what>\S.*)$")
ACTION = rx(r"^(?:\./|docker://|[\w.-]+/[\w./-]+@)\S*$")
STOPPED = rx(
    r"^(?:Error: )?(?:The operation was cancel+ed\."
    r"|The job (?:running on runner .* )?has exceeded the maximum execution time of .*"
    r"|The action '.*' has timed out after \d+ minutes?\.?|The runner has received a shutdown signal.*"
    r"|The (?:self-)?hosted runner.* lost communication with the server.*)$"
)
GITHUB = rx(r"^(?:Error: )?Process completed with exit code \d+\.?$|^Post job cleanup\.?$|^shell: \S+ .*\{0\}$")
LABEL = rx(r"^[\w-]+ ?[\w-]*:(?:[\s\d]|$)")
AFTER = rx(
    r"^(?:Post job cleanup\.?|Cleaning up orphan processes|Post Run .*|Evaluate and set job outputs"
    r"|Build teardown script:)$"
)
SAVED = rx(
    r"^(?:Cache saved (?:successfully|with key).*|Cache hit occurred on the primary key .*, not saving cache\.?)$"
)
CLEANUP = "Post job cleanup"
UNTOLD = "UNKNOWN STEP"  # the column of a job whose steps the forge does not tell apart
UNRUN = ("Set up job", UNTOLD)
MOST = 1_000  # steps told apart; a run has fewer, and all later lines belong to the last
SETUP = rx(
    r"^(?:actions/(?:checkout|setup-\w+)@|(?:python3? -m )?(?:pip3?|uv(?: pip)?|poetry|pdm|conda|mamba)"
    r" (?:install|sync)\b"
    r"|(?:python3? -m )?build\b|twine upload|pypa/gh-action-pypi-publish)"
)
SUITE = rx(
    r"^(?:python3? -m |poetry run |uv run |pdm run |hatch run |coverage run -m )*(?:pytest|tox|nox|unittest)(?:"
    r" -\S+| tests?/?)*$"
)
PASSED = rx(
    r"^(?:=+ )?(?:\d+ (?:skipped|deselected|xfailed|xpassed), )*\d+ passed\b.* in [\d.]+s.*$|^OK(?: \(.*\))?$"
    r"|congratulations :\)"
)


@dataclass(frozen=True)
class Step:
    """The lines from `start` to before `end`; `failed` is None when the log does not tell.

    `command` is what the runner says it ran, where a column of the log gives the step a name of its own.
    """

    start: int
    end: int
    name: str = ""
    job: str = ""
    command: str = ""
    exit_code: int | None = None
    exit_index: int | None = None
    failed: bool | None = None

    @property
    def ran(self) -> str:
        """Return the command or the action of the step, empty where the log shows none."""
        return self.command or ("" if self.name in UNRUN else self.name)

    def holds(self, index: int) -> bool:
        """Return whether `index` lies in the step."""
        return self.start <= index < self.end


def steps_of(log: Log) -> tuple[Step, ...]:
    """Return the steps of a log in order, covering all lines; a log without step marks is one step."""
    steps = [_exited(log, step) for step in _cut(log)]
    last = {step.job: step.start for step in steps if step.name and step.name != CLEANUP}
    steps = [_actions(log, step, step.start == last.get(step.job)) for step in steps]
    return tuple(_forgiven(log, steps))


def ended(log: Log) -> bool | None:
    """Return how the log itself says that the whole job ended: well, badly, or None when it does not say."""
    result = True if _azure(log) else None
    for hit in log.find(FINAL):
        groups = hit.groups
        good = groups["travis"] == "0" or groups["jenkins"] == "SUCCESS" or bool(groups["gitlab"] or groups["circle"])
        result = good
    return result


def finished(log: Log) -> bool:
    """Return whether the log runs to the end of a job that prints every step's failure."""
    return log.first(AFTER, max(0, len(log) - 400)) is not None


def _azure(log: Log) -> bool:
    """Return whether a log of Azure runs to the end of a section without an error of the runner."""
    last = [index for index, level in log.levels.items() if level == "section"][-1:]
    return bool(last) and log.line(last[0]).startswith("Finishing: ") and "error" not in log.levels.values()


def _marks(log: Log) -> Iterator[tuple[int, str, str]]:
    if log.columns:
        yield from _in_columns(log)
        return
    if log.first(TRAVIS) is not None:
        yield from ((hit.index, "", hit["what"]) for hit in log.find(SHELL))
    grouped = "group" in log.levels.values()
    pasted = not grouped and ("error" in log.levels.values() or log.first(GITHUB) is not None)
    for hit in log.find(RUN):
        if log.levels.get(hit.index) == "group" or (pasted and not LABEL.find(hit["what"])):
            yield hit.index, "", hit["what"]
    for hit in log.find(AFTER):
        yield hit.index, "", CLEANUP


def _in_columns(log: Log) -> Iterator[tuple[int, str, str]]:
    """Yield where a column changes; steps that it does not tell apart are cut where the runner starts the next."""
    yield from log.columns
    untold = [at for at, (_, _, name) in enumerate(log.columns) if name == UNTOLD]
    for at in untold:
        start, job, _ = log.columns[at]
        end = log.columns[at + 1][0] if at + 1 < len(log.columns) else len(log)
        yield from ((index, job, what) for index, what in _started(log, start, end))
        yield from ((hit.index, job, CLEANUP) for hit in log.find(AFTER, start, end))


def _started(log: Log, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Yield (line, command) of what the runner says it starts."""
    yield from ((h.index, h["what"]) for h in log.find(RUN, start, end) if log.levels.get(h.index) == "group")


def _cut(log: Log) -> Iterator[Step]:
    marks = sorted(_marks(log))[:MOST]
    if not marks or marks[0][0] > 0:
        marks.insert(0, (0, "", ""))
    for (start, job, name), following in zip(marks, [*marks[1:], (len(log), "", "")], strict=True):
        command = next(_started(log, start, following[0]), (0, ""))[1] if job else ""
        yield Step(start, following[0], name, job, command)


def _exited(log: Log, step: Step) -> Step:
    for hit in log.find(EXIT, step.start, step.end):
        code = int(next(value for value in hit.groups.values() if value))
        if code:
            return replace(step, exit_code=code, exit_index=hit.index, failed=True)
    stopped = log.first(STOPPED, step.start, step.end)
    return replace(step, exit_index=stopped.index, failed=True) if stopped else step


def _actions(log: Log, step: Step, last: bool) -> Step:
    """An action that fails prints an error as its last word, or is the last to run; else it is an annotation."""
    if step.failed or (step.ran and not ACTION.find(step.ran) and step.name != CLEANUP):
        return step
    errors = [i for i, level in log.levels.items() if level == "error" and step.holds(i)]
    if errors and (last or not any(log.line(i).strip() for i in range(errors[-1] + 1, step.end))):
        return replace(step, failed=True, exit_index=errors[-1])
    return step


def _forgiven(log: Log, steps: list[Step]) -> Iterator[Step]:
    """A failed step after which its job went on with its work was allowed to fail."""
    saved = [hit.index for hit in log.find(SAVED)] if any(step.failed for step in steps) else []
    for at, step in enumerate(steps):
        later = [one for one in steps[at + 1 :] if one.job == step.job] if step.failed else []
        if _worked(later, log) or any(one.holds(index) for one in later for index in saved):
            yield replace(step, failed=False)
        else:
            yield step


def _worked(later: list[Step], log: Log) -> bool:
    """Steps that clean up, report or diagnose run after a failure too; installing and whole test runs do not."""
    if any(s.failed for s in later):
        return False
    return any(SETUP.find(s.ran) or (SUITE.find(s.ran) and _passed(log, s)) for s in later)


def _passed(log: Log, step: Step) -> bool:
    return log.first(PASSED, step.start, step.end) is not None
