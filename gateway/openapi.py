"""One OpenAPI document of all services: their own documents merged, without a name meaning two things."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kit.web import answers
from kit.web.scopes import meaning

Document = dict[str, Any]

METHODS = frozenset(("get", "put", "post", "delete", "options", "head", "patch", "trace"))
_REF = "#/components/"
OAUTH, BEARER = "oauth2", "bearer"
TITLE = "东胜区物业、信用、应急、学法与 12345 派单接口"
_ABOUT = (
    "鄂尔多斯市东胜区政务系统的全部接口。先在 `POST /auth/v1/token` 用客户端编号和密钥领取令牌，"
    "再把令牌放入之后每个请求的 `Authorization: Bearer` 请求头。错误一律以 problem+json（RFC 9457）应答，"
    '写明原因和改法；其 type 各有说明，见 `/problems`，每个错误应答的 Link 应答头（rel="type"）指向它。'
)
#: Errors that the gateway may answer in the place of a service.
_FROM_THE_DOOR = (429, 502, 504)
#: How often a caller may come, told in every answer by the door (draft-ietf-httpapi-ratelimit-headers).
_QUOTA = {
    "RateLimit": ("还可以调用的次数 r，以及多少秒 t 后恢复到上限", '"caller";r=399;t=1'),
    "RateLimit-Policy": ("调用次数的上限 q，以及用完后多少秒 w 恢复", '"caller";q=400;w=2'),
}
_QUOTA_HEADERS = {name: {"$ref": f"#/components/headers/{name}"} for name in _QUOTA}
#: Where nothing is counted: the keys that check tokens are asked for by machines alone.
_NOT_COUNTED = ("/auth/v1/jwks.json",)


def merge(documents: Mapping[str, Document], missing: Iterable[str] = ()) -> Document:
    """The merged document of services by name; `missing` are those that did not answer.

    Operation ids stay. A component that means different things in two services gets its service's name in
    front; tags are grouped by service; all operations are secured by the same OAuth 2.0 and bearer schemes.
    """
    renamed = _renamed(documents)
    paths: Document = {}
    components: dict[str, Document] = {}
    tags: list[Document] = []
    groups: list[Document] = []
    scopes: dict[str, str] = {}
    schemes: Document = {}
    webhooks: Document = {}
    problem_types: dict[str, Document] = {}
    for service, document in documents.items():
        own = _rewritten(document, renamed[service])
        title = document["info"]["title"]
        used = dict.fromkeys(tag for operation in operations(own) for tag in _retag(operation, title))
        tags += [_tag(tag, document) for tag in used]
        groups.append({"name": title, "tags": list(used)})
        allowed = _allowed(document)
        scopes |= allowed
        for operation in operations(own):
            scopes |= {scope: allowed.get(scope) or meaning(scope, title) for scope in _resecure(operation)}
        paths |= own["paths"]
        webhooks |= own.get("webhooks", {})
        problem_types |= {each["type"]: each for each in own.get("x-problem-types", ())}
        for section, entries in own.get("components", {}).items():
            if section == "securitySchemes":
                schemes |= {name: entry for name, entry in entries.items() if entry["type"] == "apiKey"}
            else:
                names = {_new_name(section, name, renamed[service]): entry for name, entry in entries.items()}
                components.setdefault(section, {}).update(names)
    if scopes:
        components["responses"] = _answers_from_the_door() | components.get("responses", {})
    _tell_quota(paths, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": _version(documents), "description": _description(missing)},
        "servers": [{"url": "/"}],
        "tags": tags,
        "x-tagGroups": groups,
        "paths": paths,
        "webhooks": webhooks,
        "x-problem-types": [problem_types[type] for type in sorted(problem_types)],
        "components": components | {"securitySchemes": _schemes(scopes) | schemes},
    }


def alone(document: Document) -> Document:
    """One service's document as the gateway shows it: secured and answered as at the door, under the service's own tags."""
    made = merge({"": document})
    for operation in operations(made):
        operation["tags"] = [_own_name(tag) for tag in operation["tags"]]
    tags = [{**tag, "name": _own_name(tag["name"])} for tag in made["tags"]]
    del made["x-tagGroups"]
    return made | {"info": document["info"], "tags": tags}


def _own_name(tag: str) -> str:
    return tag.partition("：")[2] or tag


def operations(document: Document) -> Iterator[Document]:
    """Every operation of a document."""
    for path in document["paths"].values():
        for method, operation in path.items():
            if method in METHODS:
                yield operation


_Name = tuple[str, str]


def _renamed(documents: Mapping[str, Document]) -> dict[str, dict[_Name, str]]:
    """New names of components by service: of those that differ between services, or refer to one that does."""
    found: dict[_Name, dict[str, Any]] = {}
    for service, document in documents.items():
        for section, entries in document.get("components", {}).items():
            for name, entry in entries.items():
                found.setdefault((section, name), {})[service] = entry
    shared = {key: uses for key, uses in found.items() if len(uses) > 1}
    differing = {key for key, uses in shared.items() if not _all_equal(uses.values())}
    while True:
        more = {
            key
            for key, uses in shared.items()
            if key not in differing and any(_references(entry) & differing for entry in uses.values())
        }
        if not more:
            break
        differing |= more
    return {
        service: {key: _prefixed(service, key) for key in differing if service in shared[key]}
        for service in documents
    }


def _prefixed(service: str, key: _Name) -> str:
    return service[:1].upper() + service[1:] + key[1]


def _all_equal(entries: Iterable[Any]) -> bool:
    first, *others = entries
    return all(entry == first for entry in others)


def _references(entry: Any) -> set[_Name]:
    found = set[_Name]()
    if isinstance(entry, dict):
        for value in entry.values():
            if isinstance(value, str) and value.startswith(_REF):
                found.add(_target(value))
            else:
                found |= _references(value)
    elif isinstance(entry, list):
        for value in entry:
            found |= _references(value)
    return found


def _target(reference: str) -> _Name:
    section, _, name = reference.removeprefix(_REF).partition("/")
    return section, name


def _new_name(section: str, name: str, names: Mapping[_Name, str]) -> str:
    return names.get((section, name), name)


def _rewritten(entry: Any, names: Mapping[_Name, str]) -> Any:
    """A copy with the references changed to the new names; also those of a discriminator's mapping."""
    if isinstance(entry, dict):
        return {key: _rewritten(value, names) for key, value in entry.items()}
    if isinstance(entry, list):
        return [_rewritten(value, names) for value in entry]
    if isinstance(entry, str) and entry.startswith(_REF):
        section, name = _target(entry)
        return f"{_REF}{section}/{_new_name(section, name, names)}"
    return entry


def _retag(operation: Document, title: str) -> list[str]:
    tags = [f"{title}：{tag}" for tag in operation.get("tags", ())] or [title]
    operation["tags"] = tags
    return tags


def _tag(tag: str, document: Document) -> Document:
    """A tag as it is shown among those of all services, with what its service says of it."""
    name = tag.partition("：")[2]
    said = {each["name"]: each.get("description", "") for each in document.get("tags", ())}
    made = {"name": tag, "x-displayName": name or tag, "description": said.get(name, "")}
    return {key: value for key, value in made.items() if value}


def _allowed(document: Document) -> dict[str, str]:
    """What each scope allows, as the service itself says."""
    schemes = document.get("components", {}).get("securitySchemes", {}).values()
    flows = [flow for scheme in schemes for flow in scheme.get("flows", {}).values()]
    return {scope: says for flow in flows for scope, says in flow["scopes"].items()}


def _resecure(operation: Document) -> set[str]:
    """Put the common schemes in place of the service's own; the scopes that it asks for."""
    ways = [asked for choice in operation.get("security", ()) for asked in choice.values() if asked]
    if not ways:  # no token, but a signature or its like, or nothing
        return set()
    for status in _FROM_THE_DOOR:
        answer = {"$ref": f"#/components/responses/{answers.name_of(status)}"}
        operation["responses"].setdefault(str(status), answer)
    operation["security"] = [*({OAUTH: asked} for asked in ways), {BEARER: []}]
    return {scope for asked in ways for scope in asked}


def _answers_from_the_door() -> dict[str, Document]:
    made: dict[str, Document] = answers.components()["responses"]
    return {name: made[name] for name in map(answers.name_of, _FROM_THE_DOOR)}


def _tell_quota(paths: Document, components: dict[str, Document]) -> None:
    """Name the headers that the door adds to the answers of what it counts, and to errors wherever they come from."""
    counted = {"paths": {path: item for path, item in paths.items() if path not in _NOT_COUNTED}}
    own = [answer for each in operations(counted) for answer in each["responses"].values()]
    for answer in (*own, *components.get("responses", {}).values()):
        if "$ref" not in answer:
            answer["headers"] = answer.get("headers", {}) | _QUOTA_HEADERS
    components.setdefault("headers", {}).update(
        {
            name: {"description": text, "schema": {"type": "string"}, "example": example}
            for name, (text, example) in _QUOTA.items()
        }
    )


def _schemes(scopes: Mapping[str, str]) -> Document:
    flow = {"tokenUrl": "/auth/v1/token", "scopes": dict(sorted(scopes.items()))}
    return {
        OAUTH: {
            "type": "oauth2",
            "description": "填客户端编号和密钥，由网关发给令牌。权限可以都不勾选，即得到该客户端的全部权限；"
            "勾选了客户端没有的，领取不到令牌。",
            "flows": {"clientCredentials": flow},
        },
        BEARER: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "已有令牌时直接填令牌。",
        },
    }


def borrow_example(document: Document) -> None:
    """Give the dispatch over all services an example that works: that of a service which has a matter."""
    own = document["paths"].get("/dispatch/v1/requests", {}).get("post")
    for path, item in document["paths"].items():
        if own is not None and path.endswith("/v1/dispatch/requests"):
            content = item["post"]["requestBody"]["content"]["application/json"]
            if content.get("example", {}).get("matter", "none") != "none":
                own["requestBody"]["content"]["application/json"]["example"] = content["example"]
                return


def _version(documents: Mapping[str, Document]) -> str:
    return next((str(document["info"]["version"]) for document in documents.values()), "")


def _description(missing: Iterable[str]) -> str:
    names = "、".join(sorted(missing))
    return _ABOUT + (f"\n\n**下列服务目前没有应答，其接口未列出：{names}。**" if names else "")
