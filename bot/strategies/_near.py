"""Which of the real names was meant: edit distance with transpositions, and nothing when two are as near."""

from __future__ import annotations

from collections.abc import Iterable


def distance(a: str, b: str, most: int = 3) -> int:
    """Return the optimal string alignment distance of two texts, `most + 1` when it is larger (Damerau, 1964)."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        after = [i]
        for j, y in enumerate(b, 1):
            cost = min(row[j] + 1, after[j - 1] + 1, row[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            after.append(cost)
        before, row = row, after
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def _same_words(a: str, b: str) -> bool:
    def words(name: str) -> list[str]:
        split = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).split("_")
        return sorted(word for word in split if word)

    return a != b and words(a) == words(b)


def allowed(name: str) -> int:
    """Return how many slips a name of this length may hold: short names are too alike to guess at."""
    return 0 if len(name) < 3 else 1 if len(name) < 6 else 2 if len(name) < 12 else 3


def nearest(name: str, names: Iterable[str]) -> tuple[str, float] | None:
    """Return the one name that was meant and how sure that is (0 to 1), or None when none or several are as near.

    A name with the same words in another order or case (`user_get`, `getUser`) counts as one slip. Slips at the first
    letter are rare, so another first letter counts as one more.
    """
    scored = sorted(
        (1 if _same_words(name, other) else distance(name, other) + (other[:1] != name[:1]), other)
        for other in {*names}
        if other != name and not (other.startswith("__") and not name.startswith("_"))
    )
    good = [(cost, other) for cost, other in scored if cost <= max(allowed(name), 1 if len(name) >= 3 else 0)]
    if not good or (len(good) > 1 and good[1][0] == good[0][0]):
        return None
    cost, other = good[0]
    return other, max(0.5, 0.95 - 0.15 * (cost - 1) - (0.15 if len(name) < 5 else 0.0))
