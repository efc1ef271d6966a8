"""The schemas of every OpenAPI document, as generators of clients need them."""

import re
from collections.abc import Iterator
from typing import Any

from tests.contract.documents import CHINESE, answer_of, document, every, in_each_document, operations

WORDS = frozenset(
    [
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "const",
        "contentEncoding",
        "contentMediaType",
        "default",
        "description",
        "discriminator",
        "enum",
        "example",
        "examples",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "multipleOf",
        "oneOf",
        "pattern",
        "prefixItems",
        "properties",
        "propertyNames",
        "required",
        "title",
        "type",
        "uniqueItems",
        "writeOnly",
    ]
)


def schemas_in(node: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, schema) of a schema and all below it."""
    yield place, node
    for word in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for number, inner in enumerate(node.get(word, [])):
            yield from schemas_in(inner, f"{place}/{word}/{number}")
    for word in ("items", "additionalProperties", "propertyNames"):
        if isinstance(node.get(word), dict):
            yield from schemas_in(node[word], f"{place}/{word}")
    for field, inner in node.get("properties", {}).items():
        yield from schemas_in(inner, f"{place}.{field}")


def every_schema(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, schema) of every schema of a document: components, parameters, bodies, answers and events."""
    made = document(name)
    for schema, described in made["components"]["schemas"].items():
        yield from schemas_in(described, schema)
    for method, path, operation in operations(name):
        for parameter in operation.get("parameters", []):
            yield from schemas_in(parameter["schema"], f"{method} {path}?{parameter['name']}")
        answers = (answer_of(name, answer) for answer in operation["responses"].values())
        for what in (operation.get("requestBody", {}), *answers):
            for media in what.get("content", {}).values():
                yield from schemas_in(media["schema"], f"{method} {path}")
    for event, item in made.get("webhooks", {}).items():
        for media in item["post"]["requestBody"]["content"].values():
            yield from schemas_in(media["schema"], event)


@in_each_document
def test_every_component_has_a_chinese_title_and_every_property_anywhere_a_chinese_description(name):
    def lacking() -> Iterator[str]:
        for schema, made in document(name)["components"]["schemas"].items():
            if not CHINESE.search(made.get("title", "")):
                yield schema
        for place, made in every_schema(name):
            for field, about in made.get("properties", {}).items():
                if not CHINESE.search(about.get("description", "")):
                    yield f"{place}.{field}"

    every(name, lacking())


@in_each_document
def test_every_schema_is_made_of_the_words_of_json_schema(name):
    every(
        name, (f"{place}: {made.keys() - WORDS}" for place, made in every_schema(name) if made.keys() - WORDS)
    )


@in_each_document
def test_every_list_says_what_stands_in_it(name):
    every(
        name,
        (place for place, made in every_schema(name) if made.get("type") == "array" and "items" not in made),
    )


@in_each_document
def test_schemas_have_names_of_their_own_without_those_of_modules(name):
    schemas = document(name)["components"]["schemas"]
    every(name, (schema for schema in schemas if not re.fullmatch("[A-Z][A-Za-z0-9]+", schema)))
    titles = [made["title"] for made in schemas.values()]
    every(name, (title for title in set(titles) if titles.count(title) > 1))
