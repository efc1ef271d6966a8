"""A subscriber of events that says 204 to each and, to a GET, how many different ones it has had."""

from starlette.types import Receive, Scope, Send

_had: set[bytes] = set()


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The receiver as an ASGI application."""
    assert scope["type"] == "http"
    while (await receive()).get("more_body"):
        pass
    if scope["method"] == "POST":
        _had.add(dict(scope["headers"])[b"webhook-id"])
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})
    else:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"%d" % len(_had)})
