"""Open311's own forms: XML without a schema, JSON that is made of it (the Spark convention), and errors as a list.

Lists and their members have one name each in XML; in JSON a list is an array.
"""

import json
import re
from typing import Any, Final, Literal
from xml.etree import ElementTree

from fastapi import Response
from starlette.types import Message, Scope, Send

from kit.web.problems import MEDIA_TYPE, NotFound

Form = Literal["json", "xml"]

BELOW: Final = "/open311/"
_KINDS: Final[dict[Form, str]] = {
    "json": "application/json; charset=utf-8",
    "xml": "text/xml; charset=utf-8",
}
#: What the members of a list are called in XML.
_MEMBERS: Final = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "media_urls": "media_url",
}
#: Characters that XML 1.0 cannot hold.
_UNWRITABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Open311 has no 422: what is wrong with a request is 400.
_STATUSES: Final = {422: 400}
#: How a field of ours is called in Open311.
_FIELDS: Final = {
    "/matter": "service_code",
    "/summary": "description",
    "/description": "description",
    "/division": "attribute[division]",
    "/address": "address_string",
    "/citizen/name": "first_name, last_name",
    "/citizen/phone": "phone",
    "/coordinates": "lat, long",
    "/coordinates/longitude": "long",
    "/coordinates/latitude": "lat",
    "/attachments": "media_url",
    "/external_number": "attribute[fixmystreet_id]",
}


def form_of(name: str) -> Form:
    """The form that a path ends with.

    Raises: NotFound.
    """
    if name == "json":
        return "json"
    if name == "xml":
        return "xml"
    raise NotFound("no-such-path", "地址应以 .xml 或 .json 结尾，请改正后重新提交。")


def answer(form: Form, name: str, content: Any, status: int = 200) -> Response:
    """What is called `name`, in a form."""
    return Response(_bytes(form, name, content), status, headers={"Content-Type": _KINDS[form]})


def _bytes(form: Form, name: str, content: Any) -> bytes:
    if form == "json":
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    made: bytes = ElementTree.tostring(_element(name, content), encoding="utf-8", xml_declaration=True)
    return made


def _element(name: str, content: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(content, dict):
        element.extend(_element(each, inner) for each, inner in content.items())
    elif isinstance(content, list):
        element.extend(_element(_MEMBERS[name], each) for each in content)
    elif isinstance(content, bool):
        element.text = str(content).lower()
    elif content is not None:
        element.text = _UNWRITABLE.sub("", str(content))
    return element


def answering(scope: Scope, send: Send) -> Send:
    """A `send` that writes problems in Open311's form below /open311/, whoever answers them; elsewhere the one given."""
    return _in_own_form(scope, send) if scope["path"].startswith(BELOW) else send


def _in_own_form(scope: Scope, send: Send) -> Send:
    start: Message | None = None
    problem = bytearray()

    async def rewritten(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start" and _is_problem(message):
            start = message
        elif start is None:
            await send(message)
        else:
            problem.extend(message.get("body", b""))
            if not message.get("more_body"):
                made = _error(scope["path"], json.loads(bytes(problem)))
                dropped = (b"content-type", b"content-length")
                kept = [each for each in start["headers"] if each[0].lower() not in dropped]
                await send({**start, "status": made.status_code, "headers": [*kept, *made.raw_headers]})
                await send({"type": "http.response.body", "body": made.body})

    return rewritten


def _is_problem(message: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(MEDIA_TYPE.encode())
        for name, value in message["headers"]
    )


def _error(path: str, problem: dict[str, Any]) -> Response:
    """A problem as a list of errors, each with the status as its code."""
    status = _STATUSES.get(problem["status"], problem["status"])
    found = [f"{_name(each['pointer'])}：{each['reason']}" for each in problem.get("errors", ())]
    errors = [{"code": status, "description": text} for text in found or [problem["detail"]]]
    return answer("json" if path.endswith(".json") else "xml", "errors", errors, status)


def _name(pointer: str) -> str:
    """What Open311 calls the field at a pointer, the part of a field as the field."""
    _, _, below = pointer.partition("/details/")
    if below:
        return f"attribute[{below.partition('/')[0]}]"
    field = "/".join(pointer.split("/")[:2])
    return _FIELDS.get(pointer) or _FIELDS.get(field) or pointer.lstrip("/?").removeprefix("header:")
