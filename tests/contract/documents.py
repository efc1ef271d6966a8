"""Every service's OpenAPI document, and what stands in it."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from kit.service import Service, create_app
from kit.testing import PERSONAL_KEY

NAMES = sorted(path.parent.name for path in Path("services").glob("*/app.py"))
METHODS = ("get", "post", "put", "patch", "delete")


def service_of(name: str) -> Service:
    service: Service = import_module(f"services.{name}.app").service
    return service


@cache
def document(name: str) -> dict[str, Any]:
    service = service_of(name)
    settings = service.settings(
        database_url="postgresql+psycopg://nobody@127.0.0.1:1/nothing",
        personal_key=PERSONAL_KEY,
        token_jwks=Path("none"),
    )
    made: dict[str, Any] = create_app(service, settings).openapi()
    return made


def operations(name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of a service."""
    for path, item in document(name)["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def secured(operation: dict[str, Any]) -> bool:
    """Whether an operation asks for a token."""
    return any("oauth2" in way for way in operation.get("security", ()))


def answer_of(name: str, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer of an operation, or the component that it refers to."""
    if "$ref" not in answer:
        return answer
    section, _, key = answer["$ref"].removeprefix("#/components/").partition("/")
    found: dict[str, Any] = document(name)["components"][section][key]
    return found


def bodies(name: str) -> Iterator[tuple[str, str, Any]]:
    """(method, path, example) of every JSON body; the example None where there is none."""
    for method, path, operation in operations(name):
        if any(kind.endswith("json") for kind in operation.get("requestBody", {}).get("content", {})):
            yield method, path, example_of(document(name), operation)


def example_of(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    """The example of an operation's JSON body; None where it has none."""
    schemas = document["components"]["schemas"]
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if not kind.endswith("json"):
            continue
        schema = content["schema"]
        for part in schema.get("anyOf", [schema]):
            if reference := part.get("$ref", "").removeprefix("#/components/schemas/"):
                schema = schemas[reference]
        return content.get("example") or (schema.get("examples") or [None])[0]
    return None
