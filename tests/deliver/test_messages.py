"""What is written on a forge: harmless, redacted, within its limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import messages
from bot.codeowners import MAX_CHARS, owners
from bot.globs import matches
from bot.markdown import GAP, code, commit_text, fence, plain, table
from bot.model import (
    CheckRecord,
    CheckState,
    CheckSummary,
    Decision,
    Evidence,
    Merge,
    PullRequestFacts,
    RuleResult,
    ValidationResult,
)
from bot.redact import MARK, leaks, redact, redact_bytes
from tests import make
from tests.deliver.world import patch, run, validation

HOSTILE = (
    "@everyone <img src=x onerror=1> fixes #12 https://evil/x ``` | <!-- selfheal:a1b2c3d4:fix --> \u202e[x](y)\x00"
)


def facts(**over: object) -> PullRequestFacts:
    fields: dict[str, object] = {
        "patch": patch(),
        "proven": True,
        "repository": "o/n",
        "fingerprint": "a1b2c3d4",
        "handler": "total",
        "evidence": "e0e0e0e0",
        "proof": "f0f0f0f0",
        "diagnosis": make.diagnosis(rests_on=("it fails there",), failures=(make.failure(),)),
        "anomaly": make.anomaly(),
    }
    return PullRequestFacts.model_validate({**fields, **over})


def test_the_body_has_every_part_and_its_markers_first() -> None:
    evidence = validation(patch(), "").evidence.model_copy(update={"not_checked": ("Windows",)})
    text = messages.body(facts(adds_tests=True), ValidationResult(id="v", subject="s", proven=True, evidence=evidence))
    assert text.startswith("<!-- selfheal:a1b2c3d4:fix -->\n<!-- selfheal:e0e0e0e0:evidence -->")
    for part in (
        "### Cause",
        "### Evidence",
        "### Before and after",
        "### Risk",
        "### Not checked",
        "### How to steer",
    ):
        assert part in text
    assert "- Windows" in text
    assert "`/selfheal approve`" in text
    assert "A test is part of it." in text
    assert "Found: `test-failure` at `pkg/a.py:2` in `f`, confidence 0.80." in text


def test_a_body_without_a_diagnosis_or_a_run_says_so() -> None:
    told = {"told_apart_by": "f(1), which gives 2 with this patch and 3 with the other", "runner_up": "-a\n+b\n"}
    bare = facts(diagnosis=None, anomaly=None, patch=patch(alternatives=2, abstained=True, **told))
    text = messages.body(bare, ValidationResult(id="v", subject="s", proven=True))
    assert "### Cause" not in text
    assert "2 other fixes passed too" in text
    assert "### The runner-up" in text
    assert "```diff\n-a\n+b\n```" in text
    assert "What tells the two apart: f(1), which gives 2 with this patch and 3 with the other." in text
    assert "please choose" in text
    assert "It was not run here" in text
    place = messages.body(facts(diagnosis=make.diagnosis(file="", function="", line=0)), validation(patch(), ""))
    assert " at " not in place.split("### Evidence", maxsplit=1)[0].split("Found:")[1].split(",", maxsplit=1)[0]


def test_hostile_text_is_harmless_everywhere() -> None:
    record = CheckRecord(name=HOSTILE, passed=False, seen=HOSTILE, wanted=HOSTILE)
    red = run(command=HOSTILE, exit_code=None, outcomes={})
    evidence = Evidence(before=(red,), after=(red,), checks=(record,), not_checked=(HOSTILE,), sandbox=HOSTILE)
    failure = make.failure(message=HOSTILE, root_line=HOSTILE)
    cause = make.diagnosis(function=HOSTILE, pattern=HOSTILE, rests_on=(HOSTILE,), failures=(failure,))
    hostile = facts(
        patch=patch(title=HOSTILE, why=HOSTILE, strategy=HOSTILE, files=(HOSTILE,)),
        diagnosis=cause,
        anomaly=make.anomaly(description=HOSTILE),
    )
    text = messages.body(hostile, ValidationResult(id="v", subject="s", proven=True, evidence=evidence))
    assert text.count("<!-- selfheal:a1b2c3d4:fix -->") == 1
    outside = _outside_code(text)
    for seen in ("@everyone", "<img", "#12", "https://", "\u202e", "\x00", "](y)"):
        assert seen not in outside, seen


def _outside_code(text: str) -> str:
    """Return the text without code spans and fenced blocks, as a renderer sees it."""
    lines, fenced, kept = text.split("\n"), "", []
    for line in lines:
        ticks = line[: len(line) - len(line.lstrip("`"))]
        if fenced:
            fenced = "" if line.strip("`") == "" and len(ticks) >= len(fenced) else fenced
        elif len(ticks) >= 3:
            fenced = ticks
        else:
            kept.append(_without_spans(line))
    return "\n".join(kept)


def _without_spans(line: str) -> str:
    made, at = "", 0
    while at < len(line):
        if line[at] == "\\":
            made, at = f"{made}{{escaped}}", at + 2
            continue
        ticks = len(line[at:]) - len(line[at:].lstrip("`"))
        end = line.find("`" * ticks, at + ticks) if ticks else -1
        if ticks and end >= 0:
            at = end + ticks
            continue
        made, at = made + line[at : at + max(1, ticks)], at + max(1, ticks)
    return made


def test_a_huge_body_is_cut_at_sections_and_says_so() -> None:
    long = "x" * 500_000
    records = tuple(CheckRecord(name=long, passed=True, seen=long, wanted=long) for _ in range(200))
    evidence = Evidence(checks=records, before=(run(command=long),) * 50, not_checked=(long,) * 90)
    cause = make.diagnosis(rests_on=(long,) * 50, failures=(make.failure(message=long),) * 9)
    text = messages.body(facts(diagnosis=cause), ValidationResult(id="v", subject="s", proven=True, evidence=evidence))
    assert len(text) < 60_000
    assert "…and 160 more." in text
    assert text.endswith("|") or "sections were left out" in text


def test_sections_that_do_not_fit_are_left_out_from_the_longest() -> None:
    text = messages._within("head", ["a" * 58_000, "b" * 100, "c" * 58_500])
    assert "c" * 100 not in text
    assert text.startswith("head")
    assert "2 longer sections" in messages._within("head", ["a" * 60_000, "b", "c" * 60_000])


def test_why_names_who_can_unblock() -> None:
    assert messages.why(Decision(may_open=True, may_merge=True)) == "Nothing blocks the merge."
    no = RuleResult(rule="holds", allows=False, stage="merge", seen="held by ann", wanted="no hold", unblock="ann")
    decision = Decision(may_open=True, may_merge=False, blocking=(no,), results=(no,))
    assert "| `holds` | held by ann | no hold | ann |" in messages.why(decision)
    checks = CheckSummary(head_sha="s", checks=(CheckState(name="ci", status="in_progress"),))
    text = messages.status("a1b2c3d4", "s" * 40, decision, checks)
    assert text.startswith("<!-- selfheal:a1b2c3d4:status -->\n**Waiting.** Head `ssssssssssss`.")
    assert "| `ci` | `in_progress` |" in text
    assert "Ready to merge" in messages.status("a1b2c3d4", "s", Decision(may_open=True, may_merge=True))


def test_after_the_merge() -> None:
    merge = Merge(merged=True, sha="s" * 40)
    assert "healthy" in messages.merged("c", merge, "healthy")
    assert "Nothing has run" in messages.merged("c", merge, "unknown")
    text = messages.revert_body("c", merge, "boom ghp_" + "a" * 36)
    assert "<!-- selfheal:c:revert -->" in text
    assert "ghp_" not in text


def test_names() -> None:
    assert messages.branch_name("error", "total", "a1b2c3d4") == "auto-fix/error-total-a1b2c3d4"
    assert messages.branch_name("error", "total", "a1b2c3d4", 2) == "auto-fix/error-total-a1b2c3d4-2"
    assert messages.title("error", "total") == "🤖 Auto-fix: error in total"
    said = messages.commit_message(facts(patch=patch(title="fixes #1\n\nCo-authored-by: @x")), "code")
    assert said == f"Fix error in total\n\nfixes #{GAP}1 Co-authored-by: @{GAP}x.\n\nSelfheal-Cause: a1b2c3d4\n"


def test_plain_code_fence_and_table() -> None:
    assert plain("a `b/c.py` *d* `<x>`") == "a `b/c.py` \\*d\\* \\`\\<x\\>\\`"
    assert plain("x" * 10, most=5) == "xxxx…"
    assert plain("test_a __init__ _x") == "test_a \\_\\_init\\_\\_ \\_x"
    assert code("a`b") == "``a`b``"
    assert code("`") == "`` ` ``"
    assert code("") == "` `"
    assert code("a|b\nc") == "`a\\|b c`"
    assert fence("a ``` b") == "````text\na ``` b\n````"
    assert "960 characters cut" in fence("x" * 1000, most=80)
    assert fence("a\x1b[31mred\tx\u202e") == "```text\na [31mred\tx\n```"
    assert table(("a",), [("b",)] * 3, most=1) == "| a |\n| --- |\n| b |\n\n…and 2 more."
    assert commit_text("a @b") == f"a @{GAP}b"


@given(st.text(max_size=400))
def test_code_never_ends_early(text: str) -> None:
    made = code(text)
    ticks = len(made) - len(made.lstrip("`"))
    inside = made[ticks:-ticks]
    assert "`" * ticks not in inside
    assert "\n" not in made
    assert "<!--" not in made


@given(st.text(alphabet="`~<!->@# \nab\\|", max_size=200))
def test_a_fence_is_never_left(text: str) -> None:
    made = fence(text)
    ticks = len(made) - len(made.lstrip("`"))
    assert all(not line.startswith("`" * ticks) for line in made.split("\n")[1:-1])
    assert "<!--" not in made


SECRETS = {
    "github": "ghp_" + "a1" * 18,
    "new form of an installation token": "ghs_123456_eyJhbGciOi.eyJpc3Mi-x.abc-def",
    "fine-grained": "github_pat_" + "A1b2" * 10,
    "gitlab": "glpat-" + "a" * 20,
    "aws": "AKIA" + "ABCDEFGH23456772",
    "google": "AIza" + "a" * 35,
    "slack": "xoxb-123456789012-abcdef",
    "stripe": "sk_live_" + "a" * 24,
    "openai": "sk-proj-" + "a" * 40,
    "npm": "npm_" + "a" * 36,
    "pypi": "pypi-" + "A" * 60,
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4",
    "password in an address": "postgres://user:hunter22@db/x",
    "header": "Authorization: Bearer abcdefgh12345678",
    "variable": "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG",
    "key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----",
    "cut key": "-----BEGIN PRIVATE KEY-----\nMIIEow\nabc",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_secrets_are_taken_out(secret: str) -> None:
    text = f"before {secret}\nafter"
    assert leaks(text)
    clean = redact(text)
    assert MARK in clean
    assert not leaks(clean)
    assert clean.count("\n") == text.count("\n")
    assert redact_bytes(text.encode()) == clean.encode()
    assert clean.startswith("before ")


@pytest.mark.parametrize(
    "text",
    [
        "commit 23cfa32b0c0ffee23cfa32b0c0ffee23cfa32b0c",
        "assert token == 'abc'",
        "https://example.com:8080/path",
        "tests/test_keys.py::test_private_key PASSED",
        "sha256:" + "a" * 64,
        "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text
    assert redact_bytes(text.encode()) == text.encode()


def test_the_name_of_a_leaked_variable_is_kept() -> None:
    assert redact("MY_TOKEN=abcdefgh123") == f"MY_TOKEN={MARK}"
    assert redact("https://u:passw0rd@h/") == f"https://{MARK}h/"
    assert redact_bytes(b"\xff\xfe MY_TOKEN=abcdefgh123 \xff") == b"\xff\xfe MY_TOKEN=" + MARK.encode() + b" \xff"


OWNERS = """
# everything
*       @global-owner1 @org/all
*.js    @js-owner #inline
/build/logs/ @doctocat
docs/*  docs@example.com
apps/ @octocat
/scripts/ @doctocat @octocat
**/logs @log
/apps/github
with\\ space.txt @spaced
not-an-owner nobody
!negated @x
range[ab] @x
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.txt", ("@global-owner1", "@org/all")),
        ("deep/a.js", ("@js-owner",)),
        ("build/logs/x/y", ("@log",)),
        ("docs/getting-started.md", ("docs@example.com",)),
        ("docs/build/x.md", ("@global-owner1", "@org/all")),
        ("x/apps/y", ("@octocat",)),
        ("scripts/deep/run", ("@doctocat", "@octocat")),
        ("x/scripts/run", ("@global-owner1", "@org/all")),
        ("deeply/nested/logs/today", ("@log",)),
        ("apps/github/x", ()),
        ("with space.txt", ("@spaced",)),
        ("not-an-owner", ("@global-owner1", "@org/all")),
        ("negated", ("@global-owner1", "@org/all")),
    ],
)
def test_code_owners(path: str, expected: tuple[str, ...]) -> None:
    assert owners(OWNERS, (path,)) == {path: expected}


def test_no_owners() -> None:
    assert owners("", ("a",)) == {"a": ()}
    assert owners("* @x\n" + " " * MAX_CHARS, ("a",)) == {"a": ()}


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("docs/**", "docs/a/b.md", True),
        ("docs/**", "docs", False),
        ("**/x.py", "x.py", True),
        ("**/x.py", "a/b/x.py", True),
        ("*.py", "a/b.py", True),
        ("/*.py", "a/b.py", False),
        ("docs/", "docs/a/b", True),
        ("docs/", "x/docs/a", True),
        ("/docs/", "x/docs/a", False),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/?.py", "a/b.py", True),
        ("a/?.py", "a/bc.py", False),
        ("a/*.py", "a/b/c.py", False),
        ("[x", "[x", True),
        ("a+b.py", "aab.py", False),
        ("**", "any/thing", True),
        ("a**b", "a/x/b", True),
    ],
)
def test_globs(pattern: str, path: str, fits: bool) -> None:
    assert matches(pattern, path) is fits
