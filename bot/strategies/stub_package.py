"""Declare the stub package that a type checker asks for, where the project keeps its development requirements."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._declaring import add_requirement
from bot.strategies._sites import sites

_HINT = re2.compile(r"pip install (types-[\w.-]+)")
_STUBS = re2.compile(r'[Ll]ibrary stubs not installed for "([\w.]+)"')
# stub distributions whose name is not `types-` and the import name: https://github.com/python/typeshed/tree/main/stubs
_NAMES = {
    "yaml": "types-PyYAML", "dateutil": "types-python-dateutil", "docutils": "types-docutils", "six": "types-six",
    "google.protobuf": "types-protobuf", "markdown": "types-Markdown", "pkg_resources": "types-setuptools",
    "psycopg2": "types-psycopg2", "pymysql": "types-PyMySQL", "serial": "types-pyserial", "jose": "types-python-jose",
    "slugify": "types-python-slugify", "bs4": "types-beautifulsoup4", "flask_cors": "types-Flask-Cors",
    "pywin32": "types-pywin32", "xmltodict": "types-xmltodict", "ttkthemes": "types-ttkthemes", "zmq": "types-zmq",
}  # fmt: skip
_SAME = frozenset(
    "requests tabulate toml simplejson ujson redis boto cachetools mock paramiko psutil pytz regex setuptools termcolor"
    " tqdm jsonschema openpyxl pexpect pyasn1 Pygments colorama docopt tzlocal croniter polib peewee networkx shapely"
    " seaborn tensorflow lxml defusedxml aiofiles passlib pyinstaller".split()
)


def _stubs(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[str]:
    for site in sites(diagnosis, codebase):
        hint, named = _HINT.search(site.message), _STUBS.search(site.message)
        if hint:
            yield hint.group(1)
        elif named:
            top = named.group(1).partition(".")[0]
            yield _NAMES.get(named.group(1)) or _NAMES.get(top) or (f"types-{top}" if top in _SAME else "")


@strategy(causes=("type",), trust="glance", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one declaration for each stub package that is missing."""
    for name in dict.fromkeys(stub for stub in _stubs(diagnosis, codebase) if stub):
        edits = add_requirement(name, codebase, tests=True)
        if edits:
            yield Proposal(
                strategy="stub_package",
                title=f"Declare {name} in {edits[0].path}",
                edits=edits,
                confidence=0.88,
                why="the type checker asks for these stubs, and no metadata file names them.",
            )
