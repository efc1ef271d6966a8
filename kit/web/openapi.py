"""The OpenAPI document as other systems read it: Chinese, roles as they are checked, errors and clauses named."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, product
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from kit.district.citations import cite
from kit.web import answers, examples, idempotency, schemas
from kit.web.access import checks_of, whose_of
from kit.web.caller import Role
from kit.web.downloads import BINARY
from kit.web.ownership import Whose
from kit.web.problems import MEDIA_TYPE, ProblemDetails, problems
from kit.web.scopes import SHARED, meaning

_IDEMPOTENCY_KEY = {
    "name": idempotency.HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "重复提交时用同一个值：24 小时内得到第一次的结果，不会重复办理",
}
_CHINESE = re.compile("[一-鿿]")
#: How a docstring begins, also one that gives the Chinese term.
_DOCSTRING = re.compile("[A-Z][a-z'’]* [a-z]")
_TERM = re.compile(r"\(([一-鿿][^()]*)\)")


def document(app: FastAPI, routers: tuple[APIRouter, ...] = (), also: "Also | None" = None) -> dict[str, Any]:
    """The app's OpenAPI document, made once.

    routers: those whose endpoints ask for roles; also: what it says besides its operations.
    """
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        made["servers"] = [{"url": "/"}]
        also = also or Also()
        components = made.setdefault("components", {})
        components["schemas"] = also.schemas | components.get("schemas", {})
        components.setdefault("securitySchemes", {}).update(also.schemes)
        made |= {"webhooks": also.webhooks, "x-problem-types": also.problem_types}
        app.openapi_schema = _finish(made, _asked(routers))
    return app.openapi_schema


@dataclass(frozen=True)
class Also:
    """What a document says besides its operations.

    schemes: security schemes that operations name; webhooks: by type of event; schemas: those that webhooks refer
    to; problem_types: every type of problem that operations may answer.
    """

    schemes: dict[str, Any] = field(default_factory=dict)
    webhooks: dict[str, Any] = field(default_factory=dict)
    schemas: dict[str, Any] = field(default_factory=dict)
    problem_types: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """What an operation asks of its caller: for each of its checks the roles of which one is enough, and whose it is."""

    roles: list[tuple[Role, ...]] = field(default_factory=list)
    whose: Whose | None = None


def _asked(routers: tuple[APIRouter, ...]) -> dict[str, Asked]:
    """What each operation asks for, by the endpoint's name."""
    routes = (route for router in routers for route in router.routes if isinstance(route, APIRoute))
    return {
        route.name: Asked(
            [check.roles for check in checks_of(route.dependant) if check.roles], whose_of(route.dependant)
        )
        for route in routes
    }


def _finish(made: dict[str, Any], asked: dict[str, Asked]) -> dict[str, Any]:
    shapes = made.setdefault("components", {}).setdefault("schemas", {})
    shapes.pop("HTTPValidationError", None)
    shapes.pop("ValidationError", None)
    made["components"] |= answers.components()
    details = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    shapes |= details.pop("$defs")
    shapes["ProblemDetails"] = details
    for schema in shapes.values():
        _give_title(schema)
    for operation in operations(made):
        _name_upload(operation, shapes)
    for schema in shapes.values():
        _name_choice(schema)
    _leave_out_english(shapes)
    _leave_out_english(made["webhooks"])
    for path, item in made["paths"].items():
        for method, operation in item.items():
            if method == "post" and asks_for_token(operation):
                operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
            operation.setdefault("security", [])
            _finish_operation(operation, asked)
            answers.add_headers(method, path, item, made["paths"])
            answers.refer(operation)
    _name_scopes(made, asked)
    _name_tags(made)
    answers.keep_used(made)
    schemas.tidy(made)
    examples.add(made)
    return made


def _name_scopes(made: dict[str, Any], asked: dict[str, Asked]) -> None:
    """List with the scheme of tokens every scope that there is, with what it allows."""
    holders = {str(role): role.zh for each in asked.values() for roles in each.roles for role in roles}
    scopes = {
        scope
        for operation in operations(made)
        for way in operation["security"]
        for scope in chain(*way.values())
    }
    scheme = made["components"]["securitySchemes"].get("oauth2")
    if scheme is not None:
        scheme["flows"]["clientCredentials"]["scopes"] = {
            scope: meaning(scope, made["info"]["title"], holders.get(scope, ""))
            for scope in sorted(scopes | SHARED.keys())
        }


def _name_tags(made: dict[str, Any]) -> None:
    """List the tags in the order of their operations, each with what can be done there."""
    done: dict[str, list[str]] = {}
    for operation in operations(made):
        for tag in operation["tags"]:
            done.setdefault(tag, []).append(operation["summary"])
    made["tags"] = [
        {"name": tag, "description": f"{'、'.join(dict.fromkeys(summaries))}。"}
        for tag, summaries in done.items()
    ]


def operations(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of a document."""
    for item in made["paths"].values():
        yield from item.values()


def asks_for_token(operation: dict[str, Any]) -> bool:
    """Whether an operation is for whoever has a token."""
    return any("oauth2" in way for way in operation.get("security", ()))


def _name_upload(operation: dict[str, Any], shapes: dict[str, Any]) -> None:
    """Call the fields of an upload by what is done with them: FastAPI makes a schema of them."""
    upload = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data")
    if upload is not None:
        shapes[upload["schema"]["$ref"].rpartition("/")[2]]["title"] = f"{operation['summary']}的内容"


def _give_title(schema: dict[str, Any]) -> None:
    """Call a schema without a Chinese title by the Chinese term of its docstring: enumerations have no other."""
    if _CHINESE.search(schema.get("title", "")):
        return
    if term := _TERM.search(schema.get("description", "")):
        schema["title"] = term[1]


def _name_choice(schema: dict[str, Any]) -> None:
    """Give a list of values the title that its docstring has: `The four grades of an accident (事故等级)`."""
    term = _TERM.search(schema.get("description", ""))
    if "enum" in schema and term is not None:
        schema["title"] = term[1]


def _leave_out_english(node: Any) -> None:
    """Take away the titles and descriptions that are made of Python's names and docstrings."""
    if isinstance(node, dict):
        for word in ("title", "description"):
            text = node.get(word)
            if isinstance(text, str) and (_DOCSTRING.match(text) or not _CHINESE.search(text)):
                del node[word]
        for name, inner in node.items():
            if name not in ("example", "examples", "default", "enum", "const"):
                _leave_out_english(inner)
    elif isinstance(node, list):
        for inner in node:
            _leave_out_english(inner)


def _finish_operation(operation: dict[str, Any], asked: dict[str, Asked]) -> None:
    _leave_out_english(operation.get("parameters"))
    _leave_out_english(operation.get("requestBody"))
    asks = asked.get(operation["operationId"].partition("_")[2], Asked())
    _name_roles(operation, asks.roles)
    _name_owner(operation, asks.whose)
    responses: dict[str, Any] = operation["responses"]
    takes_input = "requestBody" in operation or "parameters" in operation
    with_token = asks_for_token(operation)
    statuses = [
        *answers.COMMON,
        *([401, 403] if with_token else []),
        *([422] if takes_input or with_token else []),
    ]
    if any("json" in kind for kind in operation.get("requestBody", {}).get("content", ())) or takes_input:
        statuses.append(415)
    if responses.get("422", {}).get("content", {}).get("application/json"):
        del responses["422"]  # FastAPI's own shape, which nobody gets
    for status, answer in problems(*statuses).items():
        responses.setdefault(str(status), answer)
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "If-Match" and "428" in responses:
            parameter["required"] = True
    for answer in responses.values():
        _say_what_files_are(answer.get("content", {}))
        _leave_out_english(answer.get("content"))
        if not _CHINESE.search(answer["description"]):
            answer["description"] = "办理成功"
        if MEDIA_TYPE in answer.get("content", {}):
            answer["content"] = {MEDIA_TYPE: answer["content"][MEDIA_TYPE]}
    for citation in cite(*operation.get("x-clauses", ())):
        line = f"依据：《{citation.title}》（{citation.document}）{citation.at}，{citation.clause}。"
        operation["description"] = "\n\n".join(filter(None, (operation.get("description"), line)))


def _say_what_files_are(content: dict[str, Any]) -> None:
    for kind, media in content.items():
        if not media.get("schema") or media["schema"] == {"type": "string"}:
            media["schema"] = {"type": "string"} if kind.endswith(("xml", "plain")) else dict(BINARY)


def _name_roles(operation: dict[str, Any], asked: list[tuple[Role, ...]]) -> None:
    """Say which scopes a token needs: every way in which what is asked for can be met, one after another."""
    if not asked:
        return
    needed = sorted({scope for each in operation["security"] for scopes in each.values() for scope in scopes})
    [name] = {name for each in operation["security"] for name in each}
    ways = dict.fromkeys(tuple(sorted({*needed, *way})) for way in product(*asked))
    operation["security"] = [{name: [str(scope) for scope in way]} for way in ways]
    who = "、".join(dict.fromkeys(role.zh for each in asked for role in each))
    operation["description"] = "\n\n".join(filter(None, (operation.get("description"), f"办理者：{who}。")))


def _name_owner(operation: dict[str, Any], whose: Whose | None) -> None:
    """Say whose the thing is; docs/ownership.md tells what that means for limited tokens."""
    if whose is None:
        return
    operation["x-whose"] = whose.name.lower()
    line = f"归属：{whose.zh}。"
    operation["description"] = "\n\n".join(filter(None, (operation.get("description"), line)))
