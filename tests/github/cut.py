"""Cuts GitHub's OpenAPI description down to the operations in use: `python -m tests.github.cut`.

The description is npm's `@octokit/openapi` (MIT). What is kept is what a judge needs: parameters, bodies and answers as
JSON schemas without prose; `nullable` becomes a type of its own, as JSON Schema wants it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

PACKAGE = "@octokit/openapi@23.0.2"
MEMBER = "package/generated/api.github.com.json"
TARGET = Path(__file__).parent / "description.json"
REPO = "/repos/{owner}/{repo}"
USED = {
    "GET /app",
    "GET /app/hook/deliveries",
    "POST /app/hook/deliveries/{delivery_id}/attempts",
    "GET /app/installations",
    "GET /app/installations/{installation_id}",
    "POST /app/installations/{installation_id}/access_tokens",
    "POST /app-manifests/{code}/conversions",
    "GET /installation/repositories",
    "GET /orgs/{org}/teams/{team_slug}/memberships/{username}",
    "GET /rate_limit",
    *(
        f"{method} {REPO}{path}"
        for method, path in (
            line.split(maxsplit=1) if " " in line else (line, "")
            for line in (
                "GET",
                "GET /installation",
                "GET /actions/artifacts/{artifact_id}/{archive_format}",
                "GET /actions/jobs/{job_id}/logs",
                "GET /actions/runs",
                "GET /actions/runs/{run_id}",
                "GET /actions/runs/{run_id}/artifacts",
                "GET /actions/runs/{run_id}/attempts/{attempt_number}/logs",
                "GET /actions/runs/{run_id}/jobs",
                "GET /actions/runs/{run_id}/logs",
                "POST /actions/runs/{run_id}/rerun-failed-jobs",
                "POST /actions/workflows/{workflow_id}/dispatches",
                "GET /actions/workflows/{workflow_id}/runs",
                "GET /branches/{branch}",
                "POST /check-runs",
                "GET /check-runs/{check_run_id}",
                "GET /check-runs/{check_run_id}/annotations",
                "PATCH /check-runs/{check_run_id}",
                "GET /collaborators/{username}/permission",
                "GET /commits/{ref}",
                "GET /commits/{ref}/check-runs",
                "GET /commits/{ref}/status",
                "GET /compare/{basehead}",
                "GET /contents/{path}",
                "GET /deployments",
                "POST /deployments",
                "GET /deployments/{deployment_id}/statuses",
                "POST /git/blobs",
                "GET /git/blobs/{file_sha}",
                "POST /git/commits",
                "GET /git/commits/{commit_sha}",
                "GET /git/ref/{ref}",
                "POST /git/refs",
                "PATCH /git/refs/{ref}",
                "DELETE /git/refs/{ref}",
                "POST /git/trees",
                "GET /git/trees/{tree_sha}",
                "GET /issues",
                "POST /issues",
                "PATCH /issues/{issue_number}",
                "PATCH /issues/comments/{comment_id}",
                "GET /issues/{issue_number}/comments",
                "POST /issues/{issue_number}/comments",
                "POST /issues/{issue_number}/labels",
                "GET /pulls",
                "POST /pulls",
                "GET /pulls/{pull_number}",
                "PATCH /pulls/{pull_number}",
                "GET /pulls/{pull_number}/commits",
                "GET /pulls/{pull_number}/files",
                "PUT /pulls/{pull_number}/merge",
                "POST /pulls/{pull_number}/requested_reviewers",
                "GET /pulls/{pull_number}/reviews",
                "GET /rules/branches/{branch}",
                "GET /tarball/{ref}",
            )
        )
    ),
}
PROSE = {
    "description",
    "title",
    "example",
    "examples",
    "externalDocs",
    "summary",
    "deprecated",
    "default",
    "contentMediaType",
}
BINDING = ("type", "properties", "items", "enum", "oneOf", "anyOf", "allOf", "$ref")


def fetched() -> dict[str, Any]:
    """Return the whole description, fetched with npm's own client."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", PACKAGE, "--silent", "--pack-destination", folder], check=True)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            found = archive.extractfile(MEMBER)
            assert found is not None
            return dict(json.load(found))


def schema(value: Any, *, names: bool = False) -> Any:
    """Return a schema without prose and in JSON Schema's own words; `names` = the keys are those of properties."""
    if isinstance(value, list):
        return [schema(one) for one in value]
    if not isinstance(value, dict):
        return value
    if names:
        return {key: schema(one) for key, one in value.items()}
    kept = {
        key: schema(one, names=key == "properties")
        for key, one in value.items()
        if key not in PROSE | {"nullable"} and not key.startswith("x-")
    }
    if "$ref" in kept:
        kept["$ref"] = "#/definitions/" + kept["$ref"].rpartition("/")[2]
    if not value.get("nullable"):
        return kept
    if "enum" in kept and None not in kept["enum"]:
        kept["enum"] = [*kept["enum"], None]
    if isinstance(kept.get("type"), str) and not {"oneOf", "anyOf", "allOf"} & set(kept):
        return {**kept, "type": [kept["type"], "null"]}
    return {"anyOf": [{"type": "null"}, kept]} if set(kept) & set(BINDING) else {}


def references(value: Any) -> set[str]:
    """Return the names of the definitions that a schema refers to."""
    if isinstance(value, list):
        return {name for one in value for name in references(one)}
    if not isinstance(value, dict):
        return set()
    own = {value["$ref"].rpartition("/")[2]} if isinstance(value.get("$ref"), str) else set()
    return own | {name for one in value.values() for name in references(one)}


def cut(whole: dict[str, Any]) -> dict[str, Any]:
    """Return operations by `METHOD /path` and the definitions that they reach."""
    operations = {}
    for name in sorted(USED):
        method, path = name.split()
        operations[name] = operation(whole, whole["paths"][path], method.lower())
    schemas, definitions, wanted = whole["components"]["schemas"], {}, references(operations)
    while wanted:
        name = wanted.pop()
        definitions[name] = schema(schemas[name])
        wanted |= references(definitions[name]) - set(definitions)
    return {"source": PACKAGE, "operations": operations, "definitions": dict(sorted(definitions.items()))}


def operation(whole: dict[str, Any], place: dict[str, Any], method: str) -> dict[str, Any]:
    """Return parameters, body and answers of one operation."""
    found = place[method]
    listed = [resolved(whole, one) for one in [*place.get("parameters", []), *found.get("parameters", [])]]
    body = resolved(whole, found["requestBody"]) if "requestBody" in found else {}
    return {
        "parameters": [
            {
                "name": one["name"],
                "in": one["in"],
                "required": one.get("required", False),
                "schema": schema(one["schema"]),
            }
            for one in listed
        ],
        "body": content(body),
        "body_required": body.get("required", False),
        "answers": {code: content(resolved(whole, one)) for code, one in found["responses"].items()},
    }


def resolved(whole: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference to a shared parameter, body or answer means."""
    if "$ref" not in value:
        return value
    found: Any = whole
    for part in value["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def content(value: dict[str, Any]) -> Any:
    """Return the JSON schema of a body or answer, or None when it has no JSON."""
    kinds = value.get("content", {})
    found = kinds.get("application/json") or kinds.get("application/json+sarif")
    return schema(found["schema"]) if found and "schema" in found else None


if __name__ == "__main__":
    description = json.loads(Path(sys.argv[1]).read_text("utf-8")) if len(sys.argv) > 1 else fetched()
    TARGET.write_text(json.dumps(cut(description), separators=(",", ":"), sort_keys=True) + "\n", "utf-8")
    sys.stdout.write(f"{TARGET}: {TARGET.stat().st_size} bytes\n")
