"""The local forge on real git: a bare clone, branches, commits, pull requests, merges and reverts."""

import stat
import subprocess
from pathlib import Path

import pytest

from bot.adapters.bare import EMAIL, Bare, GitFailed, check_path
from bot.adapters.clock import ManualClock
from bot.adapters.forge_local import LocalForge
from bot.errors import Misconfigured, Refused
from bot.model import Branch, CheckState, FileEdit, Merge, PullRequest, PullRequestFacts, Rollout
from tests.deliver.world import BROKEN, FIXED, checkout, git, patch, write

EDIT = (FileEdit(path="pkg/a.py", text=FIXED),)
BODY = "<!-- selfheal:a1b2c3d4:fix -->\nwhat was wrong"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def forge(tmp_path: Path, clock: ManualClock) -> LocalForge:
    return LocalForge.create(tmp_path / "forge", checkout(tmp_path / "checkout"), clock)


def opened(forge: LocalForge, name: str = "auto-fix/error-total-a1b2c3d4") -> PullRequest:
    branch = forge.branch(name, forge.base())
    head = forge.commit(branch, EDIT, "Fix it\n")
    return forge.open(branch.model_copy(update={"head_sha": head}), "A title", BODY, ("self-healing",))


def on_base(forge: LocalForge, files: dict[str, str]) -> str:
    """Commit to the base branch as a person would, from a clone."""
    clone = forge.folder.parent / "clone"
    subprocess.run(["git", "clone", "-q", str(forge.folder), str(clone)], check=True)
    write(clone, files)
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "a person's work")
    git(clone, "push", "-q", "origin", "HEAD")
    return git(clone, "rev-parse", "HEAD")


def test_a_clone_is_bare_and_the_checkout_untouched(tmp_path: Path) -> None:
    here = checkout(tmp_path / "checkout")
    git(here, "branch", "other")
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    forge = LocalForge.create(tmp_path / "forge", here, ManualClock())
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before
    assert forge.base() == "main"
    assert forge.head_of("main") == git(here, "rev-parse", "HEAD")
    assert forge.head_of("other") is not None
    assert git(forge.folder, "rev-parse", "--is-bare-repository") == "true"


def test_uncommitted_work_is_the_base_it_builds_on(tmp_path: Path) -> None:
    here = checkout(tmp_path / "checkout")
    write(here, {"pkg/new.py": "x = 1\n", ".gitignore": "*.log\n", "a.log": "", "b.tmp": ""})
    write(here, {".git/info/exclude": "*.tmp\n"})
    forge = LocalForge.create(tmp_path / "forge", here, ManualClock())
    names = git(forge.folder, "ls-tree", "-r", "--name-only", "main").split()
    assert "pkg/new.py" in names
    assert not {"a.log", "b.tmp"} & set(names)
    assert git(forge.folder, "rev-parse", "main^") == git(here, "rev-parse", "HEAD")
    again = LocalForge.create(tmp_path / "forge", here, ManualClock())
    assert again.head_of("main") == forge.head_of("main")


def test_a_forge_inside_the_checkout_does_not_swallow_itself(tmp_path: Path) -> None:
    here = checkout(tmp_path / "checkout")
    forge = LocalForge.create(here / "out" / "forge", here, ManualClock())
    LocalForge.create(here / "out" / "forge", here, ManualClock())
    assert "out" not in git(forge.folder, "ls-tree", "-r", "--name-only", "main")


def test_an_unborn_and_a_detached_head(tmp_path: Path) -> None:
    unborn = tmp_path / "unborn"
    unborn.mkdir()
    git(unborn, "init", "-q")
    write(unborn, {"a.py": "x = 1\n"})
    forge = LocalForge.create(tmp_path / "one", unborn, ManualClock())
    assert git(forge.folder, "show", f"{forge.base()}:a.py") == "x = 1"
    detached = checkout(tmp_path / "detached")
    git(detached, "checkout", "-q", "--detach")
    git(detached, "branch", "-D", "main")
    forge = LocalForge.create(tmp_path / "two", detached, ManualClock())
    assert forge.base() == "main"


def test_a_shallow_checkout_can_be_cloned(tmp_path: Path) -> None:
    here = checkout(tmp_path / "checkout")
    write(here, {"b.py": "y = 2\n"})
    git(here, "add", "-A")
    git(here, "commit", "-qm", "second")
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{here}", str(tmp_path / "shallow")], check=True)
    forge = LocalForge.create(tmp_path / "forge", tmp_path / "shallow", ManualClock())
    assert opened(forge).mergeable


def test_what_is_no_repository_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Misconfigured, match="can't be cloned"):
        LocalForge.create(tmp_path / "forge", tmp_path / "empty", ManualClock())
    with pytest.raises(Misconfigured, match="no local forge"):
        LocalForge(tmp_path, ManualClock()).base()


def test_another_history_is_refused(tmp_path: Path, forge: LocalForge) -> None:
    forge.merge(1, opened(forge).head_sha, "squash")
    write(tmp_path / "checkout", {"pkg/b.py": "z = 3\n"})
    with pytest.raises(Misconfigured, match="holds merges that"):
        LocalForge.create(forge.folder, tmp_path / "checkout", ManualClock())


def test_a_merge_that_the_checkout_has_as_uncommitted_work_is_no_other_history(
    tmp_path: Path, forge: LocalForge
) -> None:
    forge.merge(1, opened(forge).head_sha, "squash")
    write(tmp_path / "checkout", {"pkg/a.py": FIXED})
    again = LocalForge.create(forge.folder, tmp_path / "checkout", ManualClock())
    assert again.head_of("main") == forge.head_of("main")


def test_the_base_follows_the_checkout(tmp_path: Path, forge: LocalForge) -> None:
    here = tmp_path / "checkout"
    write(here, {"b.py": "y = 2\n"})
    git(here, "add", "-A")
    git(here, "commit", "-qm", "second")
    assert LocalForge.create(forge.folder, here, ManualClock()).head_of("main") == git(here, "rev-parse", "HEAD")


def test_commits_are_deterministic_and_adopted(tmp_path: Path, forge: LocalForge) -> None:
    first = opened(forge)
    assert opened(forge).model_copy(update={"mergeable": None}) == first.model_copy(update={"mergeable": None})
    other = LocalForge.create(tmp_path / "other", tmp_path / "checkout", ManualClock(5.0))
    assert opened(other).head_sha == first.head_sha
    assert git(forge.folder, "log", "-1", "--format=%an %ae", first.branch) == f"selfheal[bot] {EMAIL}"
    branch = forge.branch(first.branch, "main")
    assert branch.adopted
    assert branch.head_sha == first.head_sha
    assert branch.base_sha == forge.head_of("main")


def test_files_keep_their_mode_and_can_be_added_and_deleted(tmp_path: Path, clock: ManualClock) -> None:
    here = checkout(tmp_path / "checkout", **{"run.sh": "#!/bin/sh\n", "gone.py": ""})
    (here / "run.sh").chmod(0o755)
    (here / "link.py").symlink_to("run.sh")
    forge = LocalForge.create(tmp_path / "forge", here, clock)
    branch = forge.branch("b", "main")
    edits = (
        FileEdit(path="run.sh", text="#!/bin/sh\necho\n"),
        FileEdit(path="gone.py", text=None),
        FileEdit(path="neu/é.py", text="é = '\udce9'\n"),
    )
    head = forge.commit(branch, edits, "m")
    listed = git(forge.folder, "-c", "core.quotePath=false", "ls-tree", "-r", head)
    assert f"{stat.S_IFREG | 0o755:o} blob" in next(line for line in listed.splitlines() if "run.sh" in line)
    assert "gone.py" not in listed
    assert "neu/é.py" in listed
    assert Bare(forge.folder).text(head, "neu/é.py") == "é = '\udce9'\n"
    with pytest.raises(Refused, match="is a link"):
        forge.commit(branch, (FileEdit(path="link.py", text="x"),), "m")
    with pytest.raises(Refused, match="not a file"):
        forge.commit(branch, (FileEdit(path="pkg", text="x"),), "m")


@pytest.mark.parametrize(
    "path", ["../x", "/etc/x", "a/../../x", ".git/config", "a/.GIT/x", ".git. /x", "git~1/x", "", "a\\b", "a\0b"]
)
def test_no_edit_leaves_the_repository(path: str) -> None:
    with pytest.raises(Refused, match="not a path inside"):
        check_path(path)


def test_hooks_filters_and_attributes_of_the_repository_do_not_run(tmp_path: Path) -> None:
    here = checkout(tmp_path / "checkout", **{".gitattributes": "*.py filter=evil merge=evil\n"})
    flag = tmp_path / "ran"
    for name in ("post-checkout", "reference-transaction", "pre-receive", "update", "post-update"):
        write(here, {f".git/hooks/{name}": f"#!/bin/sh\ntouch {flag}\n"})
        (here / ".git" / "hooks" / name).chmod(0o755)
    for key in ("filter.evil.clean", "filter.evil.smudge", "merge.evil.driver", "core.fsmonitor"):
        git(here, "config", key, f"touch {flag}")
    forge = LocalForge.create(tmp_path / "forge", here, ManualClock())
    forge.merge(1, opened(forge).head_sha, "merge")
    assert not flag.exists()


def test_the_pull_request_is_a_file_with_its_state(forge: LocalForge) -> None:
    pull = opened(forge)
    forge.comment(1, "<!-- m -->", "<!-- m -->\nfirst")
    forge.comment(1, "<!-- m -->", "<!-- m -->\nsecond")
    forge.report(pull.head_sha, CheckState(name="selfheal", status="completed", conclusion="success"), "fine")
    text = Path(pull.url).read_text()
    assert Path(pull.url).name == "pull-request.md"
    assert text.startswith('---\nnumber: 1\ntitle: "A title"\nstate: "open"\n')
    assert 'checks: {"selfheal": "success"}' in text
    assert "second" in text
    assert "first" not in text
    assert opened(forge, "another").url.endswith("pull-request-2.md")


def test_finding_by_marker(forge: LocalForge) -> None:
    pull = opened(forge)
    assert [each.number for each in forge.find("<!-- selfheal:a1b2c3d4:fix -->")] == [pull.number]
    assert forge.find("<!-- selfheal:ffffffff:fix -->") == ()
    with pytest.raises(Misconfigured, match="no pull request 7"):
        forge.pull_request(7)


@pytest.mark.parametrize("name", ["1", "#1", "auto-fix/error-total-a1b2c3d4", "a1b2c3d4"])
def test_approval_is_bound_to_the_head(forge: LocalForge, name: str) -> None:
    pull = opened(forge)
    forge.approve(name, "ann")
    forge.approve(name, "ann")
    assert [(each.user, each.sha) for each in forge.approvals(1)] == [("ann", pull.head_sha)]


def test_approving_nothing_or_too_much_lists_what_there_is(forge: LocalForge) -> None:
    with pytest.raises(Misconfigured, match="no open pull request") as caught:
        forge.approve("1", "ann")
    assert "none" in caught.value.hint
    opened(forge)
    opened(forge, "b")
    with pytest.raises(Misconfigured, match="several pull requests") as caught:
        forge.approve("a1b2c3d4", "ann")
    assert "2 (b)" in caught.value.hint
    with pytest.raises(Misconfigured, match="no open pull request"):
        forge.approve("a", "ann")


@pytest.mark.parametrize(("method", "parents"), [("squash", 1), ("merge", 2), ("rebase", 1)])
def test_merges_are_real_even_when_the_base_moved(forge: LocalForge, method: str, parents: int) -> None:
    pull = opened(forge)
    theirs = on_base(forge, {"pkg/b.py": "z = 3\n"})
    merge = forge.merge(1, pull.head_sha, method)
    assert merge.merged, merge.reason
    assert forge.head_of("main") == merge.sha
    assert git(forge.folder, "show", f"{merge.sha}:pkg/a.py") + "\n" == FIXED
    assert git(forge.folder, "show", f"{merge.sha}:pkg/b.py") == "z = 3"
    assert git(forge.folder, "rev-parse", f"{merge.sha}^1") == theirs
    assert len(git(forge.folder, "log", "-1", "--format=%P", merge.sha).split()) == parents
    assert forge.head_of(pull.branch) is None
    assert forge.pull_request(1).state == "merged"
    assert forge.merge(1, pull.head_sha, method) == merge
    assert forge.checks(merge.sha) == ()


def test_what_was_proven_counts_for_the_same_tree(forge: LocalForge) -> None:
    pull = opened(forge)
    check = CheckState(name="selfheal", status="completed", conclusion="success")
    forge.report(pull.head_sha, check, "")
    merge = forge.merge(1, pull.head_sha, "squash", delete_branch=False)
    assert forge.checks(merge.sha) == (check,)
    assert forge.head_of(pull.branch) == pull.head_sha


@pytest.mark.parametrize("method", ["squash", "merge", "rebase"])
def test_a_conflict_is_never_forced(forge: LocalForge, method: str) -> None:
    pull = opened(forge)
    theirs = on_base(forge, {"pkg/a.py": BROKEN.replace("a - b", "b - a")})
    assert forge.pull_request(1).mergeable is False
    merge = forge.merge(1, pull.head_sha, method)
    assert (merge.merged, merge.reason) == (False, "it conflicts with main")
    assert forge.head_of("main") == theirs


def test_a_moved_head_is_not_merged(forge: LocalForge) -> None:
    opened(forge)
    assert forge.merge(1, "b" * 40, "squash").reason == "its head has changed"


def test_a_branch_a_person_removed_closes_the_pull_request(forge: LocalForge) -> None:
    pull = opened(forge)
    git(forge.folder, "update-ref", "-d", f"refs/heads/{pull.branch}")
    now = forge.pull_request(1)
    assert (now.state, now.closed_by_person) == ("closed", True)
    assert forge.merge(1, pull.head_sha, "squash").reason == "it is closed"


def test_a_persons_commit_takes_the_branch(forge: LocalForge, tmp_path: Path) -> None:
    pull = opened(forge)
    clone = tmp_path / "person"
    subprocess.run(["git", "clone", "-q", "-b", pull.branch, str(forge.folder), str(clone)], check=True)
    write(clone, {"more.py": "x = 1\n"})
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "mine")
    git(clone, "push", "-q")
    assert forge.pull_request(1).taken_over
    assert forge.pull_request(1).head_sha != pull.head_sha


def test_facts_hold_counts_owners_and_checks(tmp_path: Path, clock: ManualClock) -> None:
    here = checkout(tmp_path / "checkout", **{".github/CODEOWNERS": "* @ann\n/docs/ @bob\n"})
    forge = LocalForge.create(tmp_path / "forge", here, clock)
    pull = opened(forge)
    clock.pass_(7200)
    facts = forge.facts(PullRequestFacts(patch=patch(), proven=True, pull_request=pull))
    assert facts.owners_by_path == {"pkg/a.py": ("@ann",)}
    assert (facts.open_count, facts.opened_last_hour, facts.opened_last_day) == (1, 0, 1)
    assert (facts.owners, facts.labels, facts.now) == (("@ann",), ("self-healing",), clock.now())
    assert forge.required_checks("main") == ()


def test_the_base_may_hold_the_fix_already(forge: LocalForge) -> None:
    assert not forge.holds(EDIT)
    assert forge.holds((FileEdit(path="pkg/a.py", text=BROKEN),))


def test_a_merge_is_taken_back_by_a_pull_request(forge: LocalForge) -> None:
    merge = forge.merge(1, opened(forge).head_sha, "squash")
    on_base(forge, {"pkg/b.py": "z = 3\n"})
    pull = forge.revert(merge, "Revert it", "why")
    assert forge.revert(merge, "Revert it", "why").number == pull.number
    assert forge.merge(pull.number, pull.head_sha, "squash").merged
    assert git(forge.folder, "show", "main:pkg/a.py") + "\n" == BROKEN
    assert git(forge.folder, "show", "main:pkg/b.py") == "z = 3"


def test_a_merge_that_others_built_on_is_not_taken_back(forge: LocalForge) -> None:
    merge = forge.merge(1, opened(forge).head_sha, "squash")
    on_base(forge, {"pkg/a.py": FIXED.replace("a + b", "a + b + 0")})
    with pytest.raises(Refused, match="can't be taken back"):
        forge.revert(merge, "Revert it", "why")


def test_a_branch_that_moves_under_us_is_not_overwritten(forge: LocalForge) -> None:
    branch = forge.branch("b", "main")
    bare = Bare(forge.folder)
    assert not bare.point("b", branch.head_sha, "0" * 39 + "1")
    assert not bare.remove("b", "0" * 39 + "1")
    with pytest.raises(Misconfigured, match="branch nowhere is not in"):
        forge.commit(Branch(name="nowhere", base="main", base_sha="", head_sha=""), EDIT, "m")


def test_a_broken_merge_is_an_error_and_no_conflict(forge: LocalForge) -> None:
    with pytest.raises(GitFailed):
        Bare(forge.folder).merged("main", "f" * 40)


def test_nothing_is_deployed_here(forge: LocalForge) -> None:
    rollout = forge.deploy("sha", "production", "deployment", "")
    assert forge.rollout(rollout) == Rollout(reason="a local forge deploys nothing")


def test_a_lost_race_for_the_branch_is_said(forge: LocalForge, monkeypatch: pytest.MonkeyPatch) -> None:
    branch = forge.branch("b", "main")
    monkeypatch.setattr(Bare, "point", lambda *_: False)
    with pytest.raises(Refused, match="moved while we wrote"):
        forge.commit(branch, EDIT, "m")
    monkeypatch.undo()
    pull = opened(forge)
    monkeypatch.setattr(Bare, "point", lambda *_: False)
    assert forge.merge(pull.number, pull.head_sha, "squash") == Merge(
        merged=False, method="squash", reason="main moved meanwhile"
    )


def test_without_git_it_says_so(forge: LocalForge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Misconfigured, match="git is not installed"):
        forge.head_of("main")
