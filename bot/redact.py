"""Takes well-known kinds of secrets out of text, on the way in and again on every way out.

One RE2 alternation, so that a hostile log costs linear time. Only tokens with a recognisable form are taken: guessing
by entropy would eat the hashes and identifiers that a diagnosis rests on.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import re2

KINDS: dict[str, str] = {
    "private_key": r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s:,.\-\\]*?"
    r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z)",
    "github": r"\bgh[opsur]_[A-Za-z0-9][A-Za-z0-9_.\-]{15,}|\bgithub_pat_[A-Za-z0-9_]{20,}",
    "gitlab": r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt|oas)-[A-Za-z0-9_\-]{16,}",
    "aws": r"\b(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ABIA|ACCA)[A-Z2-7]{16}\b",
    "google": r"\bAIza[A-Za-z0-9_\-]{35}|\bya29\.[A-Za-z0-9_\-]{20,}|\bGOCSPX-[A-Za-z0-9_\-]{20,}",
    "slack": r"\bxox[abeoprs]-[A-Za-z0-9\-]{10,}|\bxapp-\d-[A-Za-z0-9\-]{10,}"
    r"|https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_\-]{20,}",
    "stripe": r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|\bwhsec_[A-Za-z0-9+/=]{20,}",
    "model": r"\bsk-(?:proj-|ant-|svcacct-|admin-|or-)?[A-Za-z0-9_\-]{20,}|\bhf_[A-Za-z0-9]{30,}",
    "registry": r"\bnpm_[A-Za-z0-9]{30,}|\bpypi-[A-Za-z0-9_\-]{40,}|\bdckr_(?:pat|oat)_[A-Za-z0-9_\-]{20,}"
    r"|\brubygems_[a-f0-9]{40,}|\bcio[A-Za-z0-9]{32}\b",
    "jwt": r"\beyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}",
    "cloud": r"\bdo[opr]_v1_[a-f0-9]{40,}|\bdapi[a-f0-9]{32}\b|\bhv[bsr]\.[A-Za-z0-9_\-]{20,}"
    r"|\bglsa_[A-Za-z0-9_]{30,}|\bSG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}|\bsntry[su]_[A-Za-z0-9_+/=]{30,}"
    r"|\bAccountKey=[A-Za-z0-9+/=]{40,}|\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|\bNRAK-[A-Z0-9]{20,}"
    r"|\bPMAK-[a-f0-9\-]{40,}|\bAGE-SECRET-KEY-1[A-Z0-9]{50,}|\bdp\.(?:pt|st|ct|sa)\.[A-Za-z0-9.]{30,}"
    r"|\b\d{8,10}:AA[A-Za-z0-9_\-]{33}\b|\blin_api_[A-Za-z0-9]{30,}|\bfigd_[A-Za-z0-9_\-]{30,}",
    "url_password": r"\b[A-Za-z][A-Za-z0-9+.\-]{1,20}://[^\s:/@'\"<>]{0,200}:[^\s/@'\"<>]{3,500}@",
    "header": r"(?i:\b(?:authorization|x-api-key|private-token|x-auth-token)[\"']?\s*[:=]\s*[\"']?"
    r"(?:(?:basic|bearer|token|digest)\s+)?[A-Za-z0-9_.~+/=\-]{8,})",
    "variable": r"\b[A-Z0-9_]*(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS)[A-Z0-9_]*"
    r"[\"']?\s?[=:]\s?[\"']?[A-Za-z0-9_.~+/=\-!@#$%^&]{8,}",
}
MARK = "[redacted]"
_NAMED = ("header", "variable")


def redact(text: str) -> str:
    """Return the text with every recognised secret replaced by `[redacted]`; the number of lines stays the same."""
    if not _finder(text=True).search(text):
        return text
    return str(_finder(text=True).sub(lambda found: _hidden(found.lastgroup, found.group()), text))


def redact_bytes(data: bytes) -> bytes:
    """Return content with every recognised secret replaced; for text in any encoding that extends ASCII."""
    if not _finder(text=False).search(data):
        return data
    hidden = _finder(text=False).sub(
        lambda found: _hidden(found.lastgroup.decode(), found.group().decode("latin-1")).encode("latin-1"), data
    )
    return bytes(hidden)


def _hidden(kind: str, secret: str) -> str:
    """Return what stands for a secret: the name before a value is kept, for it says which secret leaked."""
    kept = ""
    if kind in _NAMED:
        kept = secret[: min(secret.find(mark) for mark in "=:" if mark in secret) + 1]
    elif kind == "url_password":
        kept = secret.partition("://")[0] + "://"
    return kept + MARK + "\n" * secret.count("\n")


def leaks(text: str) -> bool:
    """Return whether the text holds a recognised secret."""
    return _finder(text=True).search(text) is not None


@cache
def _finder(*, text: bool) -> Any:
    together = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in KINDS.items())
    options = re2.Options()
    options.max_mem = 64 << 20  # the alternation is large; too little memory would fall back to the slow engine
    return re2.compile(together if text else together.encode(), options)
