"""Inputs in the domain of each program of the benchmark, to tell a right repair from one that only passes the tests."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

Make = Callable[[Random, Any], tuple[Any, ...]]


def _ints(rng: Random, most: int = 8, low: int = 0, high: int = 9) -> list[int]:
    return [rng.randint(low, high) for _ in range(rng.randint(0, most))]


def _word(rng: Random, letters: str = "abc", most: int = 6) -> str:
    return "".join(rng.choice(letters) for _ in range(rng.randint(0, most)))


def _nested(rng: Random, depth: int = 3) -> list[Any]:
    return [
        _nested(rng, depth - 1) if depth and rng.random() < 0.4 else rng.randint(0, 9) for _ in range(rng.randint(0, 4))
    ]


def _nodes(rng: Random, node: Any, most: int = 6) -> list[Any]:
    made = [
        node(value=at, successors=[], predecessors=[], incoming_nodes=[], outgoing_nodes=[])
        for at in range(rng.randint(1, most))
    ]
    for one in made:
        one.successors = [other for other in made if rng.random() < 0.3]
    return made


def _search(rng: Random, node: Any) -> tuple[Any, ...]:
    made = _nodes(rng, node)
    return rng.choice(made), rng.choice(made)


def _linked(rng: Random, node: Any) -> Any:
    first = None
    for at in range(rng.randint(0, 6)):
        first = node(at, first)
    return first


def _maybe_cycle(rng: Random, node: Any) -> tuple[Any, ...]:
    made: list[Any] = []
    for at in range(rng.randint(1, 7)):
        made.append(node(at, made[-1] if made else None))
    if rng.random() < 0.5:
        made[0].successor = rng.choice(made)
    return (made[-1],)


def _dag(rng: Random, node: Any) -> tuple[Any, ...]:
    made = _nodes(rng, node, 7)
    for at, one in enumerate(made):
        for other in made[at + 1 :]:
            if rng.random() < 0.4:
                one.outgoing_nodes.append(other)
                other.incoming_nodes.append(one)
    rng.shuffle(made)
    return (made,)


def _dijkstra(rng: Random, node: Any) -> tuple[Any, ...]:
    made = _nodes(rng, node)
    lengths = {(one, other): rng.randint(1, 9) for one in made for other in one.successors}
    return lengths, rng.choice(made), rng.choice(made)


def _weights(rng: Random, low: int, names: str = "ABCDEF", chance: float = 0.4) -> dict[Any, int]:
    pairs = [(a, b) for at, a in enumerate(names) for b in names[at + 1 :]]
    return {pair: rng.randint(low, 9) for pair in pairs if rng.random() < chance}


def _all_lengths(rng: Random, _node: Any) -> tuple[Any, ...]:
    count = rng.randint(1, 6)
    edges = {(a, b): rng.randint(-2, 9) for a in range(count) for b in range(a + 1, count) if rng.random() < 0.5}
    return count, edges


def _tree(rng: Random, _node: Any) -> tuple[Any, ...]:
    count = rng.randint(2, 6)
    pairs = [(a, b) for a in range(1, count + 1) for b in range(a + 1, count + 1) if rng.random() < 0.7]
    weights = rng.sample(range(1, 40), len(pairs))
    return (dict(zip(pairs, weights, strict=True)),)


def _kheap(rng: Random, _node: Any) -> tuple[Any, ...]:
    k = rng.randint(0, 5)
    values = sorted(_ints(rng, 10))
    out: list[int] = []
    while values:
        out.append(values.pop(rng.randrange(min(k + 1, len(values)))))
    return (out, k) if _nearly_sorted(out, k) else (sorted(out), k)


def _nearly_sorted(values: list[int], k: int) -> bool:
    wanted = sorted(values)
    return all(abs(at - wanted.index(value)) <= k for at, value in enumerate(values)) and len(values) >= k


def _bracket(rng: Random, _node: Any) -> tuple[Any, ...]:
    return (_word(rng, "()", 8),)


def _rpn(rng: Random, _node: Any) -> tuple[Any, ...]:
    tokens: list[Any] = [float(rng.randint(1, 9))]
    depth = 1
    while depth > 1 or rng.random() < 0.7:
        if depth > 1 and rng.random() < 0.5:
            tokens.append(rng.choice("+-*/"))
            depth -= 1
        else:
            tokens.append(float(rng.randint(1, 9)))
            depth += 1
    return (tokens,)


def _infix(rng: Random, _node: Any) -> tuple[Any, ...]:
    tokens: list[Any] = []
    for at in range(rng.randint(0, 5)):
        tokens += ([rng.choice("+-*/")] if at else []) + [rng.randint(1, 99)]
    return (tokens,)


def _kth(rng: Random, _node: Any) -> tuple[Any, ...]:
    values = [*_ints(rng), rng.randint(0, 9)]
    return values, rng.randrange(len(values))


def _text(rng: Random, _node: Any) -> tuple[Any, ...]:
    words = [_word(rng, "abcdefg", 7) or "a" for _ in range(rng.randint(0, 12))]
    return " ".join(words), rng.randint(8, 20)


def _items(rng: Random, _node: Any) -> tuple[Any, ...]:
    return rng.randint(0, 30), [(rng.randint(1, 12), rng.randint(1, 20)) for _ in range(rng.randint(0, 6))]


INPUTS: dict[str, Make] = {
    "bitcount": lambda r, n: (r.choice([r.randint(0, 20), r.randint(0, 1 << 40)]),),
    "breadth_first_search": _search,
    "bucketsort": lambda r, n: (_ints(r, 10), r.randint(10, 14)),
    "depth_first_search": _search,
    "detect_cycle": _maybe_cycle,
    "find_first_in_sorted": lambda r, n: (sorted(_ints(r)), r.randint(-1, 10)),
    "find_in_sorted": lambda r, n: (sorted(set(_ints(r))), r.randint(-1, 10)),
    "flatten": lambda r, n: (_nested(r),),
    "gcd": lambda r, n: (r.randint(0, 99), r.randint(0, 99)),
    "get_factors": lambda r, n: (r.randint(1, 400),),
    "hanoi": lambda r, n: (r.randint(0, 5), *r.sample([1, 2, 3], 2)),
    "is_valid_parenthesization": _bracket,
    "kheapsort": _kheap,
    "knapsack": _items,
    "kth": _kth,
    "lcs_length": lambda r, n: (_word(r), _word(r)),
    "levenshtein": lambda r, n: (_word(r, most=5), _word(r, most=5)),
    "lis": lambda r, n: (r.sample(range(20), r.randint(0, 10)),),
    "longest_common_subsequence": lambda r, n: (_word(r), _word(r)),
    "max_sublist_sum": lambda r, n: (_ints(r, 9, -9, 9),),
    "mergesort": lambda r, n: (_ints(r, 10),),
    "minimum_spanning_tree": _tree,
    "next_palindrome": lambda r, n: _palindrome(r),
    "next_permutation": lambda r, n: _permutation(r),
    "pascal": lambda r, n: (r.randint(1, 8),),
    "possible_change": lambda r, n: (r.sample(range(1, 12), r.randint(0, 4)), r.randint(-2, 20)),
    "powerset": lambda r, n: (r.sample("abcdefgh", r.randint(0, 5)),),
    "quicksort": lambda r, n: (_ints(r, 10),),
    "reverse_linked_list": lambda r, n: (_linked(r, n),),
    "rpn_eval": _rpn,
    "shortest_path_length": _dijkstra,
    "shortest_path_lengths": _all_lengths,
    "shortest_paths": lambda r, n: ("A", {**_weights(r, -2), ("A", "B"): r.randint(1, 9)}),
    "shunting_yard": _infix,
    "sieve": lambda r, n: (r.randint(0, 60),),
    "sqrt": lambda r, n: (r.randint(1, 60), r.choice([0.5, 0.1, 0.01])),
    "subsequences": lambda r, n: _interval(r),
    "to_base": lambda r, n: (r.randint(1, 9999), r.randint(2, 36)),
    "topological_ordering": _dag,
    "wrap": _text,
}


def _palindrome(rng: Random) -> tuple[Any, ...]:
    half = [rng.randint(1, 9), *_ints(rng, 3)]
    return ([*half, *half[::-1]] if rng.random() < 0.5 else [*half, rng.randint(0, 9), *half[::-1]],)


def _interval(rng: Random) -> tuple[Any, ...]:
    low = rng.randint(1, 5)
    return low, low + rng.randint(-2, 6), rng.randint(0, 4)


def _permutation(rng: Random) -> tuple[Any, ...]:
    values = rng.sample(range(9), rng.randint(2, 6))
    return (values,) if values != sorted(values, reverse=True) else (sorted(values),)
