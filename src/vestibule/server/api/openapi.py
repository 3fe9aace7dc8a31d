"""The OpenAPI document of this server, made from the declarations of its operations."""

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from vestibule.server.api.operation import Operation

REF: Final = "#/components/schemas/{name}"
PAGING: Final = ("before", "after", "limit", "order")


def document(operations: Iterable[Operation], *, version: str, server: str) -> dict[str, Any]:
    operations = list(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Vestibule", "version": version},
        "servers": [{"url": server}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(operations),
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary.partition("\n")[0],
        "tags": [operation.tag],
        "parameters": _parameters(operation),
        "responses": {
            str(operation.status): _answer(operation),
            "default": {"description": "A refusal: `{message, code?}` or `{error, error_description}`."},
        },
    }
    if operation.public:
        described["security"] = []
    if operation.body is not None:
        kinds = ["application/json", *(["application/x-www-form-urlencoded"] if operation.forms else [])]
        content = {kind: {"schema": _schema(operation.body)} for kind in kinds}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    text = {"type": "string"}
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": text}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    names = (*operation.filters, *(PAGING if operation.lists else ()))
    kinds: dict[str, Any] = {
        "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
        "order": {"type": "string", "enum": ["asc", "desc", "normal"], "default": "desc"},
    }
    parameters += [{"name": name, "in": "query", "schema": kinds.get(name, text)} for name in names]
    if operation.method == "POST":
        parameters.append({"name": "Idempotency-Key", "in": "header", "schema": text})
    return parameters


def _answer(operation: Operation) -> dict[str, Any]:
    if operation.answers is None:
        return {"description": "Done."}
    schema = _schema(operation.answers)
    if operation.lists:
        cursor = {"type": ["string", "null"]}
        metadata = {"type": "object", "properties": {"before": cursor, "after": cursor}}
        members = {"object": {"const": "list"}, "data": {"type": "array", "items": schema}}
        schema = {"type": "object", "properties": {**members, "list_metadata": metadata}}
    return {"description": "Done.", "content": {"application/json": {"schema": schema}}}


def _schema(shape: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([shape], ref_template=REF)
    return schema


def _schemas(operations: list[Operation]) -> dict[str, Any]:
    shapes = [shape for operation in operations for shape in (operation.body, operation.answers) if shape]
    _, components = msgspec.json.schema_components(shapes, ref_template=REF)
    return components
