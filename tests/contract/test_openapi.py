"""Every service's OpenAPI document, as other systems read it."""

import re
from collections.abc import Iterator
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from kit.dispatch.requests import moves as dispatch_moves
from kit.district.citations import cite
from kit.events.event import types_of
from kit.web.caller import Caller
from kit.web.moves import Moves
from kit.web.problems import Problem
from tests.contract.documents import NAMES, answer_of, bodies, document, operations, secured, service_of

CHINESE = re.compile("[一-鿿]")
PROBLEM = "application/problem+json"


def every(name: str, wrong: Iterator[str]) -> None:
    found = list(wrong)
    assert not found, f"{name}: " + "; ".join(found)


in_each_service = pytest.mark.parametrize("name", NAMES)


@in_each_service
def test_the_document_says_what_the_service_is(name):
    made = document(name)
    assert made["openapi"].startswith("3.1")
    assert CHINESE.search(made["info"]["title"])
    assert CHINESE.search(made["info"]["description"])
    assert all(path.startswith(f"/{name}/v1/") for path in made["paths"])


@in_each_service
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


@in_each_service
def test_operation_ids_are_the_service_and_a_name_and_unique(name):
    ids = [operation["operationId"] for _, _, operation in operations(name)]
    assert all(re.fullmatch(f"{name}_[a-z][a-z0-9_]*", id) for id in ids), ids
    assert len(set(ids)) == len(ids)


@in_each_service
def test_every_operation_stands_under_a_chinese_tag(name):
    every(
        name,
        (
            f"{method} {path}"
            for method, path, operation in operations(name)
            if not all(CHINESE.search(tag) for tag in operation.get("tags", [""]))
        ),
    )


@in_each_service
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


@in_each_service
def test_every_title_summary_and_description_is_chinese(name):
    every(name, (f"{place}: {text}" for place, text in texts(document(name)) if not CHINESE.search(text)))


@in_each_service
def test_nobody_reads_an_engineer_s_docstring(name):
    shown = (
        f"{place}: {text}" for place, text in texts(document(name)) if re.match("[A-Z][a-z']* [a-z]", text)
    )
    every(name, shown)


@in_each_service
def test_every_schema_has_a_chinese_title_and_every_property_a_chinese_description(name):
    def lacking() -> Iterator[str]:
        for schema, made in document(name)["components"]["schemas"].items():
            if not CHINESE.search(made.get("title", "")):
                yield schema
            for field, about in made.get("properties", {}).items():
                if not CHINESE.search(about.get("description", "")):
                    yield f"{schema}.{field}"

    every(name, lacking())


@in_each_service
def test_every_error_answer_is_a_problem(name):
    every(
        name,
        (
            f"{method} {path}: {status}"
            for method, path, operation in operations(name)
            for status, answer in operation["responses"].items()
            if int(status) >= 400 and list(answer_of(name, answer)["content"]) != [PROBLEM]
        ),
    )


@in_each_service
def test_401_403_and_422_are_listed_where_they_may_come(name):
    def missing() -> Iterator[str]:
        for method, path, operation in operations(name):
            wanted = {"401", "403"} if secured(operation) else {"401"}
            if "requestBody" in operation or operation.get("parameters"):
                wanted.add("422")
            for status in sorted(wanted - operation["responses"].keys()):
                yield f"{method} {path}: {status}"

    every(name, missing())


@in_each_service
def test_only_the_inbox_of_events_asks_for_no_token(name):
    open_to_all = [path for _, path, operation in operations(name) if not secured(operation)]
    assert set(open_to_all) <= {f"/{name}/v1/events"}


@in_each_service
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


@in_each_service
def test_every_clause_named_is_in_the_ledger(name):
    for _, _, operation in operations(name):
        cite(*operation.get("x-clauses", ()))


@in_each_service
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


@in_each_service
def test_every_body_has_an_example(name):
    every(name, (f"{method} {path}" for method, path, example in bodies(name) if example is None))


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


def scopes_of(name: str) -> set[str]:
    """Every scope that an operation of the service asks for."""
    return {
        scope
        for _, _, operation in operations(name)
        for requirement in operation.get("security", [])
        for scopes in requirement.values()
        for scope in scopes
    }


def tables(name: str) -> Iterator[Moves]:
    """Every state machine of a service: its own and that of the hotline's requests."""
    for path in Path(f"services/{name}/plan").rglob("*.py"):
        for value in vars(import_module(".".join(path.with_suffix("").parts))).values():
            found = value.values() if isinstance(value, dict) else [value]
            yield from (each for each in found if isinstance(each, Moves))
    yield dispatch_moves(name)


@in_each_service
def test_every_word_of_the_state_machines_and_every_refusal_is_chinese(name):
    def wrong() -> Iterator[str]:
        for moves in tables(name):
            summaries = [action + moves.noun for action in moves.actions.values()]
            words = [*moves.states.values(), *summaries, *(row.role.zh for row in moves)]
            yield from (word for word in words if not CHINESE.search(word))
            for state, action in product({row.target for row in moves} | {*moves.states}, moves.actions):
                with pytest.raises(Problem) as refused:
                    moves.check(state, action, Caller("nobody"))
                if re.search("[a-z_]{2,}", refused.value.detail):
                    yield refused.value.detail

    every(name, wrong())


#: The words of JSON Schema and OpenAPI that stand in our schemas.
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
    for schema, made in document(name)["components"]["schemas"].items():
        yield from schemas_in(made, schema)
    for method, path, operation in operations(name):
        for parameter in operation.get("parameters", []):
            yield from schemas_in(parameter["schema"], f"{method} {path}?{parameter['name']}")


@in_each_service
def test_every_schema_is_made_of_the_words_of_json_schema(name):
    every(
        name, (f"{place}: {made.keys() - WORDS}" for place, made in every_schema(name) if made.keys() - WORDS)
    )


@in_each_service
def test_every_list_says_what_stands_in_it(name):
    every(
        name,
        (place for place, made in every_schema(name) if made.get("type") == "array" and "items" not in made),
    )


@in_each_service
def test_schemas_have_names_of_their_own_without_those_of_modules(name):
    schemas = document(name)["components"]["schemas"]
    every(name, (schema for schema in schemas if not re.fullmatch("[A-Z][A-Za-z0-9]+", schema)))
    titles = [made["title"] for made in schemas.values()]
    every(name, (title for title in set(titles) if titles.count(title) > 1))


@in_each_service
def test_every_answer_has_its_own_media_type_and_says_what_it_is(name):
    def wrong() -> Iterator[str]:
        for method, path, operation in operations(name):
            for status, answer in operation["responses"].items():
                for kind, media in answer_of(name, answer).get("content", {}).items():
                    if kind == "application/octet-stream" or not media.get("schema"):
                        yield f"{method} {path} {status}: {kind}"
            formats = [each for each in operation.get("parameters", []) if each["name"] == "format"]
            if formats and len(operation["responses"]["200"]["content"]) != len(formats[0]["schema"]["enum"]):
                yield f"{method} {path}: not every format has its media type"

    every(name, wrong())


@in_each_service
def test_errors_that_any_operation_may_answer_are_listed_with_their_headers(name):
    def wrong() -> Iterator[str]:
        for method, path, operation in operations(name):
            answers = {status: answer_of(name, each) for status, each in operation["responses"].items()}
            yield from (f"{method} {path}: {status}" for status in ("400", "503") if status not in answers)
            yield from (
                f"{method} {path} {status}: no X-Request-ID"
                for status, answer in answers.items()
                if "X-Request-ID" not in answer.get("headers", {})
            )
            if "Retry-After" not in answers["503"]["headers"]:
                yield f"{method} {path}: no Retry-After"

    every(name, wrong())


@in_each_service
def test_if_match_is_required_where_a_change_without_it_is_428(name):
    def wrong() -> Iterator[str]:
        for method, path, operation in operations(name):
            asked = [each for each in operation.get("parameters", []) if each["name"] == "If-Match"]
            if ("428" in operation["responses"]) != bool(asked) or not all(
                each["required"] for each in asked
            ):
                yield f"{method} {path}"

    every(name, wrong())


@in_each_service
def test_what_is_signed_says_so(name):
    made = document(name)
    for _, path, operation in operations(name):
        assert operation.get("security"), path
        for way in operation["security"]:
            assert way.keys() <= made["components"]["securitySchemes"].keys(), path


@in_each_service
def test_every_event_that_the_service_tells_is_a_webhook(name):
    made = document(name)
    told = set()
    for path in Path(f"services/{name}").rglob("*.py"):
        told |= set(re.findall(rf'type="({name}\\.[a-z.-]+)"', path.read_text(encoding="utf-8")))
    assert told | {"dispatch.request.taken"} <= made["webhooks"].keys() <= types_of(name)
    for type, item in made["webhooks"].items():
        schema = item["post"]["requestBody"]["content"]["application/cloudevents+json"]["schema"]
        assert schema["allOf"][1]["properties"]["type"]["const"] == type
        assert schema["allOf"][1]["properties"]["data"]["properties"], type


@in_each_service
def test_every_type_of_problem_is_in_the_document(name):
    listed = {each["type"] for each in document(name)["x-problem-types"]}
    assert listed == {each.type for each in service_of(name).problem_types}
