"""What every operation may answer besides what it is asked for: headers, and the errors that all share."""

from collections.abc import Iterator
from typing import Any

from kit.web.problems import KINDS, problems

Operation = dict[str, Any]

_LINK = 'rel="next"：下一页的地址；没有下一页时不带'
_HEADERS = {
    "X-Request-ID": "请求编号，报告问题时请提供",
    "ETag": "内容的版本；修改时放入 If-Match，再次读取时放入 If-None-Match",
    "Location": "新登记内容的地址",
    "Link": _LINK,
    "Retry-After": "多少秒后可以重试",
    "TypeLink": 'rel="type"：说明这类错误的网页地址',
}
#: Errors that come from what surrounds an operation, whichever it is.
COMMON = (400, 408, 413, 503)
_TO_RETRY = ("429", "503")


def components() -> dict[str, Any]:
    """The headers and the error answers that operations refer to."""
    headers = {name: {"description": text, "schema": {"type": "string"}} for name, text in _HEADERS.items()}
    headers["Retry-After"]["schema"] = {"type": "integer"}
    answers = {name_of(status): _error(status) for status in KINDS}
    return {"headers": headers, "responses": answers}


def keep_used(document: dict[str, Any]) -> None:
    """Leave out the answers and headers that no operation refers to."""
    for section in ("responses", "headers"):  # an answer names headers
        used = {*_references({**document, "components": {**document["components"], section: {}}})}
        kept = document["components"][section]
        document["components"][section] = {
            name: entry for name, entry in kept.items() if f"#/components/{section}/{name}" in used
        }


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for inner in node.values():
            yield from _references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _references(inner)


def name_of(status: int) -> str:
    """The name of a status's error answer among the components."""
    return KINDS[status].__name__


def refer(operation: Operation) -> None:
    """Put references in the place of the error answers that are the same in every operation; all have their request's id."""
    for status, answer in operation["responses"].items():
        known = int(status) in KINDS and answer == problems(int(status))[int(status)]
        if known:
            operation["responses"][status] = {"$ref": f"#/components/responses/{name_of(int(status))}"}
        else:
            answer.setdefault("headers", {}).setdefault("X-Request-ID", _header("X-Request-ID"))


def add_headers(method: str, path: str, item: dict[str, Any], paths: dict[str, Any]) -> None:
    """Name the headers of an operation's answers; `item`: all operations of its path."""
    operation: Operation = item[method]
    names = ["X-Request-ID"]
    parameters = {parameter["name"] for parameter in operation.get("parameters", [])}
    if "cursor" in parameters:
        names.append("Link")
    below = [
        other for where, other in paths.items() if where.rpartition("/")[0] == path and where.endswith("}")
    ]
    creates = method == "post" and "201" in operation["responses"]
    parts = path.split("/")
    above = [paths.get("/".join(parts[:end]), {}) for end in range(1, len(parts))] if method == "post" else []
    if method != "delete" and any(map(_versioned, (item, *above, *(below if creates else ())))):
        names.append("ETag")
    if creates and any("get" in other for other in below):
        names.append("Location")
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            answer.setdefault("headers", {}).update({name: _header(name) for name in names})


def _versioned(item: dict[str, Any]) -> bool:
    """Whether what stands at a path has a version: some operation of it asks for If-Match."""
    return any(
        parameter["name"] == "If-Match"
        for operation in item.values()
        for parameter in operation.get("parameters", [])
    )


def _header(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}


def _error(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = problems(status)[status]
    names = ["X-Request-ID", *(["Retry-After"] if str(status) in _TO_RETRY else [])]
    answer["headers"] = {name: _header(name) for name in names} | {"Link": _header("TypeLink")}
    return answer
