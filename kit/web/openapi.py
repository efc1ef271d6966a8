"""The OpenAPI document as other systems read it: error answers listed, clauses named, one security scheme."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from kit.district.citations import cite
from kit.web import idempotency
from kit.web.problems import MEDIA_TYPE, ProblemDetails, problems

_IDEMPOTENCY_KEY = {
    "name": idempotency.HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "重复提交时用同一个值：24 小时内得到第一次的结果，不会重复办理",
}
_METHODS = ("get", "post", "put", "patch", "delete")


def document(app: FastAPI) -> dict[str, Any]:
    """The app's OpenAPI document, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        app.openapi_schema = _finish(made)
    return app.openapi_schema


def _finish(made: dict[str, Any]) -> dict[str, Any]:
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    details = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= details.pop("$defs")
    schemas["ProblemDetails"] = details
    for path in made["paths"].values():
        for method, operation in path.items():
            if method in _METHODS:
                if method == "post" and operation.get("security"):
                    operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
                _finish_operation(operation)
    return made


def _finish_operation(operation: dict[str, Any]) -> None:
    responses: dict[str, Any] = operation["responses"]
    takes_input = "requestBody" in operation or "parameters" in operation
    statuses = ([401, 403] if operation.get("security") else []) + ([422] if takes_input else [])
    if responses.get("422", {}).get("content", {}).get("application/json"):
        del responses["422"]  # FastAPI's own shape, which nobody gets
    for status, answer in problems(*statuses).items():
        responses.setdefault(str(status), answer)
    for answer in responses.values():
        if MEDIA_TYPE in answer.get("content", {}):
            answer["content"] = {MEDIA_TYPE: answer["content"][MEDIA_TYPE]}
    for citation in cite(*operation.get("x-clauses", ())):
        line = f"依据：《{citation.title}》（{citation.document}）{citation.at}，{citation.clause}。"
        operation["description"] = "\n\n".join(filter(None, (operation.get("description"), line)))
