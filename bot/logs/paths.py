"""Paths as logs print them: made POSIX and relative to the repository, and told apart from library code."""

from __future__ import annotations

from bot.logs.patterns import rx

CHECKOUTS = rx(
    r"^(?P<root>(?:[A-Za-z]:)?/(?:home/runner/(?:actions-runner/_)?work|Users/runner/work|__w|a"
    r"|actions-runner/_work|runner/_work|_work)/[^/]+/[^/]+"
    r"|/home/travis/build/[^/]+/[^/]+|/builds/[^/]+/[^/]+|/github/workspace|/root/project"
    r"|/home/circleci/(?:project|repo)"
    r"|/home/vsts/work/\d+/s|/opt/atlassian/pipelines/agent/build|/var/lib/jenkins/workspace/[^/]+|/workspace"
    r"|/drone/src"
    r"|/home/appveyor/projects/[^/]+|[A-Z]:/projects/[^/]+|/harness|/code|/app|/usr/src/app|/repo)/(?P<rest>.+)$"
)
LIBRARY = rx(
    r"(?:^|/)(?:site-packages|dist-packages)/|(?:^|/)lib(?:64)?/(?:python|pypy)[\d.]+(?:/|\.zip)|(?:^"
    r"|/)hostedtoolcache/|\.egg/"
    r"|^<|(?:^|/)Python\d+/Lib/|^/usr/lib|importlib/|^/opt/(?:conda|python)|/(?:bin|Scripts)/[\w-]+$"
)
TESTS = rx(r"(?:^|/)(?:tests?|testing)/|(?:^|/)(?:test_[^/]*|[^/]*_test|tests?|conftest)\.py$")


def posix(path: str) -> str:
    """Return a path with forward slashes and without a leading `./`."""
    clean = path.strip().replace("\\", "/")
    while clean.startswith("./"):
        clean = clean[2:]
    return clean


def relative(path: str, root: str = "") -> str:
    """Return a path relative to the repository where a checkout prefix, or the known `root`, is recognisable."""
    clean = posix(path)
    base = posix(root).rstrip("/")
    if base and clean.startswith(base + "/"):
        return clean[len(base) + 1 :]
    found = CHECKOUTS.find(clean)
    return found["rest"] if found and not is_library(clean) else clean


def root_of(path: str) -> str:
    """Return the checkout prefix of a path, or an empty text."""
    clean = posix(path)
    found = CHECKOUTS.find(clean if clean.count("/") < 2 else clean.rstrip("/") + "/.")
    return found["root"] if found else ""


def is_library(path: str) -> bool:
    """Return whether a path is installed code or made up (`<string>`), not the repository's own."""
    return LIBRARY.find(posix(path)) is not None


def is_test(path: str) -> bool:
    """Return whether a path looks like a test module or lies in a test folder."""
    return TESTS.find(posix(path)) is not None
