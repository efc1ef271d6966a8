"""Every field of every body and every parameter takes its own kind alone, and says once what is wrong and where."""

from collections.abc import Iterator
from typing import Any

from tests.contract.documents import (
    bodies,
    document,
    every,
    in_each_service,
    operations,
    scopes_of,
    service_of,
)
from tests.contract.test_http import addresses

#: What each kind must not be taken for, in a body and in an address.
IN_BODY = {
    "integer": ["1", 1.0, True],
    "boolean": [0, "true", "yes"],
    "date": [0, "0", "2024-06-24T00:00:00"],
    "date-time": [0, "86400", "2024-06-24"],
}
IN_ADDRESS = {
    "integer": ["1.0", "x"],
    "boolean": ["1", "yes"],
    "date": ["0", "86400"],
    "date-time": ["0", "2024-06-24"],
}


def kinds(schema: dict[str, Any]) -> set[str]:
    """The kinds of values that a schema allows; empty where it allows one that cannot be told from others."""
    found = set()
    for part in schema.get("anyOf", [schema]):
        if part.get("const") or part.get("enum"):
            continue
        found.add(part.get("format") or part.get("type") or "other")
    return found - {"null"}


def fields(name: str) -> Iterator[tuple[str, str, dict[str, Any], str, str]]:
    """(method, address, example, field, kind) of every field of a body that has one strict kind."""
    schemas = document(name)["components"]["schemas"]
    examples = {(method, path): example for method, path, example in bodies(name)}
    for (method, path, _), (_, address, operation) in zip(operations(name), addresses(name), strict=True):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        example = examples.get((method, path))
        if content is None or not isinstance(example, dict):
            continue
        parts = content["schema"].get("anyOf", [content["schema"]])
        for part in parts:
            shape = schemas.get(part.get("$ref", "").rpartition("/")[2], {})
            for field, schema in shape.get("properties", {}).items():
                for kind in kinds(schema) & IN_BODY.keys() if len(kinds(schema)) == 1 else ():
                    yield method, address, example, field, kind


@in_each_service
def test_a_field_takes_its_own_kind_alone(name, serve):
    everything = serve(service_of(name)).client(*scopes_of(name))

    def wrong() -> Iterator[str]:
        for method, address, example, field, kind in fields(name):
            for value in IN_BODY[kind]:
                answer = everything.request(
                    method, address, json={**example, field: value}, headers={"If-Match": "*"}
                )
                # A report of an accident is taken as it is told: the field is not, and says so.
                unread = [f"/{each['field']}" for each in answer.json().get("unread", [])]
                pointers = [each["pointer"] for each in answer.json().get("errors", [])] or unread
                if answer.status_code == 404 and address.endswith("/reports"):
                    continue
                if [each for each in pointers if each.startswith("/")] != [f"/{field}"]:
                    yield f"{method} {address} {field}={value!r}: {answer.status_code} {answer.text[:200]}"

    every(name, wrong())


@in_each_service
def test_a_parameter_takes_its_own_kind_alone(name, serve):
    everything = serve(service_of(name)).client(*scopes_of(name))

    def wrong() -> Iterator[str]:
        for method, address, operation in addresses(name):
            for parameter in operation.get("parameters", []):
                found = kinds(parameter["schema"])
                if parameter["in"] != "query" or len(found) != 1:
                    continue
                for value in IN_ADDRESS.get(*found, []):
                    answer = everything.request(method, address, params={parameter["name"]: value})
                    pointers = [each["pointer"] for each in answer.json().get("errors", [])]
                    if answer.status_code != 422 or pointers.count(f"?{parameter['name']}") != 1:
                        yield f"{method} {address}?{parameter['name']}={value}: {answer.text[:200]}"

    every(name, wrong())


def test_the_fields_are_many():
    assert sum(1 for name in ("emergency", "property") for _ in fields(name)) > 100
