# SPDX-License-Identifier: Apache-2.0
"""The contract as OpenAPI 3.1: what may be asked, and what a plan is."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from neuraxis_bridge import deadline, idempotency
from neuraxis_bridge.chat import Request
from neuraxis_bridge.keys import PRIORITIES
from neuraxis_common.plan import Plan

_REFS = "#/components/schemas/"
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "code"],
            "properties": {name: {"type": "string"} for name in ("message", "type", "code")},
        }
    },
}
_ANSWER = {
    "type": "object",
    "required": ["id", "model", "choices"],
    "properties": {"choices": {"type": "array", "minItems": 1}},
}
_REFUSALS = (400, 401, 403, 404, 408, 413, 422, 429, 499, 500, 502, 503, 504, 508)


def add_contract(app: FastAPI) -> None:
    """Serve the document as ``/openapi.json``; it holds no data, so it asks for no key."""
    described = document()

    @app.get("/openapi.json")
    async def openapi() -> dict[str, Any]:
        return described


def document() -> dict[str, Any]:
    """The whole document. A plan is the content of an answer's message, as text."""
    components: dict[str, Any] = {"Error": _ERROR, "Answer": _ANSWER}
    for model in (Request, Plan):
        _add(components, model)
    robot, anyone = [{"key": []}, {}], [{}]
    asked = {
        "operationId": "ask",
        "security": robot,
        "parameters": [
            _header(deadline.HEADER, {"type": "integer", "minimum": 1, "maximum": 999999999}),
            _header("x-priority", {"enum": list(PRIORITIES)}),
            _header(idempotency.HEADER, {"type": "string", "pattern": "^[!-~]{1,128}$"}),
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"{_REFS}Request"}}},
        },
        "responses": _responses(
            {
                "application/json": {"schema": {"$ref": f"{_REFS}Answer"}},
                "text/event-stream": {},
            }
        ),
    }
    json_object = {"application/json": {"schema": {"type": "object"}}}
    paths = {"/v1/chat/completions": {"post": asked}}
    for path, content, security in (
        ("/v1/models", json_object, robot),
        ("/healthz", json_object, anyone),
        ("/readyz", json_object, anyone),
        ("/metrics", {"text/plain": {}}, robot),
        ("/ui/state", json_object, robot),
    ):
        paths[path] = {"get": {"security": security, "responses": _responses(content)}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Neuraxis gateway", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _add(components: dict[str, Any], model: type[BaseModel]) -> None:
    schema = model.model_json_schema(ref_template=f"{_REFS}{{model}}")
    components |= schema.pop("$defs", {})
    components[model.__name__] = schema


def _header(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": schema}


def _responses(content: dict[str, Any]) -> dict[str, Any]:
    refused = {"application/json": {"schema": {"$ref": f"{_REFS}Error"}}}
    rows = {str(status): {"description": "refused", "content": refused} for status in _REFUSALS}
    return {"200": {"description": "done", "content": content}} | rows
