"""What every OpenAPI document says of its operations, in Chinese, and where each leads."""

import re
from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute

from gateway.app import PROBLEM_TYPES
from gateway.door import is_published
from kit.district.citations import cite
from tests.contract.documents import (
    CHINESE,
    NAMES,
    app_of,
    document,
    every,
    in_each_document,
    operations,
    secured,
    service_of,
)


@in_each_document
def test_the_document_says_what_the_service_is(name):
    made = document(name)
    assert made["openapi"].startswith("3.1")
    assert CHINESE.search(made["info"]["title"])
    assert CHINESE.search(made["info"]["description"])
    own = ("/auth/v1/", "/dispatch/v1/", "/overview") if name == "gateway" else f"/{name}/v1/"
    assert all(path.startswith(own) for path in made["paths"])


@in_each_document
def test_every_operation_has_a_chinese_summary_and_description(name):
    every(
        name,
        (
            f"{method} {path}: {part}"
            for method, path, operation in operations(name)
            for part in ("summary", "description")
            if not CHINESE.search(operation.get(part, ""))
        ),
    )


@in_each_document
def test_operation_ids_are_the_service_and_a_name_and_unique(name):
    ids = [operation["operationId"] for _, _, operation in operations(name)]
    assert all(re.fullmatch(f"{name}_[a-z][a-z0-9_]*", id) for id in ids), ids
    assert len(set(ids)) == len(ids)


@in_each_document
def test_operation_ids_are_those_of_their_functions_so_that_clients_keep_their_names(name):
    """The rule by which ids stay: neither paths, nor methods, nor the order or number of operations are in them."""
    routes = [route for route in app_of(name).routes if isinstance(route, APIRoute)]
    named = {(method.lower(), route.path_format): route.name for route in routes for method in route.methods}
    for method, path, operation in operations(name):
        assert operation["operationId"] == f"{name}_{named[method, path]}"


@in_each_document
def test_every_operation_stands_under_a_chinese_tag(name):
    every(
        name,
        (
            f"{method} {path}"
            for method, path, operation in operations(name)
            if not all(CHINESE.search(tag) for tag in operation.get("tags", [""]))
        ),
    )


@in_each_document
def test_every_parameter_says_what_it_is(name):
    every(
        name,
        (
            f"{method} {path}: {parameter['name']}"
            for method, path, operation in operations(name)
            for parameter in operation.get("parameters", [])
            if not CHINESE.search(parameter.get("description", ""))
        ),
    )


def texts(node: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """(place, text) of every title, summary and description of a document."""
    if isinstance(node, dict):
        for key, inner in node.items():
            if key in ("title", "summary", "description") and isinstance(inner, str):
                yield f"{place}/{key}", inner
            elif key not in ("example", "examples", "default", "enum", "const"):
                yield from texts(inner, f"{place}/{key}")
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from texts(inner, f"{place}/{number}")


@in_each_document
def test_every_title_summary_and_description_is_chinese(name):
    every(name, (f"{place}: {text}" for place, text in texts(document(name)) if not CHINESE.search(text)))


@in_each_document
def test_nobody_reads_an_engineer_s_docstring(name):
    shown = (
        f"{place}: {text}" for place, text in texts(document(name)) if re.match("[A-Z][a-z']* [a-z]", text)
    )
    every(name, shown)


#: Who asks for a token has none; a sender of events signs; the keys are for everybody.
PUBLISHED = {
    f"/emergency/v1/{path}"
    for path in ("warnings.atom", "warnings/{id}.cap", "warnings/{id}/messages/{number}.cap")
}
#: Whoever is shown a credit statement may check it, and the public queries companies and lists.
PUBLISHED |= {
    f"/credit/v1/{path}"
    for path in (
        "companies/{uscc}/grade",
        "statements/keys",
        "statements/{id}",
        "statements/{id}/page",
        "statements/verify",
        "public/companies",
        "public/lists",
        "public/lists/page",
    )
}
#: Calendars come without a token: what may be known to all, and what only who has its address can find.
PUBLISHED |= {f"/lawstudy/v1/{path}" for path in ("calendar.ics", "calendars/{token}.ics")}
#: What an error means is for whoever got it, for want of a token too.
PUBLISHED |= {f"/{name}/v1/problems" for name in NAMES}
#: What the public often asks.
PUBLISHED |= {f"/{name}/v1/public/questions{one}" for name in ("lawstudy", "office") for one in ("", "/{id}")}
OPEN = {"/auth/v1/token", "/auth/v1/jwks.json"} | PUBLISHED
SIGNED = {f"/{name}/v1/events" for name in NAMES}


@in_each_document
def test_only_the_inbox_of_events_and_what_comes_before_a_token_ask_for_no_token(name):
    assert {path for _, path, operation in operations(name) if not secured(operation)} <= OPEN | SIGNED


@in_each_document
def test_every_operation_says_how_it_is_secured(name):
    schemes = document(name)["components"]["securitySchemes"]
    for _, path, operation in operations(name):
        assert bool(operation["security"]) == (path not in OPEN), path
        for way in operation["security"]:
            assert way.keys() <= schemes.keys(), path


@in_each_document
def test_every_post_may_be_repeated(name):
    every(
        name,
        (
            path
            for method, path, operation in operations(name)
            if method == "post"
            and secured(operation)
            and "Idempotency-Key" not in [parameter["name"] for parameter in operation["parameters"]]
        ),
    )


@in_each_document
def test_every_clause_named_is_in_the_ledger(name):
    for _, _, operation in operations(name):
        cite(*operation.get("x-clauses", ()))


@in_each_document
def test_every_reference_leads_somewhere(name):
    made = document(name)
    for reference in set(references(made)):
        place: Any = made
        for part in reference.removeprefix("#/").split("/"):
            assert part in place, reference
            place = place[part]


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


@in_each_document
def test_every_type_of_problem_is_in_the_document(name):
    types = PROBLEM_TYPES if name == "gateway" else service_of(name).problem_types
    assert {each["type"] for each in document(name)["x-problem-types"]} == {each.type for each in types}


def test_what_asks_for_no_token_passes_the_gateway_without_one():
    below = {path.split("/", 3)[3].encode() for path in PUBLISHED}
    assert [path for path in below if not is_published(path)] == []
    assert not is_published(b"companies/{uscc}/score")
