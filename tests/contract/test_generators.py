"""Every document, and the one of all, is OpenAPI 3.1, and has what made generators of clients and linters complain.

Tried by hand with openapi-python-client, openapi-typescript and Redocly; each complaint of theirs is a test here.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.contract.documents import DOCUMENTS, MERGED, document, every, in_each_document, operations
from tests.contract.test_openapi import references
from tests.contract.test_schemas import every_schema

in_each_and_in_all = pytest.mark.parametrize("name", [*DOCUMENTS, MERGED])


@in_each_document
def test_a_document_is_openapi_3_1(name):
    every(
        name,
        (
            f"{error.json_path}: {error.message}"
            for error in OpenAPIV31SpecValidator(document(name)).iter_errors()
        ),
    )


def alike(words: list[str]) -> set[str]:
    """Those of which a generator makes one name of its language."""
    names = [re.sub("[^a-z0-9一-鿿]", "", word.lower()) for word in words]
    return {word for word, name in zip(words, names, strict=True) if names.count(name) > 1}


@in_each_and_in_all
def test_no_two_operations_schemas_or_titles_become_one_name(name):
    schemas = document(name)["components"]["schemas"]
    webhooks = [item["post"]["operationId"] for item in document(name).get("webhooks", {}).values()]
    assert not alike([operation["operationId"] for _, _, operation in operations(name)] + webhooks)
    assert not alike([*schemas])
    if name != MERGED:  # where two services call different things alike, the schemas' names tell them apart
        assert not alike([schema["title"] for schema in schemas.values()])


@in_each_document
def test_no_two_choices_of_a_field_become_one_name(name):
    every(
        name,
        (
            f"{place}: {alike(choices)}"
            for place, schema in every_schema(name)
            if alike(choices := [each for each in schema.get("enum", []) if isinstance(each, str)])
        ),
    )


@in_each_document
def test_alternatives_are_two_at_least(name):
    every(name, (place for place, schema in every_schema(name) if len(schema.get("anyOf", [0, 0])) < 2))


@in_each_and_in_all
def test_every_scope_that_is_asked_for_is_explained_with_its_scheme(name):
    made = document(name)
    scopes = made["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["scopes"]
    asked = {
        scope
        for _, _, operation in operations(name)
        for way in operation["security"]
        for scope in way.get("oauth2", ())
    }
    assert asked <= scopes.keys()
    assert len(set(scopes.values())) == len(scopes)


@in_each_and_in_all
def test_every_tag_says_what_can_be_done_there(name):
    made = document(name)
    assert all(tag["description"] for tag in made["tags"])
    used = {tag for _, _, operation in operations(name) for tag in operation["tags"]}
    assert [tag["name"] for tag in made["tags"]] == list(dict.fromkeys(tag["name"] for tag in made["tags"]))
    assert {tag["name"] for tag in made["tags"]} == used


@in_each_and_in_all
def test_every_component_is_referred_to(name):
    def unused() -> Iterator[str]:
        made: dict[str, Any] = document(name)
        used = set(references(made))
        for section, entries in made["components"].items():
            if section != "securitySchemes":
                yield from (entry for entry in entries if f"#/components/{section}/{entry}" not in used)

    every(name, unused())


@in_each_and_in_all
def test_a_document_says_where_its_paths_begin(name):
    assert document(name)["servers"] == [{"url": "/"}]
