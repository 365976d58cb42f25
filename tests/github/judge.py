"""Holds every request and answer against GitHub's own description, and gives answers the shape it demands.

Stricter than a plain schema check: a query parameter or a key of a body that is not described is a fault too, and what
the stand-in knows beyond the description never reaches the caller, so that nobody can come to rely on it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

DESCRIPTION = json.loads((Path(__file__).parent / "description.json").read_text("utf-8"))
DEFINITIONS: dict[str, Any] = DESCRIPTION["definitions"]
GREEDY = {"path", "ref", "branch", "basehead", "tree_sha"}
STAMP = "2026-01-01T00:00:00Z"
TEXTS = {"date-time": STAMP, "uri": "https://example.invalid/x", "email": "x@example.invalid"}
VERSION = "2022-11-28"
Schema = Mapping[str, Any]


@cache
def paths() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Return method, path pattern and name of every operation, the more literal ones first."""
    found = []
    for name in sorted(DESCRIPTION["operations"], key=lambda one: (one.count("{"), -len(one))):
        method, path = name.split()
        parts = re.split(r"\{(\w+)\}", path)
        pattern = "".join(
            (f"(?P<{part}>{'.+' if part in GREEDY else '[^/]+'})" if index % 2 else re.escape(part))
            for index, part in enumerate(parts)
        )
        found.append((method, re.compile(f"^{pattern}$"), name))
    return tuple(found)


def operation(method: str, path: str) -> tuple[str, dict[str, str]] | None:
    """Return the operation that a request means, and the values in its path."""
    for kind, pattern, name in paths():
        match = pattern.match(path)
        if kind == method and match:
            return name, {key: unquote(value) for key, value in match.groupdict().items()}
    return None


def usual(method: str, path: str) -> int:
    """Return the status of an answer when all went well: the least described 2xx, else 200."""
    found = operation(method, path)
    codes = DESCRIPTION["operations"][found[0]]["answers"] if found else ()
    return min((int(code) for code in codes if code.startswith("2")), default=200)


@cache
def validator(name: str, part: str, code: str = "") -> Any:
    """Return what validates a body (`body`), a parameter (`query:per_page`) or an answer (`answers`, its code)."""
    found = DESCRIPTION["operations"][name]
    if part == "body":
        schema = found["body"]
    elif part == "answers":
        schema = found["answers"][code]
    else:
        schema = next(one["schema"] for one in found["parameters"] if f"{one['in']}:{one['name']}" == part)
    return jsonschema_rs.Draft7Validator({**(schema or {}), "definitions": DEFINITIONS}, validate_formats=True)


def request(
    method: str, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str], body: bytes
) -> list[str]:
    """Return what is wrong with a request."""
    found = operation(method, path)
    if found is None:
        return [f"{method} {path} is not described"]
    name, values = found
    wrong = [*_headers(headers), *_parameters(name, query, values), *_body(name, headers, body)]
    return [f"{name}: {one}" for one in wrong]


def _headers(headers: Mapping[str, str]) -> Iterator[str]:
    if "application/vnd.github" not in headers.get("Accept", ""):
        yield "the header Accept does not ask for application/vnd.github+json"
    if headers.get("X-GitHub-Api-Version") != VERSION:
        yield "the header X-GitHub-Api-Version is missing"
    if "self-healing-bot" not in headers.get("User-Agent", ""):
        yield "the header User-Agent does not name us"


def _parameters(name: str, query: Mapping[str, list[str]], values: Mapping[str, str]) -> Iterator[str]:
    known = {one["name"]: one for one in DESCRIPTION["operations"][name]["parameters"]}
    for key, one in known.items():
        given = values.get(key) if one["in"] == "path" else (query.get(key) or [None])[0]
        if given is None:
            if one["required"]:
                yield f"the parameter {key} is missing"
            continue
        yield from _errors(validator(name, f"{one['in']}:{key}"), _typed(given, one["schema"]), key)
    for key in query:
        if key not in known or known[key]["in"] != "query":
            yield f"the parameter {key} is not described"


def _typed(text: str, schema: Schema) -> Any:
    if schema.get("type") == "integer" and text.lstrip("-").isdecimal():
        return int(text)
    if schema.get("type") == "boolean" and text in ("true", "false"):
        return text == "true"
    if schema.get("type") == "array":
        return text.split(",")
    return text


def _body(name: str, headers: Mapping[str, str], body: bytes) -> Iterator[str]:
    found = DESCRIPTION["operations"][name]
    if not body.strip():
        if found["body_required"]:
            yield "the body is missing"
        return
    if name.startswith("GET "):
        yield "a GET has a body"
    if not headers.get("Content-Type", "").startswith("application/json"):
        yield "the body is not sent as application/json"
    data = json.loads(body)
    if found["body"] is None:
        if data:
            yield "a body is not described"
        return
    yield from _errors(validator(name, "body"), data, "body")
    yield from (f"the key {key} of the body is not described" for key in _unknown(data, found["body"]))


def _errors(judge: Any, value: Any, what: str) -> list[str]:
    return [f"{what}{_where(error)}: {error.message[:300]}" for error in list(judge.iter_errors(value))[:3]]


def _where(error: Any) -> str:
    return "".join(f".{one}" for one in error.instance_path)


def resolved(schema: Schema) -> Schema:
    """Return a schema with its reference followed."""
    while "$ref" in schema:
        schema = DEFINITIONS[schema["$ref"].rpartition("/")[2]]
    return schema


def options(schema: Schema) -> list[Schema]:
    """Return the alternatives of a schema that are not null."""
    listed = schema.get("anyOf") or schema.get("oneOf") or []
    return [resolved(one) for one in listed if one.get("type") != "null"]


def meant(schema: Schema, value: Any) -> Schema:
    """Return the object or list schema that a value is meant for, alternatives and parts put together."""
    schema = resolved(schema)
    if "allOf" in schema:
        parts = [meant(one, value) for one in schema["allOf"]]
        together = {key: one for part in parts for key, one in part.get("properties", {}).items()}
        needed = [key for part in parts for key in part.get("required", [])]
        return {"type": "object", "properties": together, "required": needed}
    fitting = [one for one in (meant(each, value) for each in options(schema)) if _fits(one, value)]
    if not fitting:
        return schema
    best = max(
        fitting, key=lambda one: len(set(one.get("properties", ())) & set(value if isinstance(value, dict) else ()))
    )
    return (
        {**best, "properties": {**schema.get("properties", {}), **best["properties"]}} if "properties" in best else best
    )


def _fits(schema: Schema, value: Any) -> bool:
    kinds = schema.get("type", "object")
    kind = "object" if isinstance(value, dict) else "array" if isinstance(value, list) else "other"
    if kind != "other" and kind not in (kinds if isinstance(kinds, list) else [kinds]):
        return False
    if kind == "other":
        return True
    limits = {key: resolved(one).get("enum") for key, one in schema.get("properties", {}).items()}
    return kind != "object" or all(limits.get(key) is None or one in limits[key] for key, one in value.items())


def _unknown(value: Any, schema: Schema, at: str = "") -> Iterator[str]:
    found = meant(schema, value)
    if isinstance(value, list):
        for one in value:
            yield from _unknown(one, found.get("items", {}), at)
    elif isinstance(value, dict) and found.get("properties") and not found.get("additionalProperties"):
        for key, one in value.items():
            if key not in found["properties"]:
                yield f"{at}{key}"
            else:
                yield from _unknown(one, found["properties"][key], f"{at}{key}.")


def shaped(name: str, code: int, value: Any) -> Any:
    """Return an answer as the description shapes it: what is missing put in, what it does not know left out."""
    schema = DESCRIPTION["operations"][name]["answers"].get(str(code))
    return value if schema is None else _shaped(value, schema)


def _shaped(value: Any, schema: Schema) -> Any:
    found = meant(schema, value)
    if isinstance(value, list):
        return [_shaped(one, found.get("items", {})) for one in value]
    if not isinstance(value, dict) or not found.get("properties"):
        return value
    known = found["properties"]
    free = bool(found.get("additionalProperties"))
    made = {key: _shaped(one, known.get(key, {})) for key, one in value.items() if free or key in known}
    return {**{key: example(known.get(key, {})) for key in found.get("required", ()) if key not in made}, **made}


def example(schema: Schema) -> Any:
    """Return the least value that a schema allows."""
    schema = resolved(schema)
    kinds = schema.get("type")
    listed = schema.get("anyOf") or schema.get("oneOf") or []
    if (isinstance(kinds, list) and "null" in kinds) or any(one.get("type") == "null" for one in listed):
        return None
    if "enum" in schema:
        return schema["enum"][0]
    if listed and kinds is None:
        return example(listed[0])
    if kinds == "object" or "properties" in schema or "allOf" in schema:
        whole = meant(schema, {})
        return {key: example(whole.get("properties", {}).get(key, {})) for key in whole.get("required", ())}
    plain: dict[Any, Any] = {"integer": 1, "number": 1, "boolean": False, "array": [], "string": "x"}
    return TEXTS.get(schema.get("format", ""), plain.get(kinds, "x"))


def answer(name: str, code: int, value: Any) -> list[str]:
    """Return what is wrong with an answer of ours."""
    known = DESCRIPTION["operations"][name]["answers"]
    if code >= 400 or code == 304:
        return []
    if str(code) not in known:
        return [f"{name}: the answer {code} is not described"]
    if known[str(code)] is None:
        return []
    return [f"{name} {code}: {one}" for one in _errors(validator(name, "answers", str(code)), value, "answer")]
