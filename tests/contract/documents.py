"""The OpenAPI document of every service and of the gateway, and what stands in them."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from fastapi import FastAPI
from joserfc.jwk import RSAKey

import gateway.app
from gateway.openapi import borrow_example, merge
from gateway.settings import GatewaySettings
from kit.service import Service, create_app
from kit.settings import FileSettings
from kit.testing import PERSONAL_KEY
from kit.web.tokens import write_jwks

#: The services; each has a document, and so has the gateway.
NAMES = sorted(path.parent.name for path in Path("services").glob("*/app.py"))
DOCUMENTS = [*NAMES, "gateway"]
#: What the gateway shows of all of them.
MERGED = "merged"
METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM = "application/problem+json"
CHINESE = re.compile("[一-鿿]")

in_each_service = pytest.mark.parametrize("name", NAMES)
in_each_document = pytest.mark.parametrize("name", DOCUMENTS)


def every(name: str, wrong: Iterator[str]) -> None:
    """Nothing is wrong; else all of it is told at once."""
    found = list(wrong)
    assert not found, f"{name}: " + "; ".join(found)


def service_of(name: str) -> Service:
    service: Service = import_module(f"services.{name}.app").service
    return service


@cache
def document(name: str) -> dict[str, Any]:
    if name == MERGED:
        made = merge({name: document(name) for name in ("gateway", *NAMES)})
        borrow_example(made)
    else:
        made = app_of(name).openapi()
    return made


@cache
def app_of(name: str) -> FastAPI:
    """The application of a service, or what the gateway answers itself."""
    return _gateway() if name == "gateway" else _service(name)


def _service(name: str) -> FastAPI:
    service = service_of(name)
    settings = service.settings(
        database_url="postgresql+psycopg://nobody@127.0.0.1:1/nothing",
        personal_key=PERSONAL_KEY,
        token_jwks=Path("none"),
        **({"files_folder": Path("none")} if issubclass(service.settings, FileSettings) else {}),
    )
    return create_app(service, settings)


def _gateway() -> FastAPI:
    with TemporaryDirectory() as folder:
        files = {name: Path(folder, name) for name in ("signing_key", "token_jwks", "clients")}
        key = RSAKey.generate_key(2048)
        files["signing_key"].touch(0o600)
        files["signing_key"].write_bytes(key.as_pem(private=True))
        files["clients"].write_text("clients: {}")
        write_jwks([key], files["token_jwks"])
        own = gateway.app.create_app(
            GatewaySettings(upstreams={"property": "http://127.0.0.1:1"}, **files)
        ).own
    assert isinstance(own, FastAPI)
    return own


def operations(name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of a service."""
    for path, item in document(name)["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def secured(operation: dict[str, Any]) -> bool:
    """Whether an operation asks for a token."""
    return any("oauth2" in way for way in operation.get("security", ()))


def scopes_of(name: str) -> set[str]:
    """Every scope that an operation of the service asks for."""
    return {
        scope
        for _, _, operation in operations(name)
        for requirement in operation.get("security", [])
        for scopes in requirement.values()
        for scope in scopes
    }


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
        if any(
            kind.endswith(("/json", "+json")) for kind in operation.get("requestBody", {}).get("content", {})
        ):
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
