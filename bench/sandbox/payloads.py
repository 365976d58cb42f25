"""The code of the attacks; every one is bounded by itself as well, in case nothing else bounds it."""

from __future__ import annotations


def fill(where: str) -> str:
    """Return code that writes up to 1 GB in files of 5 MB and prints how many bytes it got to."""
    return f"""
import os
where, total = {where}, 0
try:
    for i in range(200):
        with open(f"{{where}}/fill{{i}}", "wb", buffering=0) as file:
            total += file.write(bytes(5_000_000))
except OSError:
    pass
print(total)
"""


LARGE_FILE = """
try:
    open("x", "wb").write(bytes(400_000_000))
    print("GOT it written")
except OSError as error:
    print("tried:", error.strerror)
"""

EMPTY_FILES = """
for i in range(3_000_000):
    open(f"e{i}", "w").close()
"""

HOG = """
import time
hog = bytearray(4_800_000_000)
time.sleep(9)
"""

FORKS = """
import os, time
made = 0
try:
    while made < 2000:
        if os.fork() == 0:
            time.sleep(9)
            os._exit(0)
        made += 1
except OSError:
    pass
print(made)
"""

BOMB = """
import os, time
end = time.monotonic() + 20
while time.monotonic() < end:
    try:
        os.fork()
    except OSError:
        pass
"""

FLOOD = """
for _ in range(1000):
    print("x" * 1_000_000)
"""

DEAF = """
import signal, time
for number in range(1, 32):
    if number not in (9, 19):
        signal.signal(number, signal.SIG_IGN)
end = time.monotonic() + 20
while time.monotonic() < end:
    pass
"""

BURN = """
import hashlib, threading, time
end = time.monotonic() + 20
def burn():
    while time.monotonic() < end:
        hashlib.sha256(bytes(10_000_000))
for _ in range(4):
    threading.Thread(target=burn).start()
"""

DAEMON = """
import os, sys, time
if os.fork():
    time.sleep(0.3)
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
for number in range(3):
    os.close(number)
os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(60)", "{mark}"])
"""

HUNT = """
import glob, os
found = []
for path in ("~/.ssh/*", "~/.aws/*", "~/.netrc", "~/.git-credentials", "/root/*", "/home/*/*", "/etc/shadow",
             "/run/secrets/*", "/proc/1/environ", "/var/run/docker.sock"):
    for each in glob.glob(os.path.expanduser(path)):
        try:
            found.append(each) if open(each, "rb").read(1) else None
        except OSError:
            pass
outside = [each for each in found if "proc" not in each]
print("tried", "GOT " + " ".join(outside) if outside else "and found nothing")
"""

LINK = """
import os
os.symlink("/etc/shadow", "link")
try:
    print("tried, GOT", open("link").read(5))
except OSError as error:
    print("tried:", error.strerror)
"""

SETUP = """
for place in ("/usr/local/lib", "/etc", "/root", "/home", "/var/lib"):
    try:
        open(place + "/{mark}", "w")
        print("GOT", place)
    except OSError:
        pass
print("tried")
"""

HOOKS = {
    ".git/hooks/post-checkout": "#!/bin/sh\necho GOT a hook\n",
    ".git/config": '[filter "x"]\n\tsmudge = echo GOT a filter\n',
    ".gitattributes": "* filter=x\n",
    ".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "echo GOT a submodule"\n',
}

BOT = """
import sys
from pathlib import Path
from bench.sandbox.levels import make
from bot.ports import Job
child = "import time; time.sleep(60)"
code = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', '" + child + "', '{mark}'])"
job = Job(("python", "-u", "-c", code + "; print(1); time.sleep(60)", "{mark}"), Path({tree!r}))
with make({level!r}).session(job) as talk:
    print(talk.receive(20.0), flush=True)
    talk.receive(60.0)
"""
