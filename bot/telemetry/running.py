"""Runs the project's own checks in the sandbox when nobody gave a log, and keeps each output and a report of it."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from pathlib import Path

from bot.checks import TestRun, run_check, run_tests
from bot.checks.discovery.jointly import contradiction, left_out
from bot.codebase.texts import FolderTexts
from bot.model import Check, CodebaseInfo, LogFile
from bot.ports import Limits, Progress, Sandbox, Store
from bot.redact import redact_bytes
from bot.telemetry.reports import CaseError, CheckReport, encoded

LEAST_SECONDS, MOST_SECONDS = 20.0, 600.0


@dataclass(frozen=True)
class Runner:
    """What running checks takes: the ports, and the UTC time (seconds since 1970; 0 for none) when it must be over."""

    sandbox: Sandbox
    store: Store
    progress: Progress
    deadline: float

    def limits(self) -> Limits:
        """Return the bounds of one check: half of the time that is left, between 20 and 600 seconds."""
        left = (self.deadline - time.time()) / 2 if self.deadline else MOST_SECONDS
        return Limits(seconds=max(LEAST_SECONDS, min(MOST_SECONDS, left)))

    def run(self, info: CodebaseInfo) -> tuple[LogFile, ...]:
        """Run every check of the project; returns two files for each, its output and its report.

        Where there is no environment to run them in, the one file returned is what the installer said.
        """
        if not info.environment:
            return (self._uninstalled(info),)
        files: list[LogFile] = [*self._not_together(info)]
        for check in info.checks:
            self.progress.say(f"running {shlex.join(check.argv)}")
            report, output = self._report(info, check)
            files += [self._kept(report, output, "log"), self._kept(report, encoded(report), "report")]
        return tuple(files)

    def _not_together(self, info: CodebaseInfo) -> tuple[LogFile, ...]:
        """Return the account of what the project's automation installs together and can't: none when all goes well."""
        files = FolderTexts(Path(info.tree))
        said = contradiction(files) or left_out(info.environment_how, files)
        if not said:
            return ()
        data = redact_bytes(said.encode())
        name = "environment"
        return (LogFile(name=log_name(name), ref=self.store.keep(data), size=len(data), check=name, exit_code=1),)

    def _uninstalled(self, info: CodebaseInfo) -> LogFile:
        """Return the installer's account as the log of a check that failed: without it none of the others can run."""
        self.progress.say("the environment can't be made: reading why")
        data = redact_bytes(info.environment_how.encode())
        name = "environment"
        return LogFile(name=log_name(name), ref=self.store.keep(data), size=len(data), check=name, exit_code=1)

    def _report(self, info: CodebaseInfo, check: Check) -> tuple[CheckReport, bytes]:
        tree, environment = Path(info.tree), Path(info.environment)
        started = time.time()
        if check.kind == "test" and check.runner:
            ran = run_tests(self.sandbox, tree, environment, check, limits=self.limits())
            return _of_tests(check, ran, started), ran.output
        done, output = run_check(self.sandbox, tree, environment, check, self.limits())
        report = CheckReport(
            name=check.name,
            kind=check.kind,
            tool=check.tool,
            command=done.command,
            exit_code=done.exit_code,
            seconds=done.seconds,
            digest=done.digest,
            sandbox=done.sandbox,
            log=log_name(check.name),
            stopped="limit" if done.exit_code is None else "",
            started=started,
        )
        return report, output

    def _kept(self, report: CheckReport, data: bytes, kind: str) -> LogFile:
        name = report.log if kind == "log" else f"{report.name}.json"
        data = redact_bytes(data)
        fields = {"name": name, "ref": self.store.keep(data), "size": len(data), "kind": kind}
        return LogFile.model_validate({**fields, "check": report.name, "exit_code": report.exit_code})


def log_name(check: str) -> str:
    """Return the name under which the output of a check is kept."""
    return f"{check}.log"


def _of_tests(check: Check, ran: TestRun, started: float) -> CheckReport:
    errors = {
        test: CaseError(
            exception=error.exception,
            message=error.message,
            file=error.file or "",
            line=error.line or 0,
            frames=tuple((frame.file, frame.line, frame.function, frame.project) for frame in error.frames),
        )
        for test, error in ran.errors.items()
    }
    return CheckReport(
        name=check.name,
        kind=check.kind,
        tool=check.tool,
        command=ran.run.command,
        exit_code=ran.run.exit_code,
        seconds=ran.run.seconds,
        digest=ran.run.digest,
        sandbox=ran.run.sandbox,
        log=log_name(check.name),
        complete=ran.complete,
        stopped=ran.stopped,
        unfinished=ran.unfinished,
        outcomes=dict(ran.outcomes),
        durations=dict(ran.durations),
        errors=errors,
        started=started,
    )
