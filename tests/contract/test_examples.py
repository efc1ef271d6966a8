"""The examples of every OpenAPI document are true."""

import json
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.contract.documents import (
    answer_of,
    bodies,
    document,
    every,
    in_each_document,
    in_each_service,
    operations,
    scopes_of,
    service_of,
)


@in_each_document
def test_every_body_has_an_example(name):
    every(name, (f"{method} {path}" for method, path, example in bodies(name) if example is None))


def answers(name: str) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """(what answers, its schema, its example) of every answer in JSON that tells of success."""
    made = document(name)
    for method, path, operation in operations(name):
        for status, answer in operation["responses"].items():
            for kind, media in answer_of(name, answer).get("content", {}).items():
                if status.startswith("2") and kind.endswith("json"):
                    [example] = media["examples"].values()
                    named = example["$ref"].removeprefix("#/components/examples/")
                    yield f"{method} {path}", media["schema"], made["components"]["examples"][named]["value"]


@in_each_document
def test_every_example_of_an_answer_is_one(name):
    resource = Resource(contents=document(name), specification=DRAFT202012)
    registry = Registry().with_resource("document", resource)

    def wrong() -> Iterator[str]:
        for what, schema, example in answers(name):
            placed = json.loads(json.dumps(schema).replace('"#/', '"document#/'))
            validator = Draft202012Validator(placed, registry=registry, format_checker=FormatChecker())
            yield from (
                f"{what}: {error.json_path}: {error.message}" for error in validator.iter_errors(example)
            )

    every(name, wrong())


@in_each_document
def test_no_example_of_an_answer_says_what_stands_there_in_its_place(name):
    said = {
        (field, about.get("description"))
        for schema in document(name)["components"]["schemas"].values()
        for field, about in schema.get("properties", {}).items()
    }

    def wrong() -> Iterator[str]:
        for what, _, example in answers(name):
            for field, value in leaves(example):
                if (field, value) in said or value in ({}, "string", "项目"):
                    yield f"{what}: {field}"

    every(name, wrong())


def leaves(value: Any, field: str = "") -> Iterator[tuple[str, Any]]:
    """(field, value) of all that stands in a value and holds nothing else."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, field)
    else:
        yield field, value


@in_each_service
def test_every_example_is_accepted_by_its_own_operation(name, serve):
    everything = serve(service_of(name)).client(*scopes_of(name))

    def refused() -> Iterator[str]:
        for method, path, example in bodies(name):
            address = re.sub(r"\{[^}]+\}", "00000000-0000-0000-0000-000000000000", path)
            address = address.removeprefix(f"/{name}/v1")
            answer = everything.request(method, address, json=example, headers={"If-Match": "*"})
            if answer.status_code >= 500:
                yield f"{method} {path}: {answer.text}"
            if answer.status_code == 422 and answer.json()["type"].endswith(":invalid-request"):
                errors = [error for error in answer.json()["errors"] if error["pointer"].startswith("/")]
                yield from (f"{method} {path}: {error}" for error in errors)

    every(name, refused())


@in_each_service
def test_the_hotline_s_example_is_taken_by_each_service_with_matters(name, serve):
    service = service_of(name)
    hotline = serve(service).client("dispatch:write")
    [example] = [found for _, path, found in bodies(name) if path.endswith("/dispatch/requests")]
    answer = hotline.post("/dispatch/requests", json=example)
    assert answer.status_code == (201 if service.matters else 422), answer.text
