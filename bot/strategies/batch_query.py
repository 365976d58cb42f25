"""Ask once for all instead of once for each: a query in a loop becomes the batch query that its object offers.

Only where the code shows how: the same class defines both, the batch method takes a collection and returns a
mapping or what stands for it, by its annotation or by how others read it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._bodies import before
from bot.strategies._loops import Function, fresh, hot_functions, invariant
from bot.strategies._text import edit, replace, source

_PLURALS = ("{0}s", "{0}_many", "{0}_all", "{0}_batch", "batch_{0}", "bulk_{0}", "{0}_bulk", "many_{0}", "{0}_multiple")
_MAPPINGS = ("dict", "Dict", "Mapping", "MutableMapping", "defaultdict")


def _batches(name: str) -> tuple[str, ...]:
    """Return what the batch form of a method or function may be called."""
    head, _, last = name.rpartition("_")
    spelt = [form.format(name) for form in _PLURALS]
    if last.endswith("y") and head:
        spelt.append(f"{head}_{last[:-1]}ies")
    return tuple(spelt)


def _gives_mapping(function: Function) -> bool:
    """Return whether a function says that it gives a mapping, or returns nothing but dictionaries."""
    noted = ast.unparse(function.returns) if function.returns else ""
    if noted:
        return noted.split("[")[0].rpartition(".")[2] in _MAPPINGS
    given = [n.value for n in ast.walk(function) if isinstance(n, ast.Return) and n.value is not None]
    return bool(given) and all(isinstance(one, ast.Dict | ast.DictComp) for one in given)


def _batch_of(name: str, codebase: Codebase) -> str:
    """Return the one batch form of a method that the project defines beside it, '' when there is none or several."""
    homes = {(s.file, s.qualname.rpartition(".")[0]) for s in codebase.find(name) if s.kind in {"method", "function"}}
    found: set[str] = set()
    for other in _batches(name):
        for symbol in codebase.find(other):
            tree = codebase.tree(symbol.file)
            if (symbol.file, symbol.qualname.rpartition(".")[0]) not in homes or tree is None or len(homes) != 1:
                continue
            nodes = [n for n in ast.walk(tree) if isinstance(n, Function) and n.lineno == symbol.line]
            plain = nodes and len(nodes[0].args.args) == (2 if symbol.kind == "method" else 1)
            if plain and _gives_mapping(nodes[0]):
                found.add(other)
    return found.pop() if len(found) == 1 else ""


def _queries(loop: ast.For) -> Iterator[ast.Call]:
    """Yield the calls in a loop whose only argument is the loop's own variable."""
    target = loop.target.id if isinstance(loop.target, ast.Name) else ""
    for call in (n for statement in loop.body for n in ast.walk(statement) if isinstance(n, ast.Call)):
        one = call.args[0] if len(call.args) == 1 and not call.keywords else None
        if isinstance(one, ast.Name) and one.id == target and isinstance(call.func, ast.Attribute | ast.Name):
            yield call


def _plain(node: ast.expr) -> bool:
    """Return whether what a loop goes over can be gone over twice: a name or an attribute, no generator."""
    return isinstance(node, ast.Name | ast.Attribute | ast.List | ast.Tuple)


def _batched(text: str, loop: ast.For, call: ast.Call, batch: str, function: Function) -> str:
    name = fresh("found", function)
    owner = f"{source(text, call.func.value)}." if isinstance(call.func, ast.Attribute) else ""
    key = source(text, call.args[0])
    changed = replace(text, [(call, f"{name}[{key}]")])
    return before(changed, loop, [f"{name} = {owner}{batch}({source(text, loop.iter)})"])


@strategy(causes=("performance", "n-plus-one"), trust="review", prior=0.65)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each loop of a slow function that asks for one thing at a time."""
    for path, function in hot_functions(diagnosis, codebase):
        text = codebase.text(path)
        for loop in (n for n in ast.walk(function) if isinstance(n, ast.For) and _plain(n.iter) and not n.orelse):
            for call in list(_queries(loop))[:1]:
                name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                owner = call.func.value if isinstance(call.func, ast.Attribute) else None
                batch = _batch_of(name, codebase) if owner is None or invariant(owner, loop) else ""
                if not batch:
                    continue
                yield Proposal(
                    strategy="batch_query",
                    title=f"Ask {batch} once instead of {name} for each in {function.name}",
                    edits=edit(path, text, _batched(text, loop, call, batch, function)),
                    confidence=0.7,
                    why=f"`{batch}` gives for all what `{name}` gives for one, in one query.",
                )
