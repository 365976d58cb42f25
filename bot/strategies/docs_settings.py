"""Correct what the configuration of a Sphinx build says: paths, extensions, themes, languages, other projects.

Source: https://www.sphinx-doc.org/en/master/usage/configuration.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._prose import complaints, meant_page, relative
from bot.strategies._text import Span, edit, replace, source

_ENTRY = re2.compile(r"(html_static_path|html_extra_path|templates_path|locale_dirs) entry '([^']+)'")
_PICTURE = re2.compile(r"(?:logo|favicon) file '([^']+)' does not exist")
_EXTENSION = re2.compile(r"Could not import extension ([\w.]+)|[Nn]o theme named '([\w-]+)' found")
_OPTION = re2.compile(r"unsupported theme option '([\w-]+)' given")
_DIRECTIVE = re2.compile(r'Unknown directive type "([\w:-]+)"')
_BUILTIN = frozenset(
    f"sphinx.ext.{name}"
    for name in "autodoc autosectionlabel autosummary coverage doctest duration extlinks githubpages"
    " graphviz ifconfig imgconverter inheritance_diagram intersphinx linkcode mathjax napoleon todo viewcode".split()
) | frozenset("alabaster classic sphinxdoc scrolls agogo traditional nature haiku pyramid bizstyle epub basic".split())
# directive -> extension of Sphinx's own that brings it
_BRINGS = {
    **dict.fromkeys(
        "automodule autoclass autofunction automethod autoattribute autodata autoexception autoproperty"
        " autodecorator".split(), "sphinx.ext.autodoc"),
    "autosummary": "sphinx.ext.autosummary", "todo": "sphinx.ext.todo", "todolist": "sphinx.ext.todo",
    "graphviz": "sphinx.ext.graphviz", "digraph": "sphinx.ext.graphviz", "graph": "sphinx.ext.graphviz",
    "inheritance-diagram": "sphinx.ext.inheritance_diagram", "ifconfig": "sphinx.ext.ifconfig",
    **dict.fromkeys(("testcode", "testoutput", "testsetup", "testcleanup", "doctest"), "sphinx.ext.doctest"),
}  # fmt: skip
Change = tuple[Span | ast.AST, str]


def _values(tree: ast.Module) -> dict[str, ast.expr]:
    """Return the values that the configuration gives to plain names; the last one counts."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
    return found


def _is(node: ast.expr | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value == value


def _kept(text: str, value: ast.List | ast.Tuple, gone: ast.expr) -> str:
    parts = [source(text, one) for one in value.elts if one is not gone]
    opening, closing = ("[", "]") if isinstance(value, ast.List) else ("(", ",)" if len(parts) == 1 else ")")
    return f"{opening}{', '.join(parts)}{closing}"


def _paths(message: str, text: str, values: dict[str, ast.expr], page: str, codebase: Codebase) -> Iterator[Change]:
    """Yield the changes for folders and pictures that are not there: the one that was meant, or none."""
    for name, entry in _ENTRY.findall(message):
        listed = values.get(name)
        for one in listed.elts if isinstance(listed, ast.List | ast.Tuple) else ():
            if _is(one, entry) and isinstance(listed, ast.List | ast.Tuple):
                yield listed, _kept(text, listed, one)
    for entry in _PICTURE.findall(message):
        meant = meant_page(entry, page, codebase)
        for value in (value for value in values.values() if meant and _is(value, entry)):
            yield value, f'"{relative(meant, str(PurePosixPath(page).parent))}"'


def _names(message: str, text: str, values: dict[str, ast.expr], tree: ast.Module) -> Iterator[Change]:
    """Yield the changes for extensions, themes and options that nobody has, and for those that are lacking."""
    for first, second in _EXTENSION.findall(message):
        near = nearest(first or second, _BUILTIN)
        found = (
            node
            for node in ast.walk(tree)
            if near and isinstance(node, ast.Constant) and node.value == (first or second)
        )
        yield from ((node, f'"{near[0]}"') for node in found if near)
    options = values.get("html_theme_options")
    for name in _OPTION.findall(message):
        for key, value in zip(options.keys, options.values, strict=True) if isinstance(options, ast.Dict) else ():
            if key is not None and _is(key, name) and isinstance(options, ast.Dict):
                rest = [(k, v) for k, v in zip(options.keys, options.values, strict=True) if v is not value and k]
                yield options, "{" + ", ".join(f"{source(text, k)}: {source(text, v)}" for k, v in rest) + "}"
    extensions = values.get("extensions")
    for name in _DIRECTIVE.findall(message):
        brings = _BRINGS.get(name, "")
        if brings and isinstance(extensions, ast.List) and not any(_is(one, brings) for one in extensions.elts):
            parts = [source(text, one) for one in extensions.elts]
            yield extensions, f"[{', '.join([*parts, f'{chr(34)}{brings}{chr(34)}'])}]"
        elif brings and extensions is None:
            yield Span(_below(tree), 0, _below(tree), 0), f'extensions = ["{brings}"]\n'


def _below(tree: ast.Module) -> int:
    """Return the line behind the last statement of a file."""
    return max((node.end_lineno or 0 for node in tree.body), default=0) + 1


def _elsewhere(message: str, text: str, values: dict[str, ast.expr]) -> Iterator[Change]:
    """Yield the changes for a language and for other projects that are written as older releases wanted them."""
    if "'language = None'" in message and _is(values.get("language"), None):
        yield values["language"], '"en"'
    mapping = values.get("intersphinx_mapping")
    if "intersphinx_mapping" not in message or not isinstance(mapping, ast.Dict):
        return
    for key, value in zip(mapping.keys, mapping.values, strict=True):
        if isinstance(key, ast.Constant) and str(key.value).startswith("http"):
            host = str(key.value).partition("://")[2].partition("/")[0].split(".")
            yield key, f'"{host[-2] if len(host) > 1 else host[0]}": ({source(text, key)}, {source(text, value)})\0'
        elif isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value, f"({source(text, value)}, None)"


def _changed(message: str, path: str, codebase: Codebase) -> str:
    text, tree = codebase.text(path), codebase.tree(path)
    values = _values(tree) if tree else {}
    if tree is None:
        return text
    changes = [
        *_paths(message, text, values, path, codebase),
        *_names(message, text, values, tree),
        *_elsewhere(message, text, values),
    ]
    return str(re2.sub("\0" + r"\s*:\s*[^,}\n]+", "", replace(text, changes)))


@strategy(causes=("docs", "documentation"), trust="glance", prior=0.84)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one correction for each thing that the configuration says and the builder does not take."""
    confs = [path for path in codebase.files if PurePosixPath(path).name == "conf.py"]
    done: set[str] = set()
    for complaint in complaints(diagnosis, codebase) if len(confs) == 1 else ():
        edits = edit(confs[0], codebase.text(confs[0]), _changed(complaint.message, confs[0], codebase))
        if edits and edits[0].text not in done:
            done.add(edits[0].text or "")
            yield Proposal(
                strategy="docs_settings",
                title=f"Correct {confs[0]}: {complaint.message[:80]}",
                edits=edits,
                confidence=0.88,
                why="the builder takes the configuration in this form only.",
            )
