"""Description of the API made from its rows: OpenAPI 3.1 for programs, and what the page shows to people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from inspect import cleandoc
from typing import Any

import msgspec

from portfolio.screens.api.v1.operations import JSON, OPERATIONS, PDF, PREFIX, PROBLEM, NoValues, Operation, Problem
from portfolio.wording import api as words

VERSION = "1.0.0"
_REF = "#/components/schemas/{name}"
_PART = re.compile(r"<(?:(\w+):)?(\w+)>")
_REFUSED = (400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503)


@cache
def openapi() -> bytes:
    """Return the description as JSON; its operations are the rows."""
    return msgspec.json.format(msgspec.json.encode(description()), indent=1)


def description() -> dict[str, Any]:
    """Return the description as OpenAPI says it."""
    kinds = [kind for row in OPERATIONS for kind in (row.body, row.answer) if kind is not None]
    _, schemas = msgspec.json.schema_components([*kinds, Problem], ref_template=_REF)
    for schema in schemas.values():  # some releases of Python keep the margin of a docstring, others do not
        schema["description"] = cleandoc(schema.get("description", ""))
    paths: dict[str, dict[str, Any]] = {}
    for row in OPERATIONS:
        paths.setdefault(address_of(row), {})[row.method.lower()] = _operation(row)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Acquis",
            "version": VERSION,
            "summary": words.API_SUMMARY,
            "description": words.API_DESCRIPTION,
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": words.NO_TOKEN}},
            "responses": {"Problem": {"description": words.PROBLEM, "content": _content(PROBLEM, Problem)}},
        },
    }


def address_of(row: Operation) -> str:
    """Return the address of an operation as OpenAPI writes it."""
    return PREFIX + _PART.sub(r"{\2}", row.path)


def _operation(row: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": row.name,
        "summary": row.summary,
        "description": words.scope_message(row.scope),
        "parameters": [*_path_parts(row), *_query(row), *(_KEY if row.writes else ())],
        "responses": {
            str(row.status): {"description": row.summary, "content": _content(JSON if row.answer else PDF, row.answer)},
            **{str(status): {"$ref": "#/components/responses/Problem"} for status in _REFUSED},
        },
    }
    if row.scope is not None:
        told["x-scope"] = row.scope.value
    if row.body is not None:
        told["requestBody"] = {"required": True, "content": _content(JSON, row.body)}
    return told


def _content(media: str, kind: type[Any] | None) -> dict[str, Any]:
    if kind is None:
        return {media: {"schema": {"type": "string", "format": "binary"}}}
    return {media: {"schema": {"$ref": _REF.format(name=kind.__name__)}}}


def _path_parts(row: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", **({"format": "uuid"} if kind == "uuid" else {})},
        }
        for kind, name in _PART.findall(row.path)
    ]


def _query(row: Operation) -> list[dict[str, Any]]:
    if row.query is NoValues:
        return []
    (reference,), schemas = msgspec.json.schema_components([row.query], ref_template=_REF)
    properties = schemas[reference["$ref"].rsplit("/", 1)[1]]["properties"]
    return [{"name": name, "in": "query", "schema": _inlined(value, schemas)} for name, value in properties.items()]


def _inlined(value: Any, schemas: dict[str, Any]) -> Any:
    """Return the schema of a parameter with what it refers to: parameters are not components."""
    if isinstance(value, dict):
        if "$ref" in value:
            return _inlined(schemas[value["$ref"].rsplit("/", 1)[1]], schemas)
        return {key: _inlined(part, schemas) for key, part in value.items()}
    return [_inlined(part, schemas) for part in value] if isinstance(value, list) else value


_KEY: Sequence[dict[str, Any]] = (
    {
        "name": "Idempotency-Key",
        "in": "header",
        "description": words.KEY_DESCRIPTION,
        "schema": {"type": "string", "maxLength": 100, "pattern": "^[!-~]{1,100}$"},
    },
)


def described_operations() -> list[dict[str, Any]]:
    """Return each operation as the page shows it: address, scope, parameters, what it takes and answers."""
    return [
        {
            "name": row.name,
            "method": row.method,
            "address": address_of(row),
            "summary": row.summary,
            "scope": words.SCOPES[row.scope] if row.scope else "",
            "code": row.scope.value if row.scope else "",
            "parameters": [part["name"] for part in (*_path_parts(row), *_query(row))],
            "takes": _example(row.body),
            "answers": _example(row.answer),
        }
        for row in OPERATIONS
    ]


def _example(kind: type[Any] | None) -> str:
    """Return the form of a value: its fields, each with its type."""
    if kind is None:
        return ""
    (reference,), schemas = msgspec.json.schema_components([kind], ref_template=_REF)
    return msgspec.json.format(msgspec.json.encode(_form(reference, schemas)), indent=2).decode()


def _form(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _form(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    if "properties" in schema:
        return {name: _form(value, schemas) for name, value in schema["properties"].items()}
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        forms = [_form(each, schemas) for each in schema["anyOf"]]
        kept = [each for each in forms if each != "null"]
        return kept[0] if len(kept) == 1 and not isinstance(kept[0], str) else " | ".join(map(str, forms))
    if schema.get("type") == "array":
        return [_form(schema.get("items", {}), schemas)]
    return schema.get("format") or schema.get("type", "")
