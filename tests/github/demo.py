"""The whole loop, shown: a bug is pushed to a stand-in for GitHub, and a merged and verified fix comes out."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax

from bot.adapters.store import open_store
from bot.model import DiagnosisSet, Lesson, ValidationResult, Value
from tests.github.bot import Bot
from tests.github.standin import Repo, StandIn

T = TypeVar("T", bound=Value)
EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "shop"
REPO, PERSON = "acme/shop", "ann"
WORKFLOW = (
    "name: CI\non: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: python -m pytest\n"
)
POLICY = "version: 1\nmode: propose\nmerge: {settle_seconds: 0}\ndeploy: {kind: deployment}\n"
SMOKE = "from shop.basket import Basket; b = Basket(); b.add('lamp', 10_000); assert b.to_pay() == 10_710"
SECONDS = 120
NEXT = """
Your own repository:  [bold]selfheal heal PATH[/]  (nothing is written to it)
As a GitHub App:      [bold]selfheal serve[/]  (README.md says what it needs)"""


def files(folder: Path) -> dict[str, str]:
    """Return the files of a folder by path."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in found}


class Demo:
    """The loop step by step; every step waits for what really happened, and says it."""

    def __init__(self, github: StandIn, folder: Path) -> None:
        self.github = github
        self.console = Console(highlight=False)
        self.began = time.monotonic()
        self.repo: Repo = github.repo(
            REPO, {**files(EXAMPLE / "good"), ".github/workflows/ci.yml": WORKFLOW, ".github/selfheal.yml": POLICY}
        )
        self.repo.people[PERSON] = "write"
        made = github.app()
        github.install(made, REPO)
        github.deployer = deployed
        self.bot = Bot(github, made, folder, SELFHEAL_POLL_SECONDS="0.5")

    def say(self, step: str, text: str) -> None:
        """Print one step with the seconds since the beginning."""
        self.console.print(
            f"[dim]{time.monotonic() - self.began:5.1f} s[/]  [bold cyan]{step:<13}[/] {text}", soft_wrap=True
        )

    def wait(self, found: Callable[[], Any], what: str) -> Any:
        """Return what `found` gives as soon as it gives something; fails with the bot's log when it never does."""
        got: list[Any] = []
        self.bot.until(lambda: bool(got) or bool((one := found()) and got.append(one) is None), SECONDS, what)
        return got[0]

    def record(self, kind: type[T], name: str) -> T | None:
        """Return the newest record of a kind in the bot's own journal, or None while there is none."""
        with closing(open_store(self.bot.database, self.bot.folder / "state", read_only=True)) as store:
            return next(iter(store.every(kind, kind=name, limit=1)), None)

    def check(self, sha: str) -> str:
        """Return how the tests of a commit ended, empty while they run."""
        ended = (one["conclusion"] for one in self.repo.checks if one["head_sha"] == sha and one["name"] == "tests")
        return next(ended, "") or ""

    def run(self) -> None:
        """Go through the loop; raises `AssertionError` at the first step that does not happen."""
        with self.bot:
            self.say("App", f"serves on port {self.bot.port}, installed on {REPO} of a stand-in for GitHub")
            self.say("", "the example is our own code: where no sandbox works here it runs without, as --trust-code")
            self.break_it()
            self.understand()
            self.propose()
            self.merge()
            self.look_back()

    def break_it(self) -> None:
        """Push the good version and then the bug; CI really runs on both."""
        good = self.repo.git.head("main") or ""
        self.github.pushed(self.repo, "main", good, PERSON)
        self.expect("CI", good, "success", "green on the good version")
        bad = self.github.write(REPO, "main", files(EXAMPLE / "broken"))
        self.say("push", f"{PERSON} pushes a bug, {bad[:7]}")
        self.expect("CI", bad, "failure", "[red]red[/]: its tests were really run and fail")
        told = self.wait(self.delivered, "the webhook of the red run")
        self.say("webhook", f"{told['event']}, signature right, kept and answered")

    def expect(self, step: str, sha: str, wanted: str, text: str) -> None:
        """Wait until CI of a commit has ended, as wanted."""
        seen = self.wait(lambda: self.check(sha), f"CI of {sha[:7]}")
        assert seen == wanted, f"CI of {sha[:7]} is {seen}, not {wanted}"
        self.say(step, text)

    def delivered(self) -> dict[str, Any] | None:
        """Return the delivery that told of the red run, once it was answered."""
        red = [number for number, run in self.repo.runs.items() if run["conclusion"] == "failure"]
        told = [one for one in self.github.deliveries if one["event"] == "workflow_run" and one["status"] == "OK"]
        return next((one for one in told for number in red if b'"id": %d,' % number in one["data"]), None)

    def understand(self) -> None:
        """Wait for the diagnosis and the proven fix."""
        found = self.wait(lambda: self.record(DiagnosisSet, "diagnosis"), "the diagnosis")
        cause = found.recommendations[0].assessed.diagnosis
        self.say("diagnosis", escape(f"{cause.type}: {cause.pattern} in {cause.function}, {cause.file}:{cause.line}"))
        proof = self.wait(lambda: self.record(ValidationResult, "validation"), "the proof")
        assert proof.proven, proof.refusals
        self.say("fix", escape(f"{proof.patch.title} ({proof.patch.strategy})"))
        self.console.print(Syntax(proof.patch.diff, "diff", background_color="default"))
        runs = f"{len(proof.evidence.before)} runs before, {len(proof.evidence.after)} after"
        self.say("proof", f"{len(proof.evidence.checks)} checks passed, {runs}, sandbox {proof.evidence.sandbox}")

    def propose(self) -> None:
        """Wait for the pull request and its CI."""
        pull = self.wait(lambda: self.repo.pulls.get(1), "the pull request")
        self.say("pull request", f"#{pull['number']} {pull['title']}")
        self.expect("CI", pull["head"]["sha"], "success", "[green]green[/] on the pull request, really run")

    def merge(self) -> None:
        """Approve by comment and wait for merge and deployment."""
        pull = self.repo.pulls[1]
        assert not pull["merged_at"], "it was merged before a person approved"
        self.github.comment(REPO, 1, PERSON, "/selfheal approve")
        self.say("approval", f"{PERSON} comments /selfheal approve")
        self.wait(lambda: pull["merged_at"], "the merge")
        merged = str(pull["merge_commit_sha"])
        self.say("merge", f"into main as {merged[:7]}")
        self.expect("CI", merged, "success", "[green]green[/] on main again")
        made = self.wait(lambda: self.repo.deployments, "the deployment")[0]
        self.wait(lambda: made["states"][-1:] == ["success"], "the end of the deployment")
        self.say("deployment", f"{made['environment']}: an order of exactly 100.00 gets its discount again")

    def look_back(self) -> None:
        """Wait for the verification and for what was learned."""
        self.wait(lambda: any("is healthy" in one["body"] for one in self.repo.comments), "the verification")
        self.say("verification", "the deployment and the checks of the merge commit are healthy")
        lesson = self.wait(lambda: self.record(Lesson, "lesson"), "the lesson")
        assert lesson.effectiveness.successful, lesson.effectiveness.reason
        record = lesson.record
        self.say("learning", f"{record.strategy}: {record.successes} of {record.successes + record.failures} helped")


def deployed(repo: Repo, sha: str) -> str:
    """Return how it went to put a commit in a place of its own and serve one order from there."""
    with tempfile.TemporaryDirectory() as folder:
        repo.git.checkout(sha, Path(folder))
        done = subprocess.run([sys.executable, "-c", SMOKE], cwd=folder, check=False)
    return "success" if done.returncode == 0 else "failure"


def main() -> int:
    """Show the loop; returns 0 only when every step happened."""
    with tempfile.TemporaryDirectory(prefix="selfheal-demo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with StandIn(folder / "github") as github:
            return shown(Demo(github, folder))


def shown(demo: Demo) -> int:
    """Run the demo and end with how to go on, or with what failed; returns the exit code."""
    try:
        demo.run()
    except AssertionError as error:
        demo.console.print(f"[bold red]The demo failed:[/] {escape(str(error))}", soft_wrap=True)
        return 1
    demo.say("done", "[bold green]from a red run to a merged, verified fix[/]")
    demo.console.print(NEXT, soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
