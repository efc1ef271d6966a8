"""The smallest service there is: an answer of 1.2 kB to everything. What is in front of it is what is measured."""

from starlette.types import Receive, Scope, Send

_BODY = b'{"items":["' + b"x" * 1180 + b'"]}'
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_BODY))],
}


async def app(scope: Scope, _: Receive, send: Send) -> None:
    """The service as an ASGI application."""
    assert scope["type"] == "http"
    await send(_START)
    await send({"type": "http.response.body", "body": _BODY})
