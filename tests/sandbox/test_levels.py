"""Every level gives a job the same surroundings, and takes back only what it made."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.adapters.sandbox_base import BaseSandbox
from bot.adapters.sandbox_layout import find_tool, toolchain, trace
from bot.errors import Misconfigured, Transient
from bot.ports import Job, Limits

QUICK = Limits(seconds=20.0)


def python(code: str, tree: Path, **more: object) -> Job:
    """Return a job that runs some Python."""
    return Job(argv=("python", "-c", code), tree=tree, **{"limits": QUICK, **more})


def test_a_job_works_on_a_private_copy_and_only_what_it_changed_comes_back(sandbox: BaseSandbox, tree: Path) -> None:
    (tree / "same.txt").write_text("same")
    code = (
        "import os, sys; box = os.environ['SELFHEAL_BOX']; from pkg import a;"
        "open('pkg/a.py', 'a').write('value = 2\\n'); open('new.txt', 'w').write('new'); open('same.txt', 'a');"
        "open(box + '/out.txt', 'w').write(open(sys.argv[1]).read() + os.environ['GREETING']);"
        "print(a.value, os.getcwd().endswith('/tree'), os.environ.get('SECRET'), sys.dont_write_bytecode)"
    )
    job = Job(
        argv=("python", "-c", code, "{box}/deep/in.txt"),
        tree=tree,
        env={"GREETING": " from {box}"},
        files={"deep/in.txt": b"hello"},
        collect=("**/*.txt", "pkg/*.py", "box:*.txt", "box:deep/*"),
        limits=QUICK,
    )
    os.environ["SECRET"] = "canary"
    try:
        done = sandbox.run(job)
    finally:
        del os.environ["SECRET"]
    assert done.output == b"1 True None True\n"
    assert (done.exit_code, done.level, done.stopped, done.timed_out) == (0, sandbox.level, "", False)
    greeting = done.files["box:out.txt"].decode()
    assert greeting.startswith("hello from /")
    assert greeting.endswith("/box")
    assert set(done.files) == {"new.txt", "pkg/a.py", "box:out.txt"}
    assert done.files["pkg/a.py"] == b"value = 1\nvalue = 2\n"
    assert (tree / "pkg" / "a.py").read_text() == "value = 1\n"
    assert not (tree / "new.txt").exists()


def test_the_command_starts_in_its_folder_and_its_exit_code_comes_back(sandbox: BaseSandbox, tree: Path) -> None:
    code = "import os, sys; print(os.listdir('.')); sys.exit(7)"
    done = sandbox.run(python(code, tree, cwd="pkg"))
    assert (done.exit_code, done.output) == (7, b"['a.py']\n")


def test_a_signal_is_a_negative_exit_code(sandbox: BaseSandbox, tree: Path) -> None:
    assert sandbox.run(python("import os; os.kill(os.getpid(), 15)", tree)).exit_code == -15


def test_a_missing_command_is_127(sandbox: BaseSandbox, tree: Path) -> None:
    assert sandbox.run(Job(("no-such-command",), tree)).exit_code == 127


def test_compiled_files_never_come_along(sandbox: BaseSandbox, tree: Path) -> None:
    """A stale compiled file, made by hand: newer source of the same size and time."""
    cache = tree / "pkg" / "__pycache__"
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(tree)], check=True)
    about = (tree / "pkg" / "a.py").stat()
    (tree / "pkg" / "a.py").write_text("value = 9\n")
    os.utime(tree / "pkg" / "a.py", ns=(about.st_atime_ns, about.st_mtime_ns))
    assert list(cache.iterdir())
    assert sandbox.run(python("from pkg import a; print(a.value)", tree)).output == b"9\n"


def test_a_virtual_environment_is_found_with_the_python_it_leans_on(
    sandbox: BaseSandbox, tree: Path, tmp_path: Path
) -> None:
    """Over a chain of links, as version managers lay them."""
    shims = tmp_path / "shims"
    shims.mkdir()
    (shims / "current").symlink_to(Path(sys.base_prefix))
    (shims / "python3").symlink_to("current/bin/python3")
    environment = tmp_path / "venv"
    subprocess.run([str(shims / "python3"), "-m", "venv", "--without-pip", str(environment)], check=True)
    (environment / "lib" / f"python3.{sys.version_info.minor}" / "site-packages" / "thing.py").write_text("x = 5")
    done = sandbox.run(python("import sys, thing, json; print(sys.prefix, thing.x)", tree, environment=environment))
    assert done.output.decode().split() == [str(environment), "5"]


def test_links_that_go_in_circles_are_a_mistake_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("../" + tmp_path.name + "/a")
    with pytest.raises(Misconfigured, match="circles"):
        trace(tmp_path / "a" / "bin")


def test_a_folder_without_python_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no Python"):
        toolchain(tmp_path)


def test_the_linter_that_comes_with_the_bot_is_used_when_the_environment_has_none(
    sandbox: BaseSandbox, tree: Path
) -> None:
    (tree / "bad.py").write_text("import os\n")
    done = sandbox.run(Job(("ruff", "check", "--isolated", "--output-format=concise", "."), tree))
    assert b"bad.py:1:8: F401" in done.output
    assert find_tool("no-such-tool", toolchain(None)) == ""


@pytest.mark.parametrize(
    "change", [{"cwd": "../x"}, {"cwd": "/etc"}, {"files": {"../x": b""}}, {"files": {"/x": b""}}, {"files": {"": b""}}]
)
def test_no_path_leads_out(sandbox: BaseSandbox, tree: Path, change: dict[str, object]) -> None:
    with pytest.raises(Misconfigured, match="not a path inside"):
        sandbox.run(python("pass", tree, **change))


def test_nothing_a_stranger_lays_out_is_followed_on_the_way_back(
    sandbox: BaseSandbox, tree: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    code = (
        f"import os; os.symlink({str(secret)!r}, 'link.txt'); os.symlink({str(tmp_path)!r}, 'out');"
        "os.mkfifo('pipe.txt'); os.truncate(os.open('huge.txt', os.O_CREAT | os.O_RDWR), 200_000_000);"
        "os.mkdir('__pycache__'); open('__pycache__/x.txt', 'w'); open('locked.txt', 'w').write('mine');"
        "os.mkdir('deep'); open('deep/y.txt', 'w').write('y')"
    )
    done = sandbox.run(python(code, tree, collect=("**/*.txt",)))
    assert done.exit_code == 0
    assert done.files == {"locked.txt": b"mine", "deep/y.txt": b"y"}


def test_a_link_in_the_tree_stays_a_link(sandbox: BaseSandbox, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("key")
    (tree / "stolen").symlink_to(tmp_path / "key")
    done = sandbox.run(python("import os; print(os.path.islink('stolen'))", tree, collect=("stolen",)))
    assert done.output == b"True\n"
    assert done.files == {}


def test_a_session_speaks_line_by_line(sandbox: BaseSandbox, tree: Path) -> None:
    code = "import sys\nfor line in sys.stdin: print('got', line.strip(), flush=True); print('x' * 70000, flush=True)"
    with sandbox.session(python(code, tree)) as talk:
        for word in (b"one", b"two"):
            talk.send(word)
            assert talk.receive(10.0) == b"got " + word
            assert talk.receive(10.0) == b"x" * 70000
        assert talk.receive(0.05) is None


def test_a_session_that_ends_says_so(sandbox: BaseSandbox, tree: Path) -> None:
    with sandbox.session(python("print('bye')", tree)) as talk:
        assert talk.receive(10.0) == b"bye"
        assert talk.receive(10.0) is None
        talk.send(b"anybody there?")
        talk.send(b"no")


def test_a_session_is_bounded(sandbox: BaseSandbox, tree: Path) -> None:
    limits = Limits(seconds=0.5, output_bytes=1000)
    with sandbox.session(python("import time; time.sleep(60)", tree, limits=limits)) as talk:
        assert talk.receive(10.0) is None
    with sandbox.session(python("print('x' * 100000, end='', flush=True); input()", tree, limits=limits)) as talk:
        assert talk.receive(10.0) is None


def test_a_sandbox_that_can_not_start_is_never_replaced_by_a_weaker_one(tree: Path) -> None:
    from bot.adapters.sandbox_bubblewrap import Bubblewrap

    for program, said in (
        ("false", "no process was started"),
        ("ls", "unrecognized option"),
        ("/gone", "No such file"),
    ):
        with pytest.raises(Transient, match=said):
            Bubblewrap(program).run(Job(("true",), tree))


def test_folders_without_end_harm_nobody(sandbox: BaseSandbox, tree: Path) -> None:
    code = (
        "import os\nopen('a.txt', 'w').write('a'); open(b'bad-\\xff.txt', 'w').write('bad')\n"
        "for i in range(1100): os.mkdir('d'); os.chdir('d')\nopen('z.txt', 'w').write('z')"
    )
    done = sandbox.run(python(code, tree, collect=("**/*.txt",)))
    assert (done.exit_code, done.files) == (0, {"a.txt": b"a"})


def test_loopback_is_up_inside(best: BaseSandbox, tree: Path) -> None:
    code = (
        "import socket, multiprocessing as m\nserver = socket.create_server(('localhost', 0))\n"
        "client = socket.create_connection(server.getsockname()); server.accept()[0].send(b'hi')\n"
        "lock = m.Lock(); print(client.recv(2), lock.acquire(), __import__('getpass').getuser())"
    )
    assert best.run(python(code, tree)).output == b"b'hi' True sandbox\n"


def test_runs_side_by_side_do_not_meet_and_leak_nothing(sandbox: BaseSandbox, tree: Path) -> None:
    def one(number: int) -> bytes:
        code = "import os; open('n', 'x').write(os.environ['N']); print(sorted(os.listdir('.')), open('n').read())"
        return sandbox.run(python(code, tree, env={"N": str(number)})).output

    one(0)
    before = len(os.listdir("/proc/self/fd"))
    with ThreadPoolExecutor(max_workers=3) as pool:
        assert list(pool.map(one, range(6))) == [b"['n', 'pkg'] %d\n" % number for number in range(6)]
    with pytest.raises(Misconfigured):
        sandbox.run(python("pass", tree, cwd=".."))
    assert len(os.listdir("/proc/self/fd")) == before


def test_files_too_many_or_unreadable_are_left_out(sandbox: BaseSandbox, tree: Path, monkeypatch: object) -> None:
    from bot.adapters import sandbox_gather

    code = "for i in range(9): open(f'f{i}.txt', 'w').write('x' * 100)"
    monkeypatch.setattr(sandbox_gather, "MOST_FILES", 3)  # type: ignore[attr-defined]
    assert len(sandbox.run(python(code, tree, collect=("*.txt",))).files) == 3
    monkeypatch.setattr(sandbox_gather, "MOST_BYTES", 250)  # type: ignore[attr-defined]
    assert len(sandbox.run(python(code, tree, collect=("*.txt",))).files) == 2


def test_a_folder_that_can_not_be_read_is_removed_all_the_same(sandbox: BaseSandbox, tree: Path) -> None:
    code = "import os; os.mkdir('shut'); open('shut/x', 'w'); os.chmod('shut', 0)"
    assert sandbox.run(python(code, tree)).exit_code == 0
    assert stat.S_ISDIR(tree.stat().st_mode)
