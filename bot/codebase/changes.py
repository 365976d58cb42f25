"""What differs between two versions of files: hunks, changed lines, and the diff that `git apply -p1` takes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.codebase.texts import encode


@dataclass(frozen=True)
class Hunk:
    """One differing stretch; lines count from 1, an empty side's line is the one after which it would stand."""

    before_line: int
    before: tuple[str, ...]
    after_line: int
    after: tuple[str, ...]


def split_lines(text: str) -> list[str]:
    """Return lines with their ends, cut at line feeds only, as git does."""
    lines = text.split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])


def _opcodes(a: list[str], b: list[str]) -> list[tuple[str, int, int, int, int]]:
    """Return difflib's opcodes, with the equal ends cut off first: edits are small, files are not."""
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    middle_a, middle_b = a[head : len(a) - tail], b[head : len(b) - tail]
    matcher = difflib.SequenceMatcher(None, middle_a, middle_b, autojunk=len(middle_a) + len(middle_b) > 4000)
    return [
        (tag, i1 + head, i2 + head, j1 + head, j2 + head)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]


def hunks(before: str, after: str) -> tuple[Hunk, ...]:
    """Return the differing stretches of two texts, first to last."""
    a, b = split_lines(before), split_lines(after)
    return tuple(
        Hunk(i1 + (i2 > i1), tuple(a[i1:i2]), j1 + (j2 > j1), tuple(b[j1:j2])) for _, i1, i2, j1, j2 in _opcodes(a, b)
    )


def changed_lines(before: str | None, after: str) -> tuple[int, ...]:
    """Return the lines of `after` that differ from `before`; where lines were only removed, the two around the gap."""
    if before is None:
        return tuple(range(1, len(split_lines(after)) + 1))
    total = len(split_lines(after))
    found: set[int] = set()
    for hunk in hunks(before, after):
        if hunk.after:
            found.update(range(hunk.after_line, hunk.after_line + len(hunk.after)))
        else:
            found.update(line for line in (hunk.after_line, hunk.after_line + 1) if 1 <= line <= total)
    return tuple(sorted(found))


def diff(before: Mapping[str, str | None], after: Mapping[str, str | None], *, context: int = 3) -> str:
    """Return a diff that `git apply -p1` takes from `before` to `after`; None or a missing key = absent.

    New, deleted and empty files, missing line feeds at the end, CRLF and paths that need quoting are kept right.
    """
    paths = sorted(set(before) | set(after))
    return "".join(_file_diff(path, before.get(path), after.get(path), context) for path in paths)


def _file_diff(path: str, before: str | None, after: str | None, context: int) -> str:
    if before == after:
        return ""
    old, new = _quoted(f"a/{path}"), _quoted(f"b/{path}")
    lines = [f"diff --git {old} {new}\n"]
    if before is None:
        lines.append("new file mode 100644\n")
    if after is None:
        lines.append("deleted file mode 100644\n")
    body = list(_body(split_lines(before or ""), split_lines(after or ""), context))
    if body:
        lines.append(f"--- {'/dev/null' if before is None else _named(old)}\n")
        lines.append(f"+++ {'/dev/null' if after is None else _named(new)}\n")
    return "".join(lines + body)


def _named(path: str) -> str:
    """A tab ends a name with blanks, so that no reader takes a part of it for a date."""
    return f"{path}\t" if " " in path and not path.startswith('"') else path


def _quoted(path: str) -> str:
    """Return a path as git quotes it (core.quotePath): C escapes in double quotes where it has unusual bytes."""
    data = encode(path)
    plain = all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in data)
    if plain:
        return path
    named = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}
    return '"' + "".join(named.get(b) or (chr(b) if 0x20 <= b < 0x7F else f"\\{b:03o}") for b in data) + '"'


def _body(a: list[str], b: list[str], context: int) -> Iterator[str]:
    for group in _groups(_opcodes(a, b), context):
        first, last = group[0], group[-1]
        i1, j1 = max(first[1] - context, 0), max(first[3] - context, 0)
        i2, j2 = min(last[2] + context, len(a)), min(last[4] + context, len(b))
        yield f"@@ -{_span(i1, i2)} +{_span(j1, j2)} @@\n"
        position = i1
        for _, start, end, new_start, new_end in group:
            yield from (_line(" ", line) for line in a[position:start])
            yield from (_line("-", line) for line in a[start:end])
            yield from (_line("+", line) for line in b[new_start:new_end])
            position = end
        yield from (_line(" ", line) for line in a[position:i2])


def _groups(
    codes: list[tuple[str, int, int, int, int]], context: int
) -> Iterator[list[tuple[str, int, int, int, int]]]:
    group: list[tuple[str, int, int, int, int]] = []
    for code in codes:
        if group and code[1] - group[-1][2] > 2 * context:
            yield group
            group = []
        group.append(code)
    if group:
        yield group


def _span(start: int, end: int) -> str:
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _line(mark: str, line: str) -> str:
    return mark + line if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"
