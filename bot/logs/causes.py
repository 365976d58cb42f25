"""Names the class of an exception, and the key that failures of one cause share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.logs.paths import is_test
from bot.logs.patterns import rx
from bot.model import FailureClass, Frame, fingerprint


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MISSING = rx(r"^No module named '?(?P<name>[\w.]+)'?")
FROM_STDLIB = rx(
    r"^cannot import name '?\w+'? from '?(?:typing|collections(?:\.abc)?|asyncio|inspect|importlib(?:\.\w+)?"
    r"|datetime|enum"
    r"|types|functools|dataclasses|contextlib|math|fractions|gettext|imp|distutils|unittest(?:\.\w+)?|json|abc|re"
    r"|ast)'?(?: |$)"
)
NEWER = rx(
    r"^(?:importlib\.(?:metadata|resources)|unittest\.async_case|asyncio\.\w+|distutils\.\w+|collections\.abc)(?:\.|$)"
)
NOT_PACKAGE = rx(r"is not a package|; '[\w.]+' is not")
NETWORK_TYPES = rx(
    r"(?:^|\.)(?:ConnectionError|ConnectTimeout|ConnectionResetError|ConnectionRefusedError|ReadTimeout"
    r"|ReadTimeoutError|ConnectTimeoutError|MaxRetryError|"
    r"NewConnectionError|NameResolutionError|ProxyError|SSLError|gaierror|RemoteDisconnected|IncompleteRead"
    r"|ProtocolError|ChunkedEncodingError|URLError|"
    r"ClientConnectorError|ServerDisconnectedError|ConnectError|RemoteProtocolError)$"
)
NETWORK_TEXT = rx(
    r"(?i)max retries exceeded|temporary failure in name resolution|name or service not known|getaddrinfo failed"
    r"|nodename nor servname|connection (?:timed out|reset by peer|aborted)"
    r"|read timed out|failed to establish a new connection|network is unreachable|remote end closed connection"
    r"|could not resolve host"
    r"|\b429 too many requests|HTTP Error (?:429|50[0234])|(?:429|50[0234]) (?:Client|Server) Error|no route to host"
)
SYSTEM = rx(r"^(?:\[(?:Errno|WinError) -?\d+\]|timed out$|$)")
LOCAL = rx(r"(?i)localhost|127\.0\.0\.1|\[?::1\]?|0\.0\.0\.0")
DATA_PATH = rx(
    r"(?i)\.(?:csv|tsv|json|jsonl|ya?ml|xml|txt|npy|npz|h5|hdf5|nc|fits|parquet|pkl|pickle|zip|gz|tar|png|jpe?g"
    r"|tiff?|wav|mp[34]|pdf|db|sqlite3?|dat|bin|mat|xlsx?|html?|log)"
    r"(?:['\"]|$)|/(?:data|fixtures|resources|assets|samples?|testdata|test_data)(?:/|['\"]|$)"
)
REMOVED = _words(
    "asynchat asyncore imp smtpd aifc audioop cgi cgitb chunk crypt distutils imghdr mailcap msilib nis nntplib "
    "ossaudiodev pipes sndhdr spwd sunau telnetlib uu xdrlib lib2to3 binhex formatter parser symbol "
    "macpath tomllib zoneinfo graphlib dataclasses contextvars"
)
GENERIC = _words(
    "src app apps core lib libs utils util common config configs settings models model api helpers helper "
    "main scripts script tools backend server services service modules db database routes routers schemas "
    "handlers tests test testing conftest package project"
)
NAMED: dict[str, FailureClass] = {
    "VersionConflict": "dependency-conflict",
    "ContextualVersionConflict": "dependency-conflict",
    "DistributionNotFound": "missing-dependency",
    "TimeoutExpired": "timeout",
}
NUMBERS = (
    (rx(r"0x[0-9a-fA-F]+"), b"0xH"),
    (rx(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), b"U"),
    (rx(r"\b[0-9a-f]{12,64}\b"), b"H"),
    (rx(r"(?:[A-Za-z]:)?[/\\](?:tmp|temp|var|private)[/\\][^\s'\":,)]+"), b"T"),
    (rx(r"-?\b\d+(?:\.\d+)?(?:e[-+]?\d+)?"), b"N"),
    (rx(r"[ \t]+"), b" "),
)


def classify(
    exception: str,
    message: str,
    *,
    own: Iterable[str] = (),
    loading: bool = False,
    frames: Sequence[Frame] = (),
) -> FailureClass:
    """Return the class of one Python exception.

    `own` are names of modules that belong to the repository; `loading` says that a test module or conftest could
    not be imported. An error of a connection is the network's unless the repository's code raised it itself, which
    its `frames` show.
    """
    short = exception.rpartition(".")[2]
    if short in ("ModuleNotFoundError", "ImportError", "ImportWarning"):
        return _import(short, message, frozenset(own))
    if short in ("SyntaxError", "IndentationError", "TabError"):
        return "syntax-error"
    named = _by_name(short, exception, message)
    if named != "none" and not (named == "network-flake" and _made_here(message, frames)):
        return named
    return "import-error" if loading and short in ("AttributeError", "NameError") else "test-failure"


def _import(short: str, message: str, own: frozenset[str]) -> FailureClass:
    missing = MISSING.find(message)
    if missing is None:
        return "python-version" if FROM_STDLIB.find(message) else "import-error"
    name = missing["name"]
    top = name.partition(".")[0]
    if top in REMOVED or NEWER.find(name):
        return "python-version"
    if name != top or top in own or top in GENERIC or NOT_PACKAGE.find(message):
        return "import-error"
    return "missing-dependency"


def _by_name(short: str, exception: str, message: str) -> FailureClass:
    if short in NAMED or (short == "Failed" and message.startswith("Timeout")):
        return NAMED.get(short, "timeout")
    if short.endswith("MemoryError") or "CUDA out of memory" in message:
        return "oom"
    if short in ("OSError", "IOError") and "No space left on device" in message:
        return "disk-full"
    remote = NETWORK_TYPES.find(exception) or (
        (short in ("OSError", "TimeoutError", "timeout") or short.endswith(("HTTPError", "HTTPStatusError")))
        and NETWORK_TEXT.find(message)
    )
    if (remote and not LOCAL.find(message)) or (NETWORK_TEXT.find(message) and "HTTPSConnectionPool" in message):
        return "network-flake"
    missing = short == "FileNotFoundError" or (short in ("OSError", "IOError") and message.startswith("[Errno 2]"))
    if missing and DATA_PATH.find(message):
        return "data-missing"
    return "none"


def _made_here(message: str, frames: Sequence[Frame]) -> bool:
    """Return whether the innermost frame is the repository's and the message none that the system gives."""
    return bool(frames) and frames[-1].project and not (SYSTEM.find(message) or NETWORK_TEXT.find(message))


def normalised(message: str) -> str:
    """Return the first line of a message with numbers, addresses and temporary paths masked."""
    data = message.strip().partition("\n")[0][:500].encode("utf-8", "replace")
    for pattern, mask in NUMBERS:
        data = pattern.sub(mask, data)
    return data.decode("utf-8", "replace").strip()


def last_own_frame(frames: Iterable[Frame]) -> str:
    """Return `file:line` of the innermost frame in the repository outside of its tests, or an empty text."""
    own = [f for f in frames if f.project and not is_test(f.file)]
    return f"{own[-1].file}:{own[-1].line}" if own else ""


def cause_key(klass: str, exception: str | None, message: str) -> str:
    """Return 12 hexadecimal characters that are the same for failures of one type with one normalised message."""
    return fingerprint(klass, (exception or "").rpartition(".")[2], normalised(message), length=12)
