"""Where packages come from: the user's own pip and uv configuration, handed to uv, which does not read pip's."""

from __future__ import annotations

import configparser
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

# pip's setting -> uv's variable, and what joins several values
_NAMES = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "cert": ("SSL_CERT_FILE", " "),
}
_NO_INDEX = "no-index"
_ADDRESSES = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")
PYPI = ("pypi.org", "files.pythonhosted.org", "*.pythonhosted.org", "download.pytorch.org", "*.pytorch.org")
STORES = ("*.amazonaws.com", "*.blob.core.windows.net", "storage.googleapis.com", "*.cloudfront.net", "*.r2.dev")
"""Where private indexes redirect to for the files themselves."""
_PASSED = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT", "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def uv_environment(environ: Mapping[str, str], cache: Path) -> dict[str, str]:
    """Return the environment for uv: the user's index settings and nothing else; uv's own variables win over pip's."""
    names = {*_PASSED, *_PROXIES, *(name.lower() for name in _PROXIES)}
    kept = {key: value for key, value in environ.items() if key in names or key.startswith(("UV_", "XDG_"))}
    ours = {
        "UV_CACHE_DIR": kept.get("UV_CACHE_DIR") or str(cache),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
        "UV_LINK_MODE": kept.get("UV_LINK_MODE") or "hardlink",
    }
    dropped = {"UV_PROJECT_ENVIRONMENT", "UV_SYSTEM_PYTHON", "UV_PYTHON", "UV_CONSTRAINT", "UV_OVERRIDE"}
    return pip_settings(environ) | {key: value for key, value in kept.items() if key not in dropped} | ours


def pip_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return pip's index settings, from its files and `PIP_*` variables, as uv's variables."""
    values = _values(environ)
    found = {_NAMES[key][0]: _NAMES[key][1].join(value.split()) for key, value in values.items() if key in _NAMES}
    if found.get("UV_INDEX"):
        # pip takes the best version of all its indexes together.
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {key: value for key, value in found.items() if value}


def hosts(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Return the hosts that an installation may talk to: those of the user's indexes, else PyPI's, and file stores."""
    texts = (settings.get(key, "") for key in _ADDRESSES)
    words = [word for text in texts for word in text.replace(",", " ").split()]
    # An index may carry a name: `name=https://...`.
    named = [urlsplit(word[word.find("=", 0, word.find("://")) + 1 :]).hostname for word in words]
    own = [host for host in named if host]
    return tuple(dict.fromkeys((*own, *PYPI, *(STORES if own else ()))))


def uv_options(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the options for an installation for which uv has no variable: no index at all, as pip is told."""
    without = _values(environ).get(_NO_INDEX, "").lower()
    return ("--no-index",) if without not in {"", "0", "false", "no", "off"} else ()


def _values(environ: Mapping[str, str]) -> dict[str, str]:
    return dict((*_from_files(environ), *_from_variables(environ)))


def _from_variables(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key in (*_NAMES, _NO_INDEX):
        if value := environ.get("PIP_" + key.upper().replace("-", "_")):
            yield key, value


def _from_files(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the settings of pip's files, the strongest last; a broken file is skipped, as uv knows nothing of it."""
    for path in _files(environ):
        parsed = configparser.RawConfigParser(strict=False)
        try:
            parsed.read_string(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, configparser.Error):
            continue
        for section in ("global", "install"):
            if parsed.has_section(section):
                yield from ((key, value) for key, value in parsed.items(section) if key in {*_NAMES, _NO_INDEX})


def _files(environ: Mapping[str, str]) -> Iterator[Path]:
    if environ.get("PIP_CONFIG_FILE") == "/dev/null":
        return
    home = Path(environ.get("HOME") or Path.home())
    yield Path("/etc/xdg/pip/pip.conf")
    yield Path("/etc/pip.conf")
    yield home / ".pip" / "pip.conf"
    yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf"
    if chosen := environ.get("PIP_CONFIG_FILE"):
        yield Path(chosen)
